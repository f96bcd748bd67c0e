# The schema's migrations keep their rules (MIG-01, MIG-02, MIG-03, MIG-05): ours
# do, each fault is refused and named, and what is right beside it passes.

use strict;
use warnings;
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot::Folder;
use Test::More;

my $root = Test::DevPilot::Folder::root();

sub run {
    my (@command) = @_;

    open(my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @command) or die "sh: $!\n";
    my $said = do { local $/; <$out> // '' };
    close($out);

    return ($? >> 8, $said);
}

sub lint { run("$root/scripts/lint-migrations", @_) }

my %frame = (
    deploy => "-- Deploy devpilot:%s to pg\n-- phase: %s\n\nbegin;\nset local lock_timeout = '2s';\n\n"
        . "%s\n\ncommit;\n",
    revert => "-- Revert devpilot:%s from pg\n\nbegin;\nset local lock_timeout = '2s';\n\n%s\n\ncommit;\n",
    verify => "-- Verify devpilot:%s on pg\n\nbegin;\n\n%s\n\nrollback;\n",
);

sub write_change {
    my ($folder, $name, $phase, $statements) = @_;
    my %said = (
        deploy => sprintf($frame{deploy}, $name, $phase, $statements),
        revert => sprintf($frame{revert}, $name, 'drop table dp.person;'),
        verify => sprintf($frame{verify}, $name, 'select id from dp.person where false;'),
    );

    Test::DevPilot::Folder::spew("$folder/$_/$name.sql", $said{$_}) for keys %said;
}

# A project with a released change, `people`, and one after it.
sub project {
    my ($phase, $statements) = @_;
    my $folder = tempdir(CLEANUP => 1);
    my @plan = ("%syntax-version=1.0.0", "%project=devpilot", "");

    make_path(map {"$folder/$_"} keys %frame);
    Test::DevPilot::Folder::spew("$folder/sqitch.conf", "[core]\n\tengine = pg\n");
    Test::DevPilot::Folder::spew("$folder/released.sha256", "# Changes that were released.\n");
    write_change($folder, 'people', 'expand', 'create table dp.person (id uuid not null);');
    plan_append($folder, @plan, 'people 2026-01-01T00:00:00Z D <d@localhost> # People.');
    release($folder, '0.1.0');
    write_change($folder, 'next', $phase, $statements);
    plan_append($folder, 'next [people] 2026-01-02T00:00:00Z D <d@localhost> # Next.');

    return $folder;
}

sub plan_append {
    my ($folder, @lines) = @_;
    my $path = "$folder/sqitch.plan";

    Test::DevPilot::Folder::spew($path, join('', Test::DevPilot::Folder::slurp($path), map {"$_\n"} @lines));
}

# Done once; every project begins with the same plan.
my %made;

sub release {
    my ($folder, $version) = @_;

    if (!$made{plan}) {
        my ($exit, $said) = closing($folder, $version);

        is_deeply [$exit, $said], [0, ''], 'MIG-02: a release closes its migrations';
        $made{$_} = Test::DevPilot::Folder::slurp("$folder/$_") for qw(sqitch.plan released.sha256);
        $made{plan} = 1;
    }
    Test::DevPilot::Folder::spew("$folder/$_", $made{$_}) for qw(sqitch.plan released.sha256);
}

sub closing {
    my ($folder, $version) = @_;

    local %ENV = (%ENV, SQITCH_FULLNAME => 'DevPilot', SQITCH_EMAIL => 'devpilot@localhost');

    return run("$root/scripts/release-migrations", $version, $folder);
}

sub edit {
    my ($folder, $path, $pattern, $replacement) = @_;
    my $text = Test::DevPilot::Folder::slurp("$folder/$path");

    $text =~ s/$pattern/$replacement/ or die "$path: $pattern is not there\n";
    Test::DevPilot::Folder::spew("$folder/$path", $text);
}

is_deeply [lint()], [0, ''], 'our migrations';

# Destructive: refused in an expand and in a contract that gives no reason; a
# contract with a reason may.
my @destructive = (
    ['drop table dp.person;', 'drops'],
    ['alter table dp.person drop column name;', 'drops'],
    ['alter table dp.person drop constraint person_pkey;', 'drops'],
    ['alter table dp.person alter column name drop default;', 'drops'],
    ['drop function app.f(text);', 'drops'],
    ['drop index dp.person_idx;', 'drops'],
    ['do $$ begin execute format(\'drop role %I\', \'x\'); end $$;', 'drops'],
    ['alter table dp.person alter column name type varchar(10);', 'changes a type'],
    ['alter table dp.person alter name set data type text;', 'changes a type'],
    ['alter table dp.person rename column name to title;', 'renames'],
    ['alter table dp.person rename to people;', 'renames'],
    ['alter table dp.person set schema app;', 'moves to another schema'],
    ['alter table dp.person alter column name set not null;', 'refuses what programs may write'],
    ['truncate dp.person;', 'empties a table'],
    ['delete from dp.person;', 'deletes all rows'],
    ['update dp.person set name = \'where\';', 'changes all rows'],
    ['alter table dp.person disable row level security;', 'opens a table to other tenants'],
    ['alter table dp.person no force row level security;', 'opens a table to other tenants'],
    ['alter table dp.person disable trigger all;', 'disables a guard'],
    ['revoke select on dp.person from dp_api;', 'takes rights from a program'],
);

for my $row (@destructive) {
    my ($statement, $fault) = @$row;

    subtest "MIG-01: $statement" => sub {
        for my $phase ('expand', 'contract') {
            my ($exit, $said) = lint(project($phase, $statement));

            is $exit, 1, "refused in $phase";
            like $said, qr{^deploy/next\.sql:7: \Q$fault\E: only '-- phase: contract'}m, 'and named';
        }
        is_deeply [lint(project("contract\n-- destructive: nobody reads it since 0.2.0", $statement))], [0, ''],
            'a contract with a reason may';
    };
}

# A released table has rows and readers: what is refused, and what to do instead.
my @blocking = (
    ['alter table dp.person add column age integer not null;', 'comes as nullable',
     'alter table dp.person add column age integer, add column b integer not null default 0;'],
    ['alter table dp.person add age uuid default gen_random_uuid();', 'rewrites the table',
     'alter table dp.person add at timestamptz default now();'],
    ['alter table dp.person add column n bigserial;', 'rewrites the table',
     'alter table dp.person add column n bigint;'],
    ['alter table dp.person add column n integer generated always as (1) stored;', 'rewrites the table',
     'create table dp.t (n integer generated always as (1) stored);'],
    ['alter table dp.person add column org uuid references dp.org;', 'add the constraint by itself',
     'alter table dp.person add column org uuid;'],
    ['alter table dp.person add constraint c check (id is not null);', 'add it not valid',
     'alter table dp.person add constraint c check (id is not null) not valid;'],
    ['alter table dp.person add constraint f foreign key (id) references dp.org;', 'add it not valid',
     'alter table dp.person add constraint f foreign key (id) references dp.org not valid;'],
    ['alter table dp.person add constraint u unique (id);', 'makes an index under a lock',
     'alter table dp.person add constraint u unique using index person_id_idx;'],
    ['alter table dp.person add primary key (id);', 'makes an index under a lock',
     'alter table dp.person add primary key using index person_id_idx;'],
    ['alter table dp.person add constraint x exclude (id with =);', 'there is no other way',
     'create table dp.t (id uuid, constraint x exclude (id with =));'],
    ['create index person_idx on dp.person (id);', 'keeps writers of dp.person out',
     "create table dp.t (id uuid);\ncreate index t_idx on dp.t (id);"],
    ['create unique index if not exists person_idx on dp.person (id);', 'keeps writers of dp.person out',
     "create table dp.t (id uuid not null);\nalter table dp.t add constraint t_key unique (id);"],
);

for my $row (@blocking) {
    my ($statement, $fault, $instead) = @$row;

    subtest "MIG-05: $statement" => sub {
        my ($exit, $said) = lint(project('expand', $statement));

        is $exit, 1, 'refused';
        like $said, qr/^deploy\/next\.sql:7: .*\Q$fault\E/m, 'and named';
        is_deeply [lint(project('expand', $instead))], [0, ''], "instead: $instead";
    };
}

my @phases = (
    ['expand', 'update dp.person set name = id::text where name is null;', 'which is a backfill', 'backfill'],
    ['expand', 'delete from dp.person where name is null;', 'which is a backfill', 'backfill'],
    ['backfill', 'alter table dp.person add column age integer;', 'which is no backfill', 'expand'],
    ['backfill', 'create table dp.t ();', 'which is no backfill', 'expand'],
    ['later', 'create table dp.t ();', "must have one '-- phase:", 'expand'],
    ["expand\n-- phase: backfill", 'create table dp.t ();', "must have one '-- phase:", 'expand'],
    ["contract\n-- destructive: to be safe", 'create table dp.t ();', 'destroys nothing', 'contract'],
);

for my $row (@phases) {
    my ($phase, $statement, $fault, $right) = @$row;

    subtest "MIG-05: $phase: $statement" => sub {
        my ($exit, $said) = lint(project($phase, $statement));

        is $exit, 1, 'refused';
        like $said, qr/\Q$fault\E/, 'and named';
        is_deeply [lint(project($right, $statement))], [0, ''], "right in $right";
    };
}

# What a script looks like: [file, pattern, replacement, fault].
my @shapes = (
    ['deploy/next.sql', qr/set local lock_timeout = '2s';\n/, '', 'must begin with set local lock_timeout'],
    ['deploy/next.sql', qr/'2s'/, "'60s'", 'at most 5s'],
    ['deploy/next.sql', qr/'2s'/, "'0'", 'at most 5s'],
    ['deploy/next.sql', qr/commit;\n/, '', 'must be one transaction'],
    ['deploy/next.sql', qr/begin;\n/, "begin;\ncommit;\nbegin;\n", 'must be one transaction'],
    ['deploy/next.sql', qr/devpilot:next/, 'devpilot:nextt', "must begin with '-- Deploy devpilot:next to pg'"],
    ['revert/next.sql', qr/set local lock_timeout = '2s';\n/, '', 'must begin with set local lock_timeout'],
    ['revert/next.sql', qr/from pg/, 'to pg', "must begin with '-- Revert devpilot:next from pg'"],
    ['revert/next.sql', qr/commit;\n/, '', 'must be one transaction'],
    ['revert/next.sql', qr/drop .*;\n/, '', 'reverts nothing'],
    ['verify/next.sql', qr/on pg/, 'to pg', "must begin with '-- Verify devpilot:next on pg'"],
    ['verify/next.sql', qr/select .*;\n/, '', 'looks at nothing of ours'],
    ['verify/next.sql', qr/select .*;\n/, "select 1;\n", 'looks at nothing of ours'],
    ['verify/next.sql', qr/rollback;\n/, "commit;\n", 'from begin to rollback'],
);

for my $row (@shapes) {
    my ($path, $pattern, $replacement, $fault) = @$row;
    my $folder = project('expand', 'create table dp.t ();');

    subtest "MIG-03: $path: $fault" => sub {
        is_deeply [lint($folder)], [0, ''], 'as it should be';
        edit($folder, $path, $pattern, $replacement);

        my ($exit, $said) = lint($folder);

        is $exit, 1, 'refused';
        like $said, qr/^\Q$path\E:1: .*\Q$fault\E/m, 'and named';
    };
}

for my $kind (sort keys %frame) {
    my $folder = project('expand', 'create table dp.t ();');

    unlink "$folder/$kind/next.sql";
    is_deeply [lint($folder)], [1, "$kind/next.sql: is missing\n"], "MIG-03: without its $kind script";
}

subtest 'MIG-05: an index is made concurrently outside a transaction' => sub {
    my $folder = project('expand', 'create table dp.t ();');
    my $script = "-- Deploy devpilot:next to pg\n-- phase: expand\n\nset lock_timeout = '2s';\n\n"
        . "drop index concurrently if exists dp.person_idx;\n"
        . "create index concurrently person_idx on dp.person (id);\n";
    my $check = 'do $$ begin assert (select indisvalid from pg_index'
        . " where indexrelid = 'dp.person_idx'::regclass); end \$\$;";

    Test::DevPilot::Folder::spew("$folder/deploy/next.sql", $script);
    like((lint($folder))[1], qr/\Averify\S+ must look at indisvalid.*\n\z/, 'a verification that does not look');
    edit($folder, 'verify/next.sql', qr/select .*;/, $check);
    is_deeply [lint($folder)], [0, ''], 'one that does';
    edit($folder, 'deploy/next.sql', qr/create index concurrently person_idx/, 'create index concurrently other_idx');
    like((lint($folder))[1], qr/drops/, 'an index of others is not dropped along with it');
    edit($folder, 'deploy/next.sql', qr/^set/m, "begin;\nset");
    like((lint($folder))[1], qr/needs a script without begin/, 'in a transaction');
};

subtest 'MIG-02: what was released does not change' => sub {
    my $folder = project('expand', 'create table dp.t ();');

    is_deeply [lint($folder)], [0, ''], 'unchanged';
    edit($folder, 'deploy/people.sql', qr/uuid/, 'text');
    like((lint($folder))[1], qr{^deploy/people\.sql: is released}, 'an edited script');

    $folder = project('expand', 'create table dp.t ();');
    edit($folder, 'sqitch.plan', qr/# People\./, '# Persons.');
    like((lint($folder))[1], qr{^deploy/people\.sql: is released}, 'an edited line of the plan');

    $folder = project('expand', 'create table dp.t ();');
    edit($folder, 'sqitch.plan', qr/^(people .*\n)(.*\n)*(next .*\n)/m, '');
    plan_append($folder, 'next 2026-01-02T00:00:00Z D <d@localhost> # Next.');
    like((lint($folder))[1], qr/people is released, and in its place is next/, 'a change put before it');

    my ($exit, $said) = closing($folder, '0.2.0');
    isnt $exit, 0, 'nothing is released on top of it';
};

subtest 'MIG-02: releases follow each other' => sub {
    my $folder = project('expand', 'create table dp.t ();');

    is_deeply [closing($folder, '0.2.0')], [0, ''], 'the next';
    like Test::DevPilot::Folder::slurp("$folder/sqitch.plan"), qr/^next .*\n\@0\.2\.0 /m, 'the plan is tagged';
    like Test::DevPilot::Folder::slurp("$folder/released.sha256"), qr/^\w{64}  people\n\w{64}  next\n\z/m,
        'and the list longer';
    like((closing($folder, '0.3.0'))[1], qr/no change is new/, 'an empty one is refused');
    like((closing($folder, 'next'))[1], qr/usage/, 'a version that is none as well');
};

done_testing;
