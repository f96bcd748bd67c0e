# The difference between the schema of a database and the one it should have.

package Drift;

use strict;
use warnings;

# Lines that say what differs; both as Database::objects() returns them.
sub differences {
    my ($planned, $found) = @_;
    my %names = map { $_ => 1 } keys %$planned, keys %$found;
    my @lines;

    for my $name (sort grep { !comes_and_goes($_, $planned, $found) } keys %names) {
        if (!$found->{$name}) {
            push @lines, "$name: is missing";
        }
        elsif (!$planned->{$name}) {
            push @lines, "$name: is not in the plan";
        }
        elsif ($planned->{$name}{definition} ne $found->{$name}{definition}) {
            push @lines, "$name: differs (- plan, + database)",
                changed_lines(map { $_->{$name}{definition} } $planned, $found);
        }
    }

    return @lines;
}

# Partitions are made and dropped as time goes by, and all that is theirs.
sub comes_and_goes {
    my ($name, $planned, $found) = @_;
    my $partition = ($planned->{$name} // $found->{$name})->{partition} // return 0;

    return !$planned->{"table $partition"} || !$found->{"table $partition"};
}

sub changed_lines {
    my @sides = map { [split /\n/] } @_;
    my @has = map { +{map { $_ => 1 } @$_} } @sides;

    return (map {"    - $_"} grep { !$has[1]{$_} } @{$sides[0]}),
        (map {"    + $_"} grep { !$has[0]{$_} } @{$sides[1]});
}

1;
