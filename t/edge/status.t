# devpilot_status: every member is there and says what is so, whatever else is down.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mojo::Date;
use Mojo::JSON qw(decode_json);
use Mojo::Util qw(url_escape);
use Sys::Hostname qw(hostname);
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Creation qw(creation);
use Test::DevPilot::Folder;
use Test::DevPilot::Hold;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;
use Time::HiRes qw(time);

use constant LISTED => 256; # subjects, at most

my $stack = Test::DevPilot->start;
my $socket = $stack->variable('DEVPILOT_STATUS_SOCKET');
my $module = Test::DevPilot::Folder::build() . '/ngx_http_devpilot_module.so';

# Small tables are looked at as a whole; what is held is not to meet its deadline.
$stack->edit_config(sub {
    s/^(?=events )/error_log "@{[$stack->folder]}\/log\/nginx.log" notice;\n/m;
    s/(devpilot_deadline) \S+;/$1 30s;\ndevpilot_principal_zone 64k;\ndevpilot_bucket_zone 64k;\ndevpilot_abuse_zone 1m;/;
    s/(devpilot_abuse) shadow;/$1 on;/;
});

sub ask { $stack->ua->start($stack->ua->build_tx($_[0] => 'http+unix://' . url_escape($socket) . '/status', {Host => 'devpilot'}))->res }

sub status { decode_json(ask('GET')->body) }

# By a member that names them.
sub by {
    my ($member, $list) = @_;

    return {map { $_->{$member} => $_ } @$list};
}

sub seconds {
    my ($text) = @_;

    return Mojo::Date->new($text =~ s/\.\d+Z\z/Z/r)->epoch;
}

sub keys_ok {
    my ($object, $members, $name) = @_;

    is join(' ', sort keys %$object), join(' ', sort split(' ', $members)), "the members of $name";
}

subtest 'OBS-10 the answer' => sub {
    my $response = ask('GET');

    is $response->code, 200, 'is there';
    is $response->headers->content_type, 'application/json', 'as JSON';
    is $response->headers->cache_control, 'no-store', 'of the moment';
    is system("printf '%s' '" . $response->body . "' | jq -e . >/dev/null"), 0, 'that jq takes';
    is scalar(() = $response->body =~ /[^\x20-\x7e]/g), 0, 'on one line';

    my $head = ask('HEAD');

    is $head->code, 200, 'HEAD';
    cmp_ok $head->headers->content_length, '>', 1000, 'tells the length';
    is $head->body, '', 'and no more';
};

subtest 'OBS-10 every member' => sub {
    my $status = status();

    keys_ok($status, 'build instance pid processes configuration control killSwitches workers zones plans abuse spool', 'all');
    keys_ok($status->{build}, 'version id', 'build');
    keys_ok($status->{configuration}, 'generation loadedAt file', 'configuration');
    keys_ok($status->{control}, 'generation feedAgeMs fresh', 'control');
    keys_ok($status->{abuse}, 'mode tiers subjects more', 'abuse');
    keys_ok($status->{abuse}{tiers}, 'warn throttle block', 'tiers');
    keys_ok($status->{spool}, 'file events dropped full', 'spool');
    keys_ok($_, 'pid generation draining inFlight', 'a process') for @{$status->{processes}};
    keys_ok($_, 'name on sources', $_->{name}) for @{$status->{killSwitches}};
    keys_ok($_, 'endpoint state inFlight', 'a worker') for @{$status->{workers}};
    keys_ok($_, 'rank userBurst userPerMinute projectBurst projectPerMinute', 'a plan') for @{$status->{plans}};

    is $status->{instance}, hostname(), 'the instance';
    is $status->{abuse}{mode}, 'on', "the abuse tiers' mode";
    is_deeply $status->{spool}, {file => $stack->folder . '/nginx/events', events => 0, dropped => 0, full => Mojo::JSON->false}, 'the spool';
    is join(' ', map { $_->{rank} } sort { $a->{rank} <=> $b->{rank} } @{$status->{plans}}),
        join(' ', split(/\n/, $stack->query('select rank from dp.plan order by rank'))), 'the plans';
};

subtest 'OBS-10 the build is the one that the file is' => sub {
    my ($version) = Test::DevPilot::Folder::slurp(Test::DevPilot::Folder::root() . '/ChangeLog') =~ /^Changes with DevPilot (\S+)/;
    my ($id) = `readelf -n $module` =~ /Build ID: ([0-9a-f]+)/;

    ok $id, 'the file has an id';
    is_deeply status()->{build}, {version => $version, id => $id}, 'nginx runs it';
    like $stack->log('nginx'), qr/\[notice\].* devpilot \Q$version\E build $id$/m, 'the error log names it';
};

