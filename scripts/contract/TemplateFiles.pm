# What follows from the blueprint templates: for each a change of the schema
# (deploy, revert, verify), and one page for all.
#
# outputs() takes what Templates::load() returned and returns pairs of a file's
# path and a function that returns its text.

package TemplateFiles;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Encode      ();
use JSON::PP    ();

use Pages ();

my $width = 96;

# Keywords whose value is a number, written as the template writes it.
my %numeric = map { $_ => 1 }
    qw(minItems maxItems minLength maxLength minimum maximum multipleOf);

sub outputs {
    my (@templates) = @_;
    my %outputs = ('docs/templates.md' => sub { page(@templates) });

    for my $template (@templates) {
        my $name = change($template) . '.sql';

        $outputs{"sql/deploy/$name"} = sub { deploy($template) };
        $outputs{"sql/revert/$name"} = sub { revert($template) };
        $outputs{"sql/verify/$name"} = sub { verify($template) };
    }

    return %outputs;
}

# The name of the change in sqitch.plan.
sub change {
    my ($template) = @_;

    return "template_$template->{name}_$template->{version}";
}

# JSON with sorted names; what fits on a line stands on one.
sub json {
    my ($value, $indent, $name) = @_;

    return scalar_json($value, $name) if ref $value ne 'HASH' && ref $value ne 'ARRAY';

    my ($open, $close) = ref $value eq 'HASH' ? qw({ }) : qw([ ]);
    my @parts = members($value, "$indent  ");
    my $line  = $open . join(', ', @parts) . $close;

    return $line if $line !~ /\n/ && length "$indent$line" < $width;
    return "$open\n$indent  " . join(",\n$indent  ", @parts) . "\n$indent$close";
}

sub members {
    my ($value, $indent) = @_;

    return map { json($_, $indent, '') } @$value if ref $value eq 'ARRAY';
    return map { quoted($_) . ': ' . json($value->{$_}, $indent, $_) } sort keys %$value;
}

sub scalar_json {
    my ($value, $name) = @_;

    return $value ? 'true' : 'false' if JSON::PP::is_bool($value);
    return $numeric{$name} ? $value : quoted($value);
}

sub quoted {
    return JSON::PP->new->allow_nonref->encode("$_[0]");
}

# An SQL string.
sub literal {
    return "'" . $_[0] =~ s/'/''/gr . "'";
}

# A script's head, with the lines that only a deployment has.
sub opening {
    my ($template, $what, @more) = @_;
    my @lines = (
        sprintf($what, 'devpilot:' . change($template)), @more,
        "generated from $template->{file} by scripts/generate-contract; do not edit",
    );

    return join('', map {"-- $_\n"} @lines);
}

sub step_row {
    my ($template, $step) = @_;

    return sprintf q{(%s, %d, %d, %s, %s, $schema$%s$schema$)},
        literal($template->{name}), $template->{version}, $step->{ordinal},
        literal($step->{key}), literal($step->{title}), json($step->{schema}, '', '');
}

sub deploy {
    my ($template) = @_;
    my $steps = $template->{steps};
    my $rows  = join ",\n", map { step_row($template, $_) } @$steps;

    return opening($template, 'Deploy %s to pg', 'phase: expand',
        "Version $template->{version} of the template '$template->{name}' and its "
            . @$steps . ' steps.') . <<"END";
--
-- Rows that are there already come from a deployment that ended before sqitch
-- recorded it; the verification tells whether they are these.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

insert into dp.blueprint_template (name, version, sha256)
values ('$template->{name}', $template->{version},
        '\\x$template->{sha256}')
on conflict do nothing;

insert into dp.step_definition (template, version, ordinal, key, title, json_schema)
values
$rows
on conflict do nothing;

commit;
END
}

sub revert {
    my ($template) = @_;

    return opening($template, 'Revert %s from pg') . <<"END";

begin;
set local lock_timeout = '2s';
set local role dp_owner;

delete from dp.step_definition where template = '$template->{name}' and version = $template->{version};
delete from dp.blueprint_template where name = '$template->{name}' and version = $template->{version};

commit;
END
}

# Of a step's row, as the verification has PostgreSQL make it.
sub step_digest {
    my ($step) = @_;
    my $text = join ' ', @$step{qw(ordinal key title)}, json($step->{schema}, '', '');

    return sha256_hex(Encode::encode('UTF-8', $text));
}

sub verify {
    my ($template) = @_;
    my $digests = join ",\n", map { "               '" . step_digest($_) . "'" } @{$template->{steps}};

    return opening($template, 'Verify %s on pg') . <<"END";

begin;

do \$\$
begin
    assert (select t.sha256
              from dp.blueprint_template t
             where t.name = '$template->{name}' and t.version = $template->{version})
           = '\\x$template->{sha256}';
    assert (select array_agg(
                       encode(sha256(convert_to(concat_ws(
                           ' ', d.ordinal, d.key, d.title, d.json_schema), 'UTF8')), 'hex')
                       order by d.ordinal)
              from dp.step_definition d
             where d.template = '$template->{name}' and d.version = $template->{version})
           = array[
$digests];
end
\$\$;

rollback;
END
}

sub step_section {
    my ($step) = @_;

    return "### $step->{ordinal}. $step->{title}\n\n"
        . "$step->{description} Key: " . Pages::code($step->{key}) . ".\n\n"
        . Pages::table(['property', 'required', 'value', 'meaning'],
            Pages::property_rows($step->{schema}));
}

sub template_section {
    my ($template) = @_;

    return "## $template->{name}, version $template->{version}\n\n"
        . "$template->{description} SHA-256 of `$template->{file}`:\n\n"
        . "    $template->{sha256}\n\n"
        . join '', map { step_section($_) } @{$template->{steps}};
}

sub page {
    my (@templates) = @_;
    my $page = Pages::opening('Blueprint templates', 'templates/*.yaml') . <<'END'
A project's blueprint follows a version of a template: a list of steps, each with the JSON Schema of its
data, closed and bounded. A version that was released never changes; a project stays with the version it
was created with.

To add a version, write `templates/NAME-VERSION.yaml`, run `scripts/generate-contract`, and put the
change `template_NAME_VERSION` at the end of `sql/sqitch.plan`.

END
        . join '', map { template_section($_) } @templates;

    return $page =~ s/\n+\z/\n/r;
}

1;
