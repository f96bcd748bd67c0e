# Prometheus' text format (0.0.4), read strictly: what a scraper would take.

package Test::DevPilot::Prometheus;

use strict;
use warnings;

my $name = qr/[a-zA-Z_:][a-zA-Z0-9_:]*/;
my $label = qr/[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*"/;
my $number = qr/[-+]?(?:\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|Inf)|NaN/;

# Returns {types => {metric => type}, samples => {'name{label="value"}' => number},
# faults => [...]}; a fault is a line, or what is wrong with the whole.
sub parse {
    my ($text) = @_;
    my $parsed = {types => {}, helps => {}, samples => {}, faults => []};

    push @{$parsed->{faults}}, 'no newline at the end' if $text !~ /\n\z/;
    read_line($parsed, $_) for split(/\n/, $text);
    push @{$parsed->{faults}}, histogram_faults($parsed);

    return $parsed;
}

sub read_line {
    my ($parsed, $line) = @_;

    if ($line =~ /\A# (HELP|TYPE) ($name) (\S.*)\z/) {
        my $known = $parsed->{$1 eq 'TYPE' ? 'types' : 'helps'};

        push @{$parsed->{faults}}, "again: $line" if exists $known->{$2};
        $known->{$2} = $3;
    } elsif ($line =~ /\A(($name)(?:\{$label(?:,$label)*\})?) ($number)\z/) {
        my ($sample, $metric, $value) = ($1, $2, $3);

        push @{$parsed->{faults}}, "again: $line" if exists $parsed->{samples}{$sample};
        push @{$parsed->{faults}}, "without a type: $line" if !type_of($parsed, $metric);
        $parsed->{samples}{$sample} = $value;
    } else {
        push @{$parsed->{faults}}, "not understood: $line";
    }
}

sub type_of {
    my ($parsed, $metric) = @_;
    my $family = $metric =~ s/_(?:bucket|sum|count)\z//r;

    return $parsed->{types}{$metric} // (($parsed->{types}{$family} // '') eq 'histogram' ? 'histogram' : undef);
}

# A histogram's buckets grow, end with +Inf, and that one is the count.
sub histogram_faults {
    my ($parsed) = @_;
    my @faults;

    for my $metric (grep { $parsed->{types}{$_} eq 'histogram' } sort keys %{$parsed->{types}}) {
        my %bucket = map { /\A\Q$metric\E_bucket\{le="([^"]+)"\}\z/ ? ($1 => $parsed->{samples}{$_}) : () }
            keys %{$parsed->{samples}};
        my @counts = map { $bucket{$_} } sort { $a <=> $b } keys %bucket;

        push @faults, "$metric has no bucket +Inf" if !exists $bucket{'+Inf'};
        push @faults, "$metric: a bucket is smaller than the one before"
            if grep { $counts[$_] < $counts[$_ - 1] } 1 .. $#counts;
        push @faults, "$metric: +Inf is not the count"
            if ($bucket{'+Inf'} // -1) != ($parsed->{samples}{"${metric}_count"} // -2);
    }

    return @faults;
}

# All samples of a stack, as they are now.
sub samples {
    my ($stack) = @_;

    return parse($stack->get('/metrics', key => undef)->body)->{samples};
}

# One of them, 'name{label="value"}'.
sub sample {
    my ($stack, $sample) = @_;

    return samples($stack)->{$sample} // die "there is no metric $sample\n";
}

1;
