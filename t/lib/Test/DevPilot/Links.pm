# The links among the pages of a folder, README.md and whatever lies below it: does
# each lead to a file that is there, and to a heading that it has?

package Test::DevPilot::Links;

use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use File::Find ();
use Test::DevPilot::Folder;

our @EXPORT_OK = qw(broken);

# Text that is no example.
sub prose {
    my ($path) = @_;

    return Test::DevPilot::Folder::slurp($path) =~ s/^```.*?^```//gmsr =~ s/`[^`\n]*`//gr;
}

# The names that a page's headings have as targets, as GitHub makes them.
sub anchors {
    my ($path) = @_;
    my %seen;

    return map {
        my $name = lc(s/[`*\\]//gr =~ s/\[([^\]]*)\]\([^)]*\)/$1/gr =~ s/[^\w\- ]//gr) =~ tr/ /-/r;
        $seen{$name}++ ? $name . '-' . ($seen{$name} - 1) : $name;
    } Test::DevPilot::Folder::slurp($path) =~ /^#{1,6} +(.+?)\s*$/mg;
}

sub broken_in {
    my ($page) = @_;
    my @broken;

    for my $link (prose($page) =~ /\]\((?!https?:|mailto:)([^)\s]+)\)/g) {
        my ($path, $anchor) = $link =~ /\A([^#]*)#?(.*)\z/;
        my $target = $path eq '' ? $page : dirname($page) . "/$path";

        push @broken, "$page: $link"
            if !-e $target || (length $anchor && !grep { $_ eq $anchor } anchors($target));
    }

    return @broken;
}

# Each link of the pages below a folder that leads nowhere, with its page.
sub broken {
    my ($folder) = @_;
    my @pages;

    File::Find::find({no_chdir => 1, wanted => sub {
        push @pages, $_ if /\.md\z/ && -f;
    }}, $folder);

    return map { broken_in($_) } sort @pages;
}

1;
