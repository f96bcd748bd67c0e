# A wall clock that is stepped while nginx serves: buckets are neither filled nor
# emptied by it, the minutes of refill=minute move once, and answers tell the time
# that it is.

use strict;
use warnings;
use Fcntl qw(O_CREAT O_WRONLY);
use File::Temp ();
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mojo::Date;
use Mojo::UserAgent;
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Build qw(run);
use Test::DevPilot::Folder;
use Test::DevPilot::Nginx;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;
use Time::HiRes qw(time);

use constant HOUR_S => 3600;

my $folder = File::Temp::tempdir('devpilot-clock.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my ($compiler) = Test::DevPilot::Folder::slurp(Test::DevPilot::Folder::build() . '/config.mk') =~ /^CC = (.*)$/m;
my ($status, $said) = run(Test::DevPilot::Folder::root(), split(' ', $compiler),
                          qw(-std=gnu11 -Wall -Wextra -Werror -O1 -shared -fPIC -o), "$folder/clock_step.so",
                          't/edge/clock/clock_step.c', '-ldl');

is $status, 0, 'the clock is built' or BAIL_OUT($said);
chmod(0755, $folder);

# Written in place: nginx has it mapped.
sub step {
    my ($seconds) = @_;

    sysopen(my $out, "$folder/step", O_WRONLY | O_CREAT) or die "step: $!\n";
    syswrite($out, pack('q', $seconds));
}

step(0);

my $nginx = Test::DevPilot::Nginx->new;
my $ua = Mojo::UserAgent->new;

$nginx->preload("$folder/clock_step.so", CLOCK_STEP_FILE => "$folder/step");

sub get { $ua->get($nginx->url . '/health/live')->res }

sub refused {
    my $response;

    for (1 .. 50) {
        $response = get();
        last if $response->code == 429;
    }

    return $response;
}

# The time that an error tells, in seconds from ours.
sub told_s {
    my ($response) = @_;
    my ($date) = $response->headers->date;

    return Mojo::Date->new($date)->epoch - time;
}

subtest 'RL-01: a bucket is not filled by a step, nor emptied' => sub {
    $nginx->start(http => 'devpilot_limit address rate=1/h burst=3;', server => 'devpilot on;');

    my $refused = refused();

    refused_ok $refused, 'RATE_LIMIT_IP', 'none is left';

    for my $hours (2, -2, 24 * 365, 0) {
        step($hours * HOUR_S);
        ok wait_until(sub { abs(told_s(get()) - $hours * HOUR_S) < 5 }), "the clock is stepped to $hours h from now";
        $refused = get();
        refused_ok $refused, 'RATE_LIMIT_IP', 'none has come back';
        cmp_ok $refused->headers->header('Retry-After'), '>', HOUR_S - 120, 'the first one does in an hour';
        cmp_ok $refused->headers->header('Retry-After'), '<=', HOUR_S, 'and no later';
    }

    is $nginx->stop, 0, 'a clean end';
};

subtest 'RL-07 C02: the minute of the day moves with the clock, once' => sub {
    my $until_full = sub { 60 - (time + $_[0]) % 60 };

    $nginx->start(http => 'devpilot_limit address rate=2/m burst=2 refill=minute;', server => 'devpilot on;');
    cmp_ok abs(refused()->headers->header('Retry-After') - $until_full->(0)), '<=', 2, 'until the full minute';

    for my $step (20, -20, HOUR_S + 30) {
        step($step);
        ok wait_until(sub { abs(told_s(get()) - $step) < 5 }), "the clock is stepped by $step s";
        cmp_ok abs(refused()->headers->header('Retry-After') - $until_full->($step)), '<=', 2, 'until the full minute of then';
    }

    step(0);
    is $nginx->stop, 0, 'a clean end';
};

done_testing;
