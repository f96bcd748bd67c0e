# Every directive, variable, setting, metric, member of a log line, error code and
# cause has its place in the documents, and whatever has one there exists.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot::Source qw(files text);
use Test::More;

sub in_module {
    my ($pattern) = @_;

    return map { text($_) =~ /$pattern/g } files(qr{\Angx_devpilot_module/.*\.c\z});
}

sub headings {
    my ($path) = @_;

    return map { s/[`\$]//gr =~ s/\s.*//sr } text($path) =~ /^#{2,3} (.+)$/mg;
}

sub same {
    my ($rows, $path, $what) = @_;
    my %row = map { $_ => 1 } @$rows;
    my %heading = map { $_ => 1 } headings($path);

    is join(' ', grep { !$heading{$_} } sort keys %row), '', "every $what is in $path";
    is join(' ', grep { /\A(?:devpilot|[A-Z]+_)/ && !$row{$_} } sort keys %heading), '',
        "$path documents no $what that is not there";
}

# Zones have names as well; only rows of a command table are followed by flags.
same([in_module(qr/ngx_string\("(devpilot\w*)"\),\s*NGX_HTTP_\w+_CONF/)], 'docs/directives.md', 'directive');
same([in_module(qr/ngx_string\("(devpilot_\w+)"\),\s*\w+_text\b/)],
     'docs/variables.md', 'variable');
same([text('worker/settings.def') =~ /\.name = "(\w+)"/g], 'docs/settings.md', 'setting');

my @codes = text('shared/dp_errors.def') =~ /^\w+\((\w+)/mg;

is join(' ', grep { text('docs/errors.md') !~ /\b$_\b/ } @codes), '', 'every error code is in docs/errors.md';

my @causes = text('shared/dp_causes.def') =~ /^DP_CAUSE\((\w+)/mg;

is join(' ', grep { text('docs/errors.md') !~ /^\| $_ \|/m } @causes), '', 'every cause is in docs/errors.md';

# The first column of the tables in a part of a document.
sub column {
    my ($path, $part) = @_;
    my ($text) = text($path) =~ /^## \Q$part\E\n(.*?)(?=^## |\z)/ms;

    return map { split(/, /) } map { s/`//gr } grep { !/\A(?:-+|member|metric)\z/ } $text =~ /^\| ?(.+?) ?\|/mg;
}

sub same_rows {
    my ($rows, $path, $part, $what) = @_;
    my %row = map { $_ => 1 } @$rows;
    my %documented = map { $_ => 1 } column($path, $part);

    is join(' ', sort keys %documented), join(' ', sort keys %row), "every $what is in $path, and no other";
}

my $metric = qr/"((?:devpilot|rate_limit|errors|abuse|retry|circuit_breaker|integration|key_rotation|emergency_key)_[a-z_]+)"/;

# A histogram's samples are of one metric; zones and modules have names as well.
same_rows([grep { !/_(?:bucket|sum|count)\z/ } map { text($_) =~ /$metric/g } files(qr{\Angx_devpilot_module/(?!.*_zone_).*metrics(?:_text)?\.c\z})],
          'docs/metrics.md', 'The edge', 'metric of the edge');
my ($stages) = text('docs/metrics.md') =~ /^### Stages\n(.*?)(?=^#|\z)/ms;

is join(' ', $stages =~ /`(\w+)`/g),
    join(' ', text('ngx_devpilot_module/ngx_http_devpilot_stages.c') =~ /^    \{NGX_HTTP_\w+_PHASE, \w+, "(\w+)"/mg),
    'every stage is in docs/metrics.md, in its order';

same_rows([map { text($_) =~ /$metric/g } qw(worker/metrics.def worker/outbound/tally.c)], 'docs/metrics.md', 'A worker', 'metric of a worker');
same_rows(['timestamp', text('worker/log.c') =~ /write_\w+\(&?line, "(\w+)"/g], 'docs/log.md', 'A worker', "member of a worker's log");

done_testing;
