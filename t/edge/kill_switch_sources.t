# The sources of a kill switch that this host has: directive, environment, file.
# Each alone, several together, and that none clears another's switch.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Folder;
use Test::DevPilot::Nginx;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $stack = Test::DevPilot->start(environment => {OPS_KILL_SWITCH => 'GLOBAL_WRITE, BILLING'});
my ($file) = Test::DevPilot::Folder::slurp($stack->nginx_conf) =~ /devpilot_kill_switch_file "(.*)";/;

sub create { $stack->create_project({name => 'A write'}) }

sub source_has {
    my ($source, $name) = @_;

    return Test::DevPilot::Prometheus::sample($stack, qq(devpilot_kill_switch_source{name="$name",source="$source"}));
}

sub is_on {
    my ($name) = @_;

    return Test::DevPilot::Prometheus::sample($stack, qq(devpilot_kill_switch{name="$name"}));
}

# Starts nginx or the worker anew, as its supervisor does.
sub start_again {
    my ($name) = @_;
    my $pid = $stack->pid($name);

    $stack->signal($name, $name eq 'nginx' ? 'QUIT' : 'TERM');
    ok wait_until(sub { $stack->pid($name) != $pid && $stack->get('/projects')->is_success }), "$name is started again";
}

sub file_says {
    my ($text) = @_;

    Test::DevPilot::Folder::spew("$file.new", $text);
    rename("$file.new", $file) or die "$file: $!\n";
}

subtest 'the environment turns them on from the start (KS-03)' => sub {
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'a write';
    is $stack->get('/projects')->code, 200, 'reading goes on';
    refused_ok $stack->get('/health/ready', key => undef), 'OPS_NOT_READY', 'not ready (KS-06)';
    is $stack->get('/health/ready?scope=read', key => undef)->code, 200, 'but for reading';
    is join(' ', map { source_has('environment', $_) } qw(GLOBAL_WRITE BILLING AI)), '1 1 0', 'as it says';
    is is_on('BILLING'), 1, 'a switch is on when any source says so';
    is source_has('directive', 'GLOBAL_WRITE'), 0, 'the directive does not';
};

subtest 'the environment of nginx alone (KS-03)' => sub {
    local $ENV{OPS_KILL_SWITCH} = 'GLOBAL_WRITE';

    my $nginx = Test::DevPilot::Nginx->new;
    my $ua = $stack->ua;

    $nginx->start(server => 'devpilot on;');
    like $ua->get($nginx->url . '/metrics')->res->body,
        qr/^devpilot_kill_switch_source\{name="GLOBAL_WRITE",source="environment"\} 1$/m, 'turns it on without a worker';
    refused_ok $ua->post($nginx->url . '/projects')->res, 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'a write';

    delete $ENV{OPS_KILL_SWITCH};
    ok $nginx->reload(server => 'devpilot on;'), 'a reload';
    refused_ok $ua->post($nginx->url . '/projects')->res, 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'leaves it on';
    is $nginx->stop, 0, 'a clean end';
};

subtest 'nothing else clears it, no reload and no start (KS-03)' => sub {
    $stack->edit_config(sub { s/(devpilot_kill_switch GLOBAL_WRITE) \w+;/$1 off;/ });
    $stack->query("update dp.kill_switch set enabled = false");
    file_says("# nothing\n");
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'after a reload';

    start_again($_) for qw(nginx worker);
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'after a start of both';
};

subtest 'the worker refuses by itself what an edge lets through (KS-03)' => sub {
    my $other = Test::DevPilot->start;

    is $other->create_project({name => 'Before'})->code, 201, 'it has no switch on';
    Test::DevPilot::Folder::spew($other->worker_conf,
                                 Test::DevPilot::Folder::slurp($other->worker_conf) . "kill_switch = GLOBAL_WRITE\n");
    $other->signal('worker', 'TERM');
    ok wait_until(sub { $other->create_project({name => 'After'})->code == 503
                        && $other->get('/projects')->is_success }), 'a worker that was told';
    refused_ok $other->create_project({name => 'After'}), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'refuses';
    ok wait_until(sub { $other->get('/health/ready', key => undef)->code == 503 }), 'and is not ready (KS-06)';
    $other->finish;
};

