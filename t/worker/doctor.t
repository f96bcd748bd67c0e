# devpilotctl doctor, each illness beside its healthy twin, and devpilotctl abuse:
# nginx's status is a stand-in's, one document per case; the worker is a real one.

use strict;
use warnings;
use File::Temp ();
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mojo::JSON qw(decode_json encode_json true false);
use POSIX qw(strftime);
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Ctl;
use Test::DevPilot::Folder;
use Test::DevPilot::StatusPuppet;
use Test::More;

use constant {USAGE => 64, UNAVAILABLE => 69};

my $stack = Test::DevPilot->start;
my $folder = File::Temp->newdir;
my $puppet = Test::DevPilot::StatusPuppet->start("$folder/status.sock");
my $module = Test::DevPilot::Folder::build() . '/ngx_http_devpilot_module.so';
my ($build_id) = `readelf -n "$module"` =~ /Build ID: ([0-9a-f]+)/ or die "readelf finds no build id\n";
my $conf = "$folder/nginx.conf";

sub file_write {
    my ($path, $text) = @_;

    open(my $file, '>', $path) or die "$path: $!\n";
    print {$file} $text;
    close($file) or die "$path: $!\n";

    return $path;
}

sub time_text { strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time + ($_[0] // 0))) }

file_write($conf, "events {}\n");

# What a healthy nginx says.
sub healthy {
    return {
        build         => {version => '0.1.0', id => $build_id},
        instance      => 'edge-1',
        pid           => 1,
        processes     => [map { {pid => 100 + $_, generation => 7, draining => false, inFlight => 0} } 1, 2],
        configuration => {generation => 3, loadedAt => time_text(1), file => $conf},
        control       => {generation => 7, feedAgeMs => 12, fresh => true},
        killSwitches  => [map { {name => $_, on => false, sources => []} } qw(GLOBAL_WRITE AI)],
        workers       => [map { {endpoint => "unix:/w$_", state => 'ready', inFlight => 0} } 1, 2],
        zones         => [
            {name => 'devpilot_control', bytes => 65536},
            {name => 'devpilot_buckets', bytes => 16777216, slots => 1000, used => 500, overflows => 0},
        ],
        abuse => {
            mode     => 'on',
            tiers    => {warn => 1, throttle => 0, block => 1},
            subjects => [
                {kind => 'address', subject => '198.51.100.7', tier => 'BLOCK', score => 41,
                 signals => {auth => 40, probe => 1, burst => 0}, until => '2026-11-20T10:00:00Z'},
                {kind => 'credential', subject => '7b0c1f6e-0000-4000-8000-000000000001', tier => 'WARN', score => 9,
                 signals => {auth => 0, probe => 0, burst => 9}, until => undef},
            ],
        },
        spool => {file => undef, events => 0, dropped => 0, full => false},
    };
}

sub doctor { Test::DevPilot::Ctl::run($stack, 'doctor', '--status', $puppet->socket, '--module', $module, @_) }

# The check's row, and the whole, when nginx's document is changed so.
sub finding {
    my ($name, $change, @options) = @_;
    my $document = healthy();

    $change->(local $_ = $document);
    $puppet->says(encode_json($document));

    my $said = doctor('--json', @options);
    my ($row) = grep { $_->{name} eq $name } @{decode_json($said->{out})->{checks}};

    return ($row, $said);
}

sub found {
    my ($what, $name, $level, $says, $change, @options) = @_;
    my ($row, $said) = finding($name, $change, @options);

    is $row->{level}, $level, "$what: $level" or diag explain $said;
    like $row->{says}, $says, 'and says why';
    is $said->{status}, $level eq 'problem' ? 1 : 0, 'and the exit code';
    is !!$row->{mend}, $level =~ /problem|warning|note/ ? !!1 : !!0, 'how to mend it';

    return $row;
}

ok wait_until(sub { (finding('database', sub { }))[0]{level} eq 'ok' }), 'the worker has looked at its database';

subtest 'all is well (OBS-10)' => sub {
    $puppet->says(encode_json(healthy()));

    my $said = doctor();

    is $said->{status}, 0, 'exit code' or diag explain $said;
    is join(' ', $said->{out} =~ /^(\S+) +ok /mg),
        'nginx module configuration processes feed workers zones spool kill-switches console database schema',
        'every check is a row';
    unlike $said->{out}, qr/^ +>/m, 'and nothing is to be mended';
    unlike $said->{out}, qr/\033/, 'no colours where nobody sees them';
    is $said->{err}, '', 'nothing else';
    is decode_json(doctor('--json')->{out})->{healthy}, true, 'also as JSON';

    local $ENV{DEVPILOT_STATUS_SOCKET} = $puppet->socket;
    is Test::DevPilot::Ctl::run($stack, 'doctor', '--module', $module)->{status}, 0, 'the socket of the environment';
};

subtest 'a replaced module that was not loaded (OBS-10)' => sub {
    found('another build', 'module', 'problem', qr/runs build 00ff, but \Q$module\E is build $build_id/,
          sub { $_->{build}{id} = '00ff' });
    found('the same build', 'module', 'ok', qr/build $build_id/, sub { });
    found('a file that is none', 'module', 'warning', qr/no build id/, sub { }, '--module', $conf);
    is((finding('module', sub { }, '--module', "$folder/none"))[0]{level}, 'unknown', 'no file');
    is((finding('module', sub { }, '--module', $folder))[0]{level}, 'unknown', 'a folder');
    is((finding('module', sub { }, '--module', '/dev/zero'))[0]{level}, 'unknown', 'a device');
};

subtest 'a reload that was refused (OBS-10)' => sub {
    my $before = sub { $_->{configuration}{loadedAt} = time_text(-60) };
    my $accepts = file_write("$folder/accepts", "#!/bin/sh\necho \"\$*\" >$folder/arguments\n");
    my $refuses = file_write("$folder/refuses", "#!/bin/sh\necho 'nginx: [emerg] unknown directive' >&2\nexit 1\n");

    chmod(0755, $accepts, $refuses);

    like found('a newer file', 'configuration', 'problem', qr/\Q$conf\E is newer than what nginx runs/, $before)->{mend},
        qr/\ARun nginx -t/, 'asks for nginx -t';
    like found('that nginx -t refuses', 'configuration', 'problem', qr/is newer/, $before, '--nginx', $refuses)->{mend},
        qr/\AMend what nginx -t says above/, 'which was run';
    like((finding('configuration', $before, '--nginx', $refuses))[1]{err}, qr/unknown directive/, 'and heard');
    like found('that it accepts', 'configuration', 'warning', qr/is newer/, $before, '--nginx', $accepts)->{mend},
        qr/accepts it: nginx -s reload/, 'only has to be loaded';
    is Test::DevPilot::Folder::slurp("$folder/arguments"), "-t -q -c $conf\n", 'nginx -t of that file';
    like found('--nginx that is none', 'configuration', 'problem', qr/is newer/, $before, '--nginx', "$folder/none")->{mend},
        qr/cannot be run/, 'is said';
    found('a file that was loaded', 'configuration', 'ok', qr/loaded at/, sub { });
    found('and is accepted', 'configuration', 'ok', qr/loaded at/, sub { }, '--nginx', $accepts);
    found('or is not any more', 'configuration', 'problem', qr/would not load it again/, sub { }, '--nginx', $refuses);
};

subtest 'the control feed (OBS-10)' => sub {
    found('stale', 'feed', 'problem', qr/stale, 9000 ms old/, sub { @{$_->{control}}{qw(feedAgeMs fresh)} = (9000, false) });
    found('never heard', 'feed', 'problem', qr/no worker has told/, sub { @{$_->{control}}{qw(feedAgeMs fresh)} = (undef, false) });
    found('fresh', 'feed', 'ok', qr/12 ms old/, sub { });
    found('without workers', 'feed', 'ok', qr/no feed expected/, sub { $_->{workers} = []; $_->{control}{fresh} = false });
};

subtest 'workers (OBS-10)' => sub {
    found('both down', 'workers', 'problem', qr{no worker: not ready is unix:/w1, unix:/w2\z},
          sub { $_->{state} = 'down' for @{$_->{workers}} });
    found('one connecting', 'workers', 'warning', qr{1 ready, but not unix:/w2\z}, sub { $_->{workers}[1]{state} = 'connecting' });
    found('both ready', 'workers', 'ok', qr/\A2 ready/, sub { });
};

subtest 'the spool (OBS-10)' => sub {
    found('full', 'spool', 'problem', qr/full: 90 events wait, 3 were lost/,
          sub { $_->{spool} = {file => '/s', events => 90, dropped => 3, full => true} });
    found('dropping', 'spool', 'warning', qr/3 events were lost/, sub { $_->{spool}{dropped} = 3 });
    found('waiting', 'spool', 'ok', qr/90 events wait, none/, sub { $_->{spool}{events} = 90 });
};

subtest 'zones (OBS-10)' => sub {
    found('overflown', 'zones', 'problem', qr/no room in devpilot_buckets /, sub { $_->{zones}[1]{overflows} = 1 });
    found('above one half', 'zones', 'warning', qr/more than half is taken of devpilot_buckets\z/, sub { $_->{zones}[1]{used} = 501 });
    found('a full cache', 'zones', 'ok', qr/2 zones/, sub { $_->{zones}[1]{used} = 1000; delete $_->{zones}[1]{overflows} });
    found('one half', 'zones', 'ok', qr/2 zones/, sub { });
};

subtest 'kill switches (OBS-10)' => sub {
    found('on', 'kill-switches', 'note', qr/\Aon: GLOBAL_WRITE, AI\z/, sub { $_->{on} = true for @{$_->{killSwitches}} });
    found('off', 'kill-switches', 'ok', qr/all off/, sub { });
};

subtest 'processes (OBS-10)' => sub {
    my $drains = sub { $_->{processes}[1]{draining} = true };
    my $long_ago = sub { $drains->(); $_->{configuration}{loadedAt} = time_text(-700) };

    found('behind', 'processes', 'warning', qr/1 of 2 processes have not applied .* 102\z/, sub { $_->{processes}[1]{generation} = 6 });
    utime(time - 900, time - 900, $conf);
    found('draining for long', 'processes', 'warning', qr/1 processes have been draining for more than 10 minutes, one is 102/, $long_ago);
    found('draining', 'processes', 'ok', qr/2 processes, 1 of them draining/, $drains);
};

subtest 'nginx does not answer as it should (OBS-10)' => sub {
    my $none = sub {
        my ($what, $says) = @_;
        my $said = doctor('--json');
        my %row = map { $_->{name} => $_ } @{decode_json($said->{out})->{checks}};

        is $said->{status}, 1, $what;
        is $row{nginx}{level}, 'problem', 'is a problem';
        like $row{nginx}{says}, $says, 'and named';
        is $row{feed}{level}, 'unknown', 'what it would tell is not known';
        is $row{database}{level}, 'ok', 'the worker is asked nevertheless';
    };

    $puppet->says('{"a":1,"a":2}');
    $none->('a name twice', qr/not JSON/);
    $puppet->says('[]');
    $none->('an array', qr/not an object/);
    $puppet->says('');
    $none->('nothing', qr/not JSON/);
    $puppet->says('{"a":"' . 'x' x (1024 * 1024) . '"}');
    $none->('more than a megabyte', qr/larger than 1048576/);
    $puppet->says('{"a":"' . 'x' x (1024 * 1024 - 8) . '"}');
    is decode_json(doctor('--json')->{out})->{checks}[0]{level}, 'ok', 'a megabyte is read';
    $puppet->refuses(404);
    $none->('a 404', qr/a 404/);

    my $nobody = Test::DevPilot::Ctl::run($stack, qw(doctor --json --status), "$folder/none");

    is $nobody->{status}, 1, 'nobody there';
    is decode_json($nobody->{out})->{checks}[0]{level}, 'problem', 'is a problem';
    is Test::DevPilot::Ctl::run($stack, qw(doctor --status /none --socket /none))->{status}, UNAVAILABLE, 'neither nginx nor a worker';
};

subtest 'strange documents do not harm (OBS-10)' => sub {
    for my $strange ('{}', '{"workers":{},"zones":[[]],"processes":[1],"control":[],"abuse":7}',
                     '{"zones":[{"slots":1e300,"used":"x"}],"configuration":{"file":7,"loadedAt":"soon"}}') {
        $puppet->says($strange);
        like doctor()->{status}, qr/\A[01]\z/, $strange;
    }

    my $evil = healthy();

    $evil->{configuration}{file} = "/tmp/\033[31m\x{9b}evil";
    $puppet->says(encode_json($evil));
    unlike doctor()->{out}, qr/\033|\xc2\x9b/, 'nothing orders the terminal about';
};

subtest 'who is slowed down or blocked (ABU-04)' => sub {
    my $abuse = sub { Test::DevPilot::Ctl::run($stack, '--status', $puppet->socket, 'abuse', @_) };

    $puppet->says(encode_json(healthy()));

    my $list = $abuse->('list');

    is $list->{status}, 0, 'listed' or diag explain $list;
    like $list->{out}, qr/^address +198\.51\.100\.7 +BLOCK +41  2026-11-20T10:00:00Z +(?:auth 40, probe 1|probe 1, auth 40)$/m, 'an address';
    like $list->{out}, qr/^credential +7b0c1f6e-\S+ +WARN +9  - +burst 9$/m, 'a credential';
    is scalar @{decode_json($abuse->('list', '--json')->{out})->{subjects}}, 2, 'as JSON';

    my $show = $abuse->('show', '198.51.100.7');

    is $show->{status}, 0, 'shown';
    like $show->{out}, qr/BLOCK +41/, 'with its score';
    unlike $show->{out}, qr/credential/, 'alone';
    is decode_json($abuse->('show', '198.51.100.7', '--json')->{out})->{score}, 41, 'as JSON';

    my $normal = $abuse->('show', '198.51.100.70');

    is "$normal->{status} $normal->{err}", "1 198.51.100.70 is NORMAL\n", 'one who is not there';

    my $calm = healthy();

    $calm->{abuse}{subjects} = [];
    $puppet->says(encode_json($calm));
    is $abuse->('list')->{out}, "mode on\nnobody is slowed down or blocked\n", 'nobody';
    is Test::DevPilot::Ctl::run($stack, qw(--status /none abuse list))->{status}, UNAVAILABLE, 'no nginx';
    is $abuse->('show')->{status}, USAGE, 'no subject';
    is doctor('now')->{status}, USAGE, 'doctor takes no word';
};

subtest 'the worker and its database (OBS-10)' => sub {
    my $gone = found('no worker', 'console', 'problem', qr/no worker answers at/, sub { }, '--socket', "$folder/none");

    like $gone->{mend}, qr/Start devpilot-worker/, 'is to be started';
    found('where none is configured', 'console', 'ok', qr/no worker is configured/, sub { $_->{workers} = [] }, '--socket', "$folder/none");

    my $newest = $stack->query("select change from sqitch.changes where project = 'devpilot' order by committed_at desc limit 1");
    my $rename = sub { $stack->query("update sqitch.changes set change = '$_[1]' where change = '$_[0]'") };

    $rename->($newest, 'elsewhere');
    ok wait_until(sub { (finding('schema', sub { }))[0]{level} eq 'problem' }, 20), 'a schema without the newest change: a problem';
    like((finding('schema', sub { }))[0]{says}, qr/no change \Q$newest\E,/, 'and which one');
    $rename->('elsewhere', $newest);
    ok wait_until(sub { (finding('schema', sub { }))[0]{level} eq 'ok' }, 20), 'it has it again';

    $stack->expect(qr/PANIC|terminated by signal|kill switches stay|does not answer|terminating/);
    $stack->hold('postgres');
    $stack->signal('postgres', 'KILL');
    ok wait_until(sub { (finding('database', sub { }))[0]{level} eq 'problem' }, 20), 'the database is gone: a problem';
    is((finding('schema', sub { }))[0]{level}, 'unknown', 'its schema is not known');
    is((finding('database', sub { }))[1]{status}, 1, 'and the exit code');
    $stack->release('postgres');
    ok wait_until(sub { (finding('database', sub { }))[0]{level} eq 'ok' }, 20), 'it is back';
    found('its schema', 'schema', 'ok', qr/built for/, sub { });
};

undef $puppet;

# The same of the stack's own nginx.
sub real {
    my $said = Test::DevPilot::Ctl::run($stack, 'doctor', '--json', '--status', $stack->variable('DEVPILOT_STATUS_SOCKET'),
                                        '--module', $module, @_);
    my %row = map { $_->{name} => $_ } @{decode_json($said->{out})->{checks}};

    return {%row, said => $said};
}

sub levels { join(' ', map { "$_->{name}=$_->{level}" } grep { $_->{level} ne 'ok' } @{decode_json($_[0]{said}{out})->{checks}}) }

# nginx as the stack starts it, to be given to --nginx.
sub nginx_program {
    my %build = Test::DevPilot::Folder::slurp(Test::DevPilot::Folder::build() . '/config.mk') =~ /^(\w+) :?= (.*)$/mg;
    my $preload = $build{ASAN_LIB} ? "LD_PRELOAD=$build{ASAN_LIB} ASAN_OPTIONS=detect_leaks=0" : '';
    my $path = file_write("$folder/nginx", qq{#!/bin/sh\nexec env $preload $build{NGINX} -e "$folder/error.log" "\$@"\n});

    chmod(0755, $path);

    return $path;
}

subtest 'a stack as it is: well, a replaced module, a refused reload (OBS-10)' => sub {
    ok wait_until(sub { levels(real()) eq '' }), 'all is well' or diag levels(real());
    is real('--nginx', nginx_program())->{configuration}{level}, 'ok', 'and nginx -t agrees';

    my $other = real('--module', Test::DevPilot::Folder::build() . '/devpilot-worker')->{module};

    is $other->{level}, 'problem', 'another file than the one that runs';
    like $other->{says}, qr/runs build $build_id, but/, 'by its id';

    my $path = $stack->nginx_conf;
    my $good = Test::DevPilot::Folder::slurp($path);

    $stack->expect(qr/unknown directive "devpilot_nonsense"/);
    Test::DevPilot::Folder::spew($path, $good =~ s/(http \{)/$1 devpilot_nonsense on;/r);
    utime(time + 2, time + 2, $path); # what is compared has seconds
    $stack->signal('nginx', 'HUP');
    ok wait_until(sub { $stack->log('nginx') =~ /devpilot_nonsense/ }), 'a reload is refused';
    is real()->{configuration}{level}, 'problem', 'the file is newer than what runs';

    my $refused = real('--nginx', nginx_program());

    like $refused->{configuration}{mend}, qr/\AMend what nginx -t says above/, 'nginx -t was run';
    like $refused->{said}{err}, qr/unknown directive "devpilot_nonsense"/, 'and said why';
    is levels($refused), 'configuration=problem', 'nothing else is wrong';
    Test::DevPilot::Folder::spew($path, $good);
    $stack->reload;
    ok wait_until(sub { levels(real()) eq '' }), 'well again' or diag levels(real());
};

subtest 'a stack without its worker (OBS-10)' => sub {
    $stack->hold('worker');
    $stack->signal('worker', 'KILL');
    ok wait_until(sub { levels(real()) =~ /\Afeed=problem workers=problem console=problem database=unknown schema=unknown\z/ }, 20),
        'everything that is missing, and nothing else' or diag levels(real());
    $stack->release('worker');
    ok wait_until(sub { levels(real()) eq '' }, 20), 'well again' or diag levels(real());
};

$stack->finish;

done_testing;
