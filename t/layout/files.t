# Files: 300 lines are usual and 600 the alarm (a reason in t/layout/exceptions);
# each program text opens with its contract; no tabs, no trailing blanks, no line
# beyond 100 columns, a newline at the end.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot::Source qw(files text lines exceptions);
use Test::More;

my $programs = qr{\.(?:[chly]|def|pm|pl|t|sh|sql)\z|\A(?:configure|auto/|scripts/|bench/)[^.]*\z};
my $texts = qr{\.(?:[ch]|def|pm|pl|t|sh|sql|md|ya?ml|conf|in|mk)\z|\A(?:configure|Makefile|ChangeLog|auto/|scripts/)};
# make demands tabs, and sqitch writes them.
my $tabbed = qr{Makefile|\.mk\z|sqitch\.conf\z};
my %long = exceptions('long-file');
my %generated = map { $_ => 1 } grep { text($_) =~ /\A.{0,200}\bgenerated\b/is } files($programs);

for my $path (files($texts)) {
    my @faults = faults($path);

    push @faults, 'does not open with its contract' if $path =~ $programs && !opens_with_contract($path);
    push @faults, 'is too long' if too_long($path);

    is join(', ', @faults), '', $path;
}

sub faults {
    my ($path) = @_;
    my $text = text($path);
    my @faults;

    push @faults, 'has trailing blanks' if $text =~ /[ \t]$/m;
    push @faults, 'has tabs' if $text =~ /\t/ && $path !~ $tabbed;
    push @faults, 'has no newline at its end' if $text !~ /\n\z/;
    push @faults, 'has blank lines at its end' if $text =~ /\n\n\z/;
    push @faults, 'has a line beyond 100 columns' if $path =~ /\.[ch]\z/ && $text =~ /^.{101}/m;

    return @faults;
}

sub opens_with_contract {
    my ($path) = @_;

    return text($path) =~ m{\A(?:/\*|#|--)};
}

sub too_long {
    my ($path) = @_;

    return $path =~ $programs && !$generated{$path} && lines($path) > 600 && !$long{$path};
}

done_testing;
