# What a run says: a table of medians and ratios, and a JSON file with every
# round.

package Bench::Report;

use strict;
use warnings;
use JSON::PP ();
use Bench::Place;
use Bench::Rounds;
use DevPilot::Files;

# On what machine and with which versions; figures mean nothing without.
sub environment {
    my ($place) = @_;
    my ($nginx) = Bench::Place::output($place->{build}{NGINX}, '-v') =~ m{nginx/(\S+)};
    my ($postgres) = Bench::Place::output('pgbench', '--version') =~ /(\d[\d.]*)/;
    my ($model) = DevPilot::Files::slurp('/proc/cpuinfo') =~ /^model name\s*:\s*(.+)$/m;

    chomp(my $cores = Bench::Place::output('nproc'));

    return {
        cores      => $cores,
        processor  => $model // 'unknown',
        kernel     => (split ' ', DevPilot::Files::slurp('/proc/version'))[2],
        nginx      => $nginx,
        postgresql => $postgres,
        rounds     => $place->{rounds},
        seconds    => $place->{seconds},
    };
}

sub opening {
    my ($place) = @_;
    my $environment = $place->{environment} = environment($place);

    printf "%d cores (%s), Linux %s, nginx %s, PostgreSQL %s; medians of %d rounds of %d s\n",
        @$environment{qw(cores processor kernel nginx postgresql rounds seconds)};
}

sub table {
    my (@cells) = @_;

    printf "\n%-44s %10s %10s  %-32s %6s %6s\n", 'operations per second', 'DevPilot', 'other', '', 'ratio', 'reach';

    for my $cell (@cells) {
        my ($ours, $theirs) = map { Bench::Rounds::median(@{$cell->{rates}{$_}}) } qw(ours theirs);
        my $ratio = Bench::Rounds::ratio($cell);

        printf "%-44s %10.0f %10.0f  %-32s %6.2f %6s%s\n", $cell->{name}, $ours, $theirs,
            $cell->{against}, $ratio, defined $cell->{reach} ? sprintf('%.2f', $cell->{reach}) : '',
            $ratio < ($cell->{reach} // 0) ? '  missed' : '';
    }
}

sub write_json {
    my ($place, $cells) = @_;
    my @rows = map {
        {
            name    => $_->{name},
            against => $_->{against},
            reach   => $_->{reach},
            rates   => $_->{rates},
            ratio   => sprintf('%.3f', Bench::Rounds::ratio($_)) + 0,
        }
    } @$cells;
    my $path = "$place->{builddir}/bench/results.json";
    my $json = JSON::PP->new->pretty->canonical;

    mkdir "$place->{builddir}/bench";
    DevPilot::Files::spew($path, 0644, $json->encode({environment => $place->{environment}, cells => \@rows}));
    print "\nEvery round: $path\n";
}

1;
