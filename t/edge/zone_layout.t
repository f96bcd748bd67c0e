# Shared memory that another version of the module laid out: a reload is not refused
# for it, the zone starts empty with a warning, and requests are served.
#
# The layout's number is changed in the memory of nginx's master, where it is kept.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Creation qw(create);
use Test::DevPilot::Folder;
use Test::DevPilot::Prometheus;
use Test::More;

use constant LARGEST => 64 << 20;

my $stack = Test::DevPilot->start(processes => 1);
my %zone = zones();

$stack->edit_config(sub { $_ = 'error_log "' . $stack->folder . "/log/nginx.log\" warn;\n$_" });

is create($stack)->{status}, 201, 'a project';
ok served() > 0, 'is counted';

subtest 'kept over a reload' => sub {
    my $before = served();

    $stack->reload;
    cmp_ok served(), '>=', $before, 'the counts go on';
    unlike $stack->log('nginx'), qr/it starts empty/, 'without a word';
};

my $changed = change_layouts();

subtest 'of another layout' => sub {
    plan skip_all => "nginx's memory cannot be written here" unless $changed;

    $stack->reload;
    like $stack->log('nginx'),
        qr/\[warn\].*shared zone "$_" has layout @{[$zone{$_}{layout} + 1]}, not $zone{$_}{layout}: it starts empty/,
        $_ for sort keys %zone;
    is served(), 0, 'the counts begin anew';
    is create($stack)->{status}, 201, 'projects are created';
    is served(), 1, 'and counted';
};

subtest 'and then kept again' => sub {
    plan skip_all => 'none is of another layout' unless $changed;

    $stack->reload;
    is served(), 1, 'the counts go on';
    is scalar(() = $stack->log('nginx') =~ /it starts empty/g), scalar keys %zone, 'one warning was for each zone';
};

$stack->finish;
done_testing;

# What the module's source says of its zones: {NAME => {magic, layout}}.
sub zones {
    my $text = join('', map { Test::DevPilot::Folder::slurp($_) }
        glob(Test::DevPilot::Folder::root() . '/ngx_devpilot_module/*.c'));
    my %found;

    while ($text =~ /\.name = ngx_string\("(devpilot_\w+)"\),\s+\.magic = (0x[0-9a-f]+),\s+\.layout = (\d+),/g) {
        $found{$1} = {magic => hex $2, layout => $3};
    }

    return %found;
}

# Writes the next layout's number behind each zone's magic; false where the system
# does not allow it.
sub change_layouts {
    my $pid = $stack->pid('nginx');

    open(my $memory, '+<:raw', "/proc/$pid/mem") or return 0;

    for my $range (shared_ranges($pid)) {
        my ($from, $to) = @$range;

        next if $to - $from > LARGEST;
        sysseek($memory, $from, 0);
        sysread($memory, my $bytes, $to - $from) or return 0;

        for my $zone (values %zone) {
            my $at = index($bytes, pack('L L', $zone->{magic}, $zone->{layout}));

            next if $at < 0;
            sysseek($memory, $from + $at + 4, 0);
            syswrite($memory, pack('L', $zone->{layout} + 1)) or return 0;
        }
    }

    return 1;
}

sub shared_ranges {
    my ($pid) = @_;

    no warnings 'portable';
    return map { /\A([0-9a-f]+)-([0-9a-f]+) rw-s/ ? [hex $1, hex $2] : () }
        split(/\n/, Test::DevPilot::Folder::slurp("/proc/$pid/maps"));
}

# createProject's successes, as the edge counts them.
sub served {
    return Test::DevPilot::Prometheus::sample(
        $stack, 'devpilot_edge_requests_total{operation="createProject",status="2xx"}');
}
