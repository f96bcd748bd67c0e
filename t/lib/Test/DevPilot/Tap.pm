# Programs that speak TAP themselves (Check's and pgTAP's), each as a subtest.

package Test::DevPilot::Tap;

use strict;
use warnings;
use Exporter 'import';
use TAP::Parser;
use Test::More;

our @EXPORT_OK = qw(tap_ok);

# Runs a command and passes its results on under `name`.  A program that prints
# no plan, or too little, or exits with something else than 0, has failed.
sub tap_ok {
    my ($name, @command) = @_;

    subtest $name => sub {
        my $parser = TAP::Parser->new({exec => \@command, merge => 1});

        while (my $result = $parser->next) {
            pass_on($result);
        }

        is $parser->exit, 0, 'exit status';
        is join('; ', $parser->parse_errors), '', 'complete';
    };
}

sub pass_on {
    my ($result) = @_;

    if ($result->is_test) {
        ok $result->is_ok, $result->description =~ s/\A- //r;
    } elsif (!$result->is_plan && $result->as_string =~ /\S/) {
        note $result->as_string;
    }
}

1;
