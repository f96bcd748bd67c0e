# ERR-03: whatever breaks behind an answer, the client reads the sentences of the
# table of errors and nothing of what broke: no SQL, no name or value of the
# database, no file, no address of memory, no trace of calls.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $stack = Test::DevPilot->start;

# What PostgreSQL, libpq, C and its sanitizers say when something breaks.
my $inside = qr{
    \b(?:relation|constraint|column|schema|sqlstate|pg_\w+|libpq|postgres(?:ql)?|psql|socket|role|backtrace|stack)\b
  | \bdp\.|\bapp\. | \b(?:select|insert|update|delete)\s | server\ closed | FATAL | ERROR:
  | \.[ch]\b | \b0x[0-9a-f]+ | /(?:tmp|var|run|usr|home)/ | canary
}xi;

my %fault = (
    'a table is gone' => [
        INTERNAL => 'alter table dp.project rename to canary_away', 'alter table dp.canary_away rename to project',
    ],
    'a rule that nobody expects' => [
        INTERNAL => "alter table dp.project add constraint canary_rule check (slug <> 'canary-value')",
        'alter table dp.project drop constraint canary_rule',
    ],
    'a trigger that fails' => [
        INTERNAL => q{create function canary_trigger() returns trigger language plpgsql as
                      $$begin raise exception 'canary %', new.name using detail = 'canary detail', hint = 'canary hint'; end$$;
                      create trigger canary before insert on dp.project for each row execute function canary_trigger()},
        'drop trigger canary on dp.project; drop function canary_trigger()',
    ],
    'a right that is missing' => [
        INTERNAL => 'revoke insert on dp.project from dp_api', 'grant insert on dp.project to dp_api',
    ],
);

# Its envelope says what the table says, for its time and its ids.
sub silent_ok {
    my ($response, $code, $what) = @_;

    refused_ok($response, $code, "$what: $code");
    unlike $response->body, $inside, "$what: nothing of the inside";
    unlike join("\n", map { $response->headers->header($_) } grep { !/^x-request-id$/i } @{$response->headers->names}),
        $inside, "$what: nor in the headers";
}

for my $what (sort keys %fault) {
    my ($code, $break, $mend) = @{$fault{$what}};

    $stack->query($break);

    my $response = $stack->create_project({name => 'Canary value'});

    $stack->query($mend);
    silent_ok($response, $code, $what);
}

$stack->expect(qr/"code":"(?:INTERNAL|DATABASE_UNAVAILABLE)"/);

subtest 'the database is away' => sub {
    $stack->hold('postgres');
    $stack->signal('postgres', 'QUIT');
    silent_ok($stack->get('/projects'), 'DATABASE_UNAVAILABLE', 'away');
    $stack->release('postgres');
};

ok wait_until(sub { ($stack->create_project({name => 'Whole again'})->code // 0) == 201 }, 30), 'all is mended';

$stack->finish;

done_testing;