$stack->finish;

# --- the file -------------------------------------------------------------------------

$stack = Test::DevPilot->start;
($file) = Test::DevPilot::Folder::slurp($stack->nginx_conf) =~ /devpilot_kill_switch_file "(.*)";/;

sub refuses { wait_until(sub { create()->code == 503 }) }
sub accepts { wait_until(sub { create()->code == 201 }) }

subtest 'the file turns them on and off, without a reload (KS-01, KS-05)' => sub {
    is create()->code, 201, 'one that is missing turns nothing on';
    file_says("# runbook 7\nGLOBAL_WRITE disk is full\n\nAI # too dear\n");
    ok refuses(), 'a write is refused within moments';
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'by that switch';
    is join(' ', map { source_has('file', $_) } qw(GLOBAL_WRITE AI BILLING)), '1 1 0', 'as it says';

    file_says("AI\n");
    ok accepts(), 'the name is gone, and so is the switch';
    file_says("GLOBAL_WRITE\n");
    ok refuses(), 'on again';
    unlink $file;
    ok accepts(), 'without the file none is on';
};

subtest 'a file that cannot be read changes nothing (KS-01)' => sub {
    $stack->expect(qr/\[alert\].*kill switches stay as they are/);

    file_says("GLOBAL_WRITE\n");
    ok refuses(), 'on';

    my %bad = (
        "BILING\n"              => 'a line without a kill switch\'s name in .*, line 1',
        "AI\n\nGLOBAL_WRITE,AI" => 'a line without a kill switch\'s name in .*, line 3',
        "\n" x 9000            => 'too many bytes',
    );

    for my $text (sort keys %bad) {
        file_says($text);
        ok wait_until(sub { $stack->log('nginx') =~ /\[alert\].*: $bad{$text}/ }), "an alert: $bad{$text}";
        refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'and it stays on';
    }

    # in one step: without the file nothing would be on
    symlink('/', "$file.new");
    rename("$file.new", $file) or die "$file: $!\n";
    ok wait_until(sub { $stack->log('nginx') =~ /\[alert\].*not a regular file/ }), 'an alert: a folder';
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'and it stays on';
    unlink $file;
    ok accepts(), 'gone';
};

subtest 'a reload reads the file first (KS-05)' => sub {
    file_says("GLOBAL_WRITE\n");
    $stack->reload;
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'at once';

    $stack->edit_config(sub { s/(devpilot_kill_switch_file) "(.*)";/$1 "$2.other";/ });
    is create()->code, 201, 'another file, other switches';
    Test::DevPilot::Folder::spew("$file.other", "GLOBAL_WRITE\n");
    ok refuses(), 'the new one counts';
    unlink "$file.other";
    ok accepts(), 'only';
    $stack->edit_config(sub { s/\.other";/";/ });
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'back';
    unlink $file;
    ok accepts(), 'and off';
};

subtest 'sources are added up (KS-01)' => sub {
    $stack->edit_config(sub { s/(devpilot_kill_switch GLOBAL_WRITE) \w+;/$1 on;/ });
    file_says("GLOBAL_WRITE\n");
    ok wait_until(sub { source_has('file', 'GLOBAL_WRITE') }), 'two of them';
    $stack->edit_config(sub { s/(devpilot_kill_switch GLOBAL_WRITE) \w+;/$1 off;/ });
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'the file alone';
    $stack->edit_config(sub { s/(devpilot_kill_switch GLOBAL_WRITE) \w+;/$1 on;/ });
    unlink $file;
    ok wait_until(sub { !source_has('file', 'GLOBAL_WRITE') }), 'the file is gone';
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'the directive alone';
    $stack->edit_config(sub { s/(devpilot_kill_switch GLOBAL_WRITE) \w+;/$1 off;/ });
    is create()->code, 201, 'none of them';
};

$stack->finish;

done_testing;
