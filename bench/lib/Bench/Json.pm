# The strict JSON check against cJSON_Parse, on bodies as clients send them.

package Bench::Json;

use strict;
use warnings;
use JSON::PP ();
use Bench::Place;
use DevPilot::Files;

# The ratio to reach, on every body.
use constant REACH => 3;

sub cells {
    my ($place) = @_;
    my $folder = $place->folder('json');
    my @bodies = (
        ['a new project'       => {name => 'Payments, Europe', template => 'platform', previewTtlHours => 72}],
        ['data of a step'      => {requirements => [map { requirement($_) } 1 .. 8]}],
        ['much data of a step' => {requirements => [map { requirement($_) } 1 .. 400]}],
    );

    Bench::Place::output('make', '--no-print-directory', '-C', $place->{root}, '-f', 'bench/build.mk',
                         "BUILDDIR=$place->{builddir}", 'json');

    return map { cell($place, "$folder/$_", @{$bodies[$_]}) } 0 .. $#bodies;
}

# What people and their tools write: words, some of them not English, a line
# break, numbers, lists.
sub requirement {
    my ($number) = @_;

    return {
        id          => "FR-$number",
        title       => "Die K\x{e4}uferin sieht ihre Bestellung Nr. $number",
        description => "As soon as it is paid, \"Bestellung $number\" is listed,\nwith all of its positions and prices.",
        priority    => 'must',
        effortDays  => $number / 8,
        accepted    => $number % 2 ? JSON::PP::true : JSON::PP::false,
        dependsOn   => [map {"FR-$_"} 1 .. 3],
        owner       => undef,
    };
}

sub cell {
    my ($place, $path, $name, $value) = @_;
    my $text = JSON::PP->new->utf8->canonical->encode($value);

    DevPilot::Files::spew($path, 0644, $text);

    return {
        name    => sprintf('%s, %d bytes', $name, length $text),
        against => 'cJSON_Parse',
        reach   => REACH,
        ours    => sub { speed($place, 'check', $path, @_) },
        theirs  => sub { speed($place, 'cjson', $path, @_) },
    };
}

# Texts per second.
sub speed {
    my ($place, $what, $path, $seconds) = @_;

    return 0 + Bench::Place::output('sh', '-c', 'exec "$1" "$2" "$3" <"$4"', 'sh',
                                    "$place->{builddir}/bench/json_speed", $what, $seconds, $path);
}

1;
