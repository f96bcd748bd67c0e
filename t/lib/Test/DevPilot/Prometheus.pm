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
    my (%bucket, %count);

    for my $sample (grep { type_of($parsed, /\A(\w+)/) eq 'histogram' } keys %{$parsed->{samples}}) {
        my ($name, $part, $labels) = $sample =~ /\A(\w+)_(bucket|sum|count)(?:\{(.*)\})?\z/ or return "strange: $sample";
        my $bound = ($labels //= '') =~ s/,?le="([^"]+)"// ? $1 : undef;

        $bucket{"$name $labels"}{$bound} = $parsed->{samples}{$sample} if $part eq 'bucket';
        $count{"$name $labels"} = $parsed->{samples}{$sample} if $part eq 'count';
    }

    return map { bucket_faults($_, $bucket{$_}, $count{$_} // -1) } sort keys %bucket;
}

sub bucket_faults {
    my ($name, $bucket, $count) = @_;
    my @counts = map { $bucket->{$_} } sort { $a <=> $b } keys %$bucket;

    return (
        (exists $bucket->{'+Inf'} ? () : "$name has no bucket +Inf"),
        (map { $counts[$_] < $counts[$_ - 1] ? "$name: a bucket is smaller than the one before" : () } 1 .. $#counts),
        (($bucket->{'+Inf'} // -2) == $count ? () : "$name: +Inf is not the count"),
    );
}

# All samples of a stack with one worker, as they are now; which one it is, is left
# out.
sub samples {
    my ($stack) = @_;
    my $samples = parse($stack->get('/metrics', key => undef)->body)->{samples};

    return {map { without_instance($_) => $samples->{$_} } keys %$samples};
}

sub without_instance {
    my ($sample) = @_;

    return $sample =~ s/\{instance="[^"]*"(?:,|(\}))/$1 ? '' : '{'/er;
}

# One of them, 'name{label="value"}'.
sub sample {
    my ($stack, $sample) = @_;

    return samples($stack)->{$sample} // die "there is no metric $sample\n";
}

1;
