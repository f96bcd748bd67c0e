# Small files: read whole, written whole and by rename, so that nobody sees half.

package DevPilot::Files;

use strict;
use warnings;
use Fcntl qw(O_CREAT O_TRUNC O_WRONLY);

# Empty when there is no such file.
sub slurp {
    my ($path) = @_;

    open(my $in, '<:raw', $path) or return '';
    local $/;

    return scalar(<$in>) // '';
}

sub spew {
    my ($path, $mode, $text) = @_;

    unlink "$path.new";
    sysopen(my $out, "$path.new", O_WRONLY | O_CREAT | O_TRUNC, $mode)
        or die "$path.new: $!\n";
    binmode $out;
    print $out $text or die "$path.new: $!\n";
    close($out) or die "$path.new: $!\n";
    rename("$path.new", $path) or die "$path: $!\n";
}

# Text for a POSIX shell.
sub shell_quoted {
    my ($text) = @_;

    $text =~ s/'/'\\''/g;

    return "'$text'";
}

# Lines NAME='value' as a hash; empty when there is no such file.
sub read_shell {
    my ($path) = @_;

    return {slurp($path) =~ /^(\w+)='([^'\n]*)'$/mg};
}

sub write_shell {
    my ($path, @pairs) = @_;
    my $text = '';

    while (my ($name, $value) = splice(@pairs, 0, 2)) {
        $text .= "$name=" . shell_quoted($value) . "\n";
    }

    spew($path, 0600, $text);
}

# The last lines of a file, for a message about why something did not start.
sub tail {
    my ($path, $count) = @_;
    my @lines = split(/^/, slurp($path));

    return join('', map { "    $_" } @lines > $count ? @lines[-$count .. -1] : @lines);
}

1;
