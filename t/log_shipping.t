# OBS-04: the examples in conf/logs read what they take for labels and times from
# members that our lines have, and find the files that the examples beside them
# write.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::DevPilot::Folder;
use Test::More;
use YAML::XS ();

my $root = Test::DevPilot::Folder::root();

sub text { Test::DevPilot::Folder::slurp("$root/$_[0]") }

# The first column of the tables of a part of a document.
sub members {
    my ($path, $part) = @_;
    my ($text) = text($path) =~ /^## \Q$part\E\n(.*?)(?=^## |\z)/ms;

    return map { $_ => 1 } map { split(/, /) } $text =~ /^\| ([a-zA-Z, ]+) \|/mg;
}

my %worker = members('docs/log.md', 'A worker');
my %edge = members('docs/variables.md', '$devpilot_log_line');
my ($access_log) = text('conf/devpilot.conf') =~ /^ *access_log (\S+)/m;

subtest 'promtail (OBS-04)' => sub {
    my $conf = YAML::XS::Load(text('conf/logs/promtail.yml'));
    my ($files, $journal) = @{$conf->{scrape_configs}};
    my ($json, $timestamp, $labels) = map { values %$_ } @{$files->{pipeline_stages}};
    my @paths = glob($files->{static_configs}[0]{labels}{__path__});

    ok $worker{$_} && $edge{$_}, "both programs have $_" for sort values %{$json->{expressions}};
    ok exists $json->{expressions}{$_}, "$_ was read" for $timestamp->{source}, sort keys %$labels;
    is join(' ', sort keys %$labels), 'level service', 'no label has a value for each request';
    ok((grep { $_ eq $access_log } @paths), "finds $access_log");
    is_deeply $journal->{pipeline_stages}, $files->{pipeline_stages}, 'the journal has the same lines';
};

subtest 'vector (OBS-04)' => sub {
    my $conf = YAML::XS::Load(text('conf/logs/vector.yaml'));
    my ($files) = grep { $_->{type} eq 'file' } values %{$conf->{sources}};
    my $transform = $conf->{transforms}{devpilot};

    is join(' ', sort @{$transform->{inputs}}), join(' ', sort keys %{$conf->{sources}}), 'every source is read';
    ok $worker{$_} && $edge{$_}, "both programs have $_" for $transform->{source} =~ /^\.(\w+) =/mg;
    ok((grep { $_ eq $access_log } @{$files->{include}}), "finds $access_log");
};

subtest 'journald (OBS-04)' => sub {
    my ($line_max) = text('conf/logs/journald.conf') =~ /^LineMax=(\d+)K$/m;

    cmp_ok $line_max, '>=', 10, 'no line is cut';
    ok -e "$root/packaging/systemd/devpilot-worker.service", 'the unit that the examples name';
};

done_testing;
