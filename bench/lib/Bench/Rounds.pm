# Runs all measurements of a comparison round by round, so that what disturbs
# the machine for a while disturbs both sides.
#
# A cell is one line of the result: {name, reach, ours => load, theirs => load},
# where a load is a function of seconds that returns operations per second.

package Bench::Rounds;

use strict;
use warnings;
use Bench::Place;

use constant WARM_UP_S => 1;

# Returns the cells with {rates => {ours => [...], theirs => [...]}} added, an
# entry per round.
sub measure {
    my ($place, @cells) = @_;

    for my $cell (@cells) {
        $cell->{$_}->(WARM_UP_S) for qw(ours theirs);
    }

    for my $round (1 .. $place->{rounds}) {
        # Each second round the other way round: no side always comes first.
        my @order = $round % 2 ? qw(ours theirs) : qw(theirs ours);

        print STDERR "round $round of $place->{rounds}\n";

        for my $cell (@cells) {
            push @{$cell->{rates}{$_}}, $cell->{$_}->($place->{seconds}) for @order;
        }
    }

    return @cells;
}

sub median {
    my @sorted = sort { $a <=> $b } @_;
    my $middle = int(@sorted / 2);

    return @sorted % 2 ? $sorted[$middle] : ($sorted[$middle - 1] + $sorted[$middle]) / 2;
}

# The median of the rounds' ratios: each round is a pair taken side by side.
sub ratio {
    my ($cell) = @_;
    my ($ours, $theirs) = @{$cell->{rates}}{qw(ours theirs)};

    return median(map { $ours->[$_] / $theirs->[$_] } 0 .. $#$ours);
}

1;