subtest 'OBS-10 processes' => sub {
    ok wait_until(sub { !grep { $_->{generation} != status()->{control}{generation} } @{status()->{processes}} }, 10),
        'each has told how far it is';

    my $status = status();

    is join(' ', sort { $a <=> $b } map { $_->{pid} } @{$status->{processes}}), join(' ', $stack->nginx_processes), 'the two that run';
    ok by('pid', $status->{processes})->{$status->{pid}}, 'one of them answers';
    is scalar(grep { $_->{draining} || $_->{inFlight} } @{$status->{processes}}), 0, 'none drains or has anything to do';
    cmp_ok $status->{control}{generation}, '>', 0, 'the control state is known';
    is $status->{control}{fresh}, Mojo::JSON->true, 'and fresh';
    cmp_ok $status->{control}{feedAgeMs}, '<', 5000, 'that is, new';
};

subtest 'OBS-10 a process that drains' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my ($write) = Test::DevPilot::Connection::send_all($stack, creation());

    ok $hold->has(1), 'a write is under way';
    is scalar(grep { $_->{inFlight} == 1 } @{status()->{processes}}), 1, 'in one process';

    my ($busy) = map { $_->{pid} } grep { $_->{inFlight} } @{status()->{processes}};

    $stack->reload;

    my $processes = by('pid', status()->{processes});

    is_deeply [@{$processes->{$busy}}{qw(draining inFlight)}], [Mojo::JSON->true, 1], 'which drains';
    is scalar(grep { !$_->{draining} } values %$processes), 2, 'two others serve';
    $hold->release;
    is $write->response->code, 201, 'the write succeeds';
    ok wait_until(sub { 2 == @{status()->{processes}} }, 10), 'the process is gone';
};

subtest 'OBS-10 a reload is counted when it took effect' => sub {
    my $before = status()->{configuration};

    is $before->{file}, $stack->nginx_conf, 'the file';
    wait_until(sub { time >= 1 + seconds($before->{loadedAt}) }, 5);
    $stack->reload;

    my $after = status()->{configuration};

    is $after->{generation}, $before->{generation} + 1, 'one more';
    cmp_ok seconds($after->{loadedAt}), '>', seconds($before->{loadedAt}), 'later';
    cmp_ok abs(seconds($after->{loadedAt}) - time), '<', 10, 'and that was now';

    my $config = Test::DevPilot::Folder::slurp($stack->nginx_conf);

    $stack->expect(qr/unknown directive "devpilot_nonsense"/);
    Test::DevPilot::Folder::spew($stack->nginx_conf, $config =~ s/^(?=events )/devpilot_nonsense;\n/mr);
    $stack->signal('nginx', 'HUP');
    ok wait_until(sub { $stack->log('nginx') =~ /devpilot_nonsense/ }, 10), 'one that is refused';
    Test::DevPilot::Folder::spew($stack->nginx_conf, $config);
    is_deeply status()->{configuration}, $after, 'is not';
};

subtest 'OBS-10 kill switches and who has them on' => sub {
    my $file = $stack->folder . '/nginx/kill-switches';
    my $on = sub { +{map { $_->{name} => join(' ', @{$_->{sources}}) } grep { $_->{on} } @{status()->{killSwitches}}} };

    is scalar @{status()->{killSwitches}}, 7, 'there are seven';
    is_deeply $on->(), {}, 'none is on';
    $stack->edit_config(sub { s/(devpilot_kill_switch GLOBAL_WRITE) off/$1 on/ });
    is_deeply $on->(), {GLOBAL_WRITE => 'directive'}, 'one by the directive';
    Test::DevPilot::Folder::spew($file, "GLOBAL_WRITE a drill\nAI\n");
    ok wait_until(sub { keys %{$on->()} == 2 }, 5), 'another one by the file';
    is_deeply $on->(), {GLOBAL_WRITE => 'directive file', AI => 'file'}, 'and their sources';
    unlink($file);
    $stack->edit_config(sub { s/(devpilot_kill_switch GLOBAL_WRITE) on/$1 off/ });
    ok wait_until(sub { !%{$on->()} }, 5), 'off again';
};

