# Calls that are never right here, and words that never belong into the tree.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot::Source qw(files text code);
use Test::More;

my %banned = (
    anywhere => [qw(strcpy strcat sprintf vsprintf gets strtok atoi atol alloca system popen tmpnam
                    mktemp rand srand asctime ctime gmtime localtime setjmp longjmp)],
    shared   => [qw(malloc calloc realloc free strdup time clock_gettime gettimeofday pthread_mutex_lock
                    printf fprintf exit abort)],
    edge     => [qw(malloc calloc realloc free strdup strlen_s sleep usleep)],
);

my @rules = (
    [qr{\.[ch]\z}, $banned{anywhere}],
    [qr{\Ashared/.*\.[ch]\z}, $banned{shared}],
    [qr{\Angx_devpilot_module/.*\.[ch]\z}, $banned{edge}],
);

for my $rule (@rules) {
    my ($paths, $names) = @$rule;
    my $call = join('|', @$names);

    for my $path (files($paths)) {
        my @found = code($path) =~ /(?<![\w.>])($call)\s*\(/g;

        is join(' ', @found), '', "$path calls nothing it should not";
    }
}

# Unfinished business has no place in a tree that is served; this file has to
# name what it looks for.
my $word = qr{\b(?:TODO|FIXME|XXX|HACK)\b};

for my $path (files(qr{\.(?:[ch]|def|pm|pl|t|sh|sql|md|ya?ml|conf|in|mk)\z|\A(?:configure|Makefile|auto/|scripts/|bench/)})) {
    next if $path eq 't/layout/calls.t';
    unlike text($path), $word, "$path is finished";
}

done_testing;
