# A function is a paragraph: 20 lines are usual, 60 want a reason in
# t/layout/exceptions, 100 are refused; blocks nest three deep at most, and five
# parameters are enough.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot::Source qw(files functions exceptions);
use Test::More;

my %long = exceptions('long-function');
my %deep = exceptions('deep-function');
my %wide = exceptions('wide-function');
my @lengths;

for my $path (files(qr{\.c\z})) {
    my @faults;

    for my $function (functions($path)) {
        push @lengths, $function->{length};
        push @faults, faults("$path:$function->{name}", $function);
    }

    is join("\n", @faults), '', $path;
}

sub faults {
    my ($subject, $function) = @_;
    my ($length, $depth, $parameters) = @$function{qw(length depth parameters)};
    my @faults;

    push @faults, "$subject: $length lines" if $length > 100 || $length > 60 && !delete $long{$subject};
    push @faults, "$subject: nests $depth deep" if $depth > 3 && !delete $deep{$subject};
    push @faults, "$subject: $parameters parameters" if $parameters > 5 && !delete $wide{$subject};

    return @faults;
}

is join(' ', sort(keys %long, keys %deep, keys %wide)), '', 'every exception is still one';

@lengths = sort { $a <=> $b } @lengths;
note sprintf('%d functions, median %d lines, 90th percentile %d', scalar @lengths,
             $lengths[@lengths / 2], $lengths[@lengths * 0.9]) if @lengths;

done_testing;