subtest 'OBS-10 OBS-09 zones' => sub {
    $stack->get('/projects');
    my $zones = by('name', status()->{zones});
    my $samples = Test::DevPilot::Prometheus::samples($stack);

    is join(' ', sort keys %$zones), join(' ', map { "devpilot_$_" } qw(abuse buckets control events metrics principals)), 'all of them';
    is $zones->{devpilot_buckets}{bytes}, 64 << 10, 'as large as configured';
    is $zones->{devpilot_abuse}{bytes}, 1 << 20, 'each';
    is $zones->{devpilot_principals}{used}, 1, 'one principal is known';
    is $samples->{devpilot_edge_principal_slots_used}, 1, 'the metrics say so, too';
    is $samples->{devpilot_edge_principal_slots}, $zones->{devpilot_principals}{slots}, 'of as many';
    cmp_ok $zones->{devpilot_buckets}{used}, '<', $zones->{devpilot_buckets}{slots}, 'there are buckets left';
    is $zones->{devpilot_abuse}{used}, 0, 'nobody did anything';
    is $zones->{"devpilot_$_"}{overflows}, 0, "$_: nothing had no room" for qw(buckets abuse events);
    keys_ok($zones->{devpilot_control}, 'name bytes', 'a zone without slots');
    is $zones->{devpilot_events}{slots}, (1 << 20) / 512 - 1, 'slots of events';
};

subtest 'OBS-10 who is blocked, and why' => sub {
    my $bad_key = 'dp_' . 'A' x 8 . '_' . 'A' x 43;
    my $fails = sub {
        my ($address, $times) = @_;

        $stack->get('/me', key => $bad_key, headers => {'X-Forwarded-For' => $address}) for 1 .. $times;
    };

    $fails->('198.51.100.7', 12);
    $fails->('198.51.100.8', 40);

    my $abuse = status()->{abuse};

    is_deeply $abuse->{tiers}, {warn => 1, throttle => 0, block => 1}, 'one of each';
    is_deeply [map { "$_->{kind} $_->{subject} $_->{tier} $_->{score}" } @{$abuse->{subjects}}],
        ['address 198.51.100.8 BLOCK 40', 'address 198.51.100.7 WARN 12'], 'the worst first';
    is_deeply $abuse->{subjects}[0]{signals}, {auth => 40, burst => 0, probe => 0, honeypot => 0}, 'for that';
    cmp_ok abs(seconds($abuse->{subjects}[0]{until}) - time - 900), '<', 10, 'for a quarter of an hour';
    is $abuse->{more}, Mojo::JSON->false, 'there are no more';
    is by('name', status()->{zones})->{devpilot_abuse}{used}, 2, 'two subjects are known';

    $stack->edit_config(sub { s/^(?= *devpilot_abuse_probes )/    devpilot_abuse_threshold auth warn=1;\n/m });
    $fails->('203.0.' . int($_ / 250) . '.' . ($_ % 250 + 1), 1) for 1 .. LISTED;
    $abuse = status()->{abuse};
    is $abuse->{tiers}{warn}, LISTED + 1, 'a lot of them';
    is scalar @{$abuse->{subjects}}, LISTED, 'are cut';
    is $abuse->{more}, Mojo::JSON->true, 'which is said';
    is_deeply [map { $_->{subject} } @{$abuse->{subjects}}[0, 1]], ['198.51.100.8', '198.51.100.7'], 'the worst are there';
};

subtest 'OBS-10 a worker that is down' => sub {
    my $own = status()->{workers};

    like $own->[0]{endpoint}, qr{\Aunix:/.*/worker\.ipc\z}, 'the endpoint';
    is_deeply [map { "$_->{state} $_->{inFlight}" } @$own], ['ready 0'], 'is ready';

    $stack->hold('worker');
    $stack->signal('worker', 'KILL');
    ok wait_until(sub { status()->{workers}[0]{state} eq 'down' }, 10), 'is down when it is';
    ok wait_until(sub { !status()->{control}{fresh} }, 20), 'then the feed is not fresh for long';
    cmp_ok status()->{control}{feedAgeMs}, '>=', 5000, 'and old';
    $stack->release('worker');
    ok wait_until(sub { status()->{workers}[0]{state} eq 'ready' }, 20), 'ready again';
};

subtest 'OBS-10 who may ask, and how' => sub {
    my $post = ask('POST');

    is $post->code, 405, 'POST is refused';
    like $post->body, qr{<html>}, "with nginx's page";

    $stack->edit_config(sub { s/(location = \/status \{)/devpilot on;\n$1/ });
    is ask('GET')->code, 200, 'where operations are served';
    refused_ok(ask('POST'), 'METHOD_NOT_ALLOWED', 'it is refused in the envelope');

    $stack->edit_config(sub { s/(devpilot_status;)/$1 deny all;/ });
    is ask('GET')->code, 403, 'what nginx denies is denied';
    $stack->edit_config(sub { s/ deny all;// });
};

subtest 'OBS-10 a socket that a killed nginx left' => sub {
    my $old = $stack->pid('nginx');

    $stack->signal('nginx', 'KILL');
    ok wait_until(sub { $stack->pid('nginx') != $old && eval { status()->{configuration}{generation} } }, 20), 'is no obstacle';
    is status()->{configuration}{generation}, 1, 'the new one begins anew';
};

$stack->finish;
done_testing;
