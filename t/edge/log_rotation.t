# Rotation: the files are renamed and USR1 is sent to nginx and worker while
# requests come in.  Every request has its line, once, in the old file or the new
# one, and the descriptors of the old files are gone.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Folder;
use Test::More;

my $stack = Test::DevPilot->start;
my $folder = $stack->folder . '/log';
my %file = (edge => "$folder/edge.log", worker => "$folder/worker-own.log");
my %asked;

# The worker writes to a file of its own; scripts/run would hold its stderr.
my $settings = Test::DevPilot::Folder::slurp($stack->worker_conf) =~ s/^log_file = .*/log_file = $file{worker}/mr;

Test::DevPilot::Folder::spew($stack->worker_conf, $settings);
$stack->signal('worker', 'HUP');
ok wait_until(sub { -s $file{worker} }), 'the worker logs to its file';

# Refused by the worker, so that both have a line.
sub ask {
    my $response = $stack->get('/projects/00000000-0000-4000-8000-000000000000');

    $asked{$response->headers->header('X-Request-Id')} = 1;
}

sub lines {
    my ($name) = @_;

    return map { /"requestId":"([^"]+)"/ && $asked{$1} ? $1 : () }
        split(/\n/, join('', map { -e $_ ? Test::DevPilot::Folder::slurp($_) : '' } glob("$file{$name}*")));
}

for my $round (1 .. 3) {
    ask() for 1 .. 20;
    rename($file{$_}, "$file{$_}.$round") or die "$file{$_}: $!\n" for sort keys %file;
    ask() for 1 .. 20;
    $stack->signal('nginx', 'USR1');
    $stack->signal('worker', 'USR1');
    ask() for 1 .. 20;
    ok wait_until(sub { -e $file{edge} && -e $file{worker} }), "round $round: the files are there again";
}

for my $name (sort keys %file) {
    ok wait_until(sub { lines($name) >= keys %asked }), "$name: every line is somewhere";
    is join(' ', sort(lines($name))), join(' ', sort keys %asked), "$name: and once";
    ok -s $file{$name}, "$name: the new file is the one that is written";
}

sub held {
    my ($pid) = @_;

    return grep { /\.log\.\d+\z/ } map { readlink($_) // '' } glob("/proc/$pid/fd/*");
}

ok wait_until(sub { !held($stack->pid('worker')) && !held($stack->pid('nginx')) }), 'nobody holds an old file';

$stack->finish;

done_testing;
