# sqitch.plan, and released.sha256, the list of the changes that were released.
#
# A row of the list is "SHA256 NAME": the digest is of the change's line in the plan
# and of its deploy script, as sqitch identifies a deployed change by both.  Neither
# may change any more, and released changes keep their places before all others.

package Plan;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);

sub bytes_of {
    my ($path) = @_;

    open my $file, '<:raw', $path or return undef;
    local $/ = undef;

    return scalar <$file>;
}

# The changes in order, each { name, line }.
sub changes {
    my ($folder) = @_;
    my $plan = bytes_of("$folder/sqitch.plan") // die "$folder/sqitch.plan: $!\n";

    return map { {name => /^(\w+)/, line => $_} } $plan =~ /^(\w.*)$/mg;
}

# The rows of the list, each { name, sha256 }.
sub released {
    my ($folder) = @_;
    my $list = bytes_of("$folder/released.sha256") // die "$folder/released.sha256: $!\n";

    return map { {sha256 => $_->[0], name => $_->[1]} }
        map { [split] } grep { !/^#/ } split /\n/, $list;
}

sub digest {
    my ($folder, $change) = @_;

    return sha256_hex("$change->{line}\n" . (bytes_of("$folder/deploy/$change->{name}.sql") // ''));
}

# What is wrong with the plan, given what was released.
sub faults {
    my ($folder) = @_;
    my @changes = changes($folder);
    my @faults;

    for my $row (released($folder)) {
        my $change = shift @changes // {name => 'nothing', line => ''};

        if ($change->{name} ne $row->{name}) {
            push @faults, "sqitch.plan: $row->{name} is released, and in its place is $change->{name}";
        }
        elsif (digest($folder, $change) ne $row->{sha256}) {
            push @faults, "deploy/$row->{name}.sql: is released, and it or its line of the plan"
                . ' was edited: add a change instead';
        }
    }

    return @faults;
}

1;
