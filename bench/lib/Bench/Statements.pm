# Scripts for pgbench, made of the statements that the worker sends: their text
# is taken from its sources, so that both sides always run the same.
#
# A line of a script is a statement's name and, separated by commas, what stands
# for $1, $2 ...: pgbench variables or SQL.  Lines below it, indented:
#
#     and EXPRESSION as NAME   one more column
#     keep                     the columns become variables
#
# and "--" begins a comment.

package Bench::Statements;

use strict;
use warnings;
use Bench::Place;
use DevPilot::Files;

# The worker's statements by name, its sources preprocessed: their text may be
# made of macros.
sub all {
    my ($place) = @_;
    my $string = qr/"(?:[^"\\]|\\.)*"/;
    my %sql;

    for my $path (glob("'$place->{root}/worker/*/*.c'")) {
        next unless DevPilot::Files::slurp($path) =~ /\bdp_statement_t \w+ = \{/;

        my $source = preprocessed($place, $path);

        while ($source =~ /\.name = "([\w.]+)",\s*\.sql =\s*((?:$string\s*)+)/g) {
            my ($name, $strings) = ($1, $2);

            $sql{$name} = join '', map { substr($_, 1, -1) } $strings =~ /$string/g;
        }
    }

    return \%sql;
}

sub preprocessed {
    my ($place, $path) = @_;
    my $build = $place->{build};

    return Bench::Place::output($build->{CC}, qw(-E -P -std=gnu11), (map { "-I$place->{root}/$_" } qw(shared worker)),
                                "-I$place->{builddir}", split(' ', $build->{WORKER_CFLAGS}), $path);
}

# The text of a script, as pgbench takes it.
sub expand {
    my ($sql, $script) = @_;
    my $text = '';

    $script =~ s/^--.*\n//mg;

    while ($script =~ /^(\S+)[ ]?(.*)\n((?:[ ]+\S.*\n)*)/mg) {
        my ($name, $arguments, $more) = ($1, $2, $3);
        my @columns = $more =~ /^ +and (.*)$/mg;
        my $statement = bind_arguments($sql, $name, split(/,\s*/, $arguments));

        $text .= join(', ', $statement, @columns) . ($more =~ /^ +keep$/m ? " \\gset\n\n" : ";\n\n");
    }

    return $text;
}

sub bind_arguments {
    my ($sql, $name, @arguments) = @_;
    my $text = $sql->{$name} // die "bench: the worker has no statement $name\n";
    my %used = map { $_ => 1 } $text =~ /\$(\d+)/g;

    die "bench: $name takes " . keys(%used) . ' arguments, not ' . @arguments . "\n"
        if keys(%used) != @arguments;

    return $text =~ s/\$(\d+)/($arguments[$1 - 1])/gr;
}

1;
