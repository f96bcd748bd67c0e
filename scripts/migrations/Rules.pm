# What a migration must be, so that programs of the release before and after it
# work while and after it runs, and so that it can be undone.
#
# faults() takes a change's three scripts, as Script::load() returns them, and the
# tables of earlier releases, { name => 1 }; it returns lines "PATH:LINE: fault".

package Rules;

use strict;
use warnings;

use List::Util qw(any);

my $update = qr/\bupdate (?:only )?[\w.%]+ (?:(?:as )?\w+ )?set\b/;

# What takes away something that earlier programs use: [pattern, what it does].
my @destructive = (
    [qr/(?<!commit )\bdrop\b(?! not null\b)/,               'drops'],
    [qr/\balter (?:column )?[\w.%]+ (?:set data )?type\b/,  'changes a type'],
    [qr/\brename\b/,                                        'renames'],
    [qr/\bset schema\b/,                                    'moves to another schema'],
    [qr/\bset not null\b/,                                  'refuses what programs may write'],
    [qr/\btruncate (?!on\b|or\b)/,                          'empties a table'],
    [qr/\bdelete from\b(?!.*\bwhere\b)/,                    'deletes all rows'],
    [qr/$update(?!.*\bwhere\b)/,                            'changes all rows'],
    [qr/\b(?:no force|disable) row level security\b/,       'opens a table to other tenants'],
    [qr/\bdisable (?:trigger|rule)\b/,                      'disables a guard'],
    [qr/\brevoke\b.*\bfrom dp_/,                            'takes rights from a program'],
);

# What must not be done to a table that has rows and is in use, in an action of
# ALTER TABLE: [pattern, what to do instead].
my $column = qr/\Aadd (?:column )?(?!constraint\b|check\b|foreign\b|unique\b|primary\b|exclude\b)/;
my @blocking = (
    [qr/$column(?!.*\b(?:default|generated)\b).*\bnot null\b/,
        'a column without a default comes as nullable; backfill, then contract'],
    [qr/$column.*(?:\bgenerated\b|serial\b|\b(?:random|gen_random_uuid|clock_timestamp|nextval)\()/,
        'rewrites the table: add the column without it, then backfill'],
    [qr/$column(?!.*\bnot valid\b).*\b(?:references|check)\b/,
        'reads the whole table under a lock: add the constraint by itself, not valid'],
    [qr/\Aadd (?:constraint \S+ )?(?:check|foreign)\b(?!.*\bnot valid\b)/,
        'reads the whole table under a lock: add it not valid, validate in a later change'],
    [qr/\Aadd (?:constraint \S+ )?(?:unique|primary)\b(?!.*\busing index\b)/,
        'makes an index under a lock: create it concurrently, then use it'],
    [qr/\Aadd (?:constraint \S+ )?exclude\b/, 'makes an index under a lock; there is no other way'],
);

# What a phase leaves to another: [pattern, what it is].
my %phases = (
    expand   => [[qr/\bdelete from\b|$update/, 'changes rows, which is a backfill']],
    backfill => [[qr/\A(?:create|alter|drop|grant|revoke|truncate|comment)\b/,
                  'changes the schema, which is no backfill']],
    contract => [],
);

my $lock_timeout_max_ms = 5000;

my @faults;

sub fault {
    my ($script, $line, $what) = @_;

    push @faults, "$script->{path}:$line: $what";
}

# Whether an index is dropped that the script itself makes: what an interrupted
# deployment left behind.
sub drops_own {
    my ($script, $text) = @_;
    my ($name) = $text =~ /\bdrop index (?:concurrently )?(?:if exists )?(?:\w+\.)?(\w+)/ or return 0;

    return any { $_->{text} =~ /\bcreate (?:unique )?index (?:concurrently )?(?:if not exists )?\Q$name\E\b/ }
        @{$script->{statements}};
}

sub destructive_check {
    my ($script) = @_;
    my $allowed = "@{$script->{phases}}" eq 'contract' && defined $script->{reason};
    my $count   = 0;

    for my $statement (grep { !drops_own($script, $_->{text}) } @{$script->{statements}}) {
        for my $rule (grep { $statement->{text} =~ $_->[0] } @destructive) {
            $count++;
            fault($script, $statement->{line},
                "$rule->[1]: only '-- phase: contract' with '-- destructive: REASON' may") if !$allowed;
        }
    }
    fault($script, 1, 'is marked destructive, and destroys nothing')
        if defined $script->{reason} && !$count;
}

# [table, action] for each action of an ALTER TABLE.
sub alterations {
    my ($text) = @_;
    my ($table, $actions) = $text =~ /\Aalter table (?:if exists )?(?:only )?([\w.]+) (.+)/ or return;

    return map { [$table, $_] }
        split /, (?=(?:add|alter|drop|set|enable|disable|force|no|validate|owner|attach)\b)/, $actions;
}

sub blocking_check {
    my ($script, $tables) = @_;

    for my $statement (@{$script->{statements}}) {
        my ($text, $line) = @$statement{qw(text line)};

        if ($text =~ /\Acreate (?:unique )?index (?!concurrently)(?:if not exists )?(?:\w+ )?on (?:only )?([\w.]+)/
            && $tables->{$1})
        {
            fault($script, $line, "keeps writers of $1 out: create the index concurrently");
        }
        for my $alteration (grep { $tables->{$_->[0]} } alterations($text)) {
            for my $rule (grep { $alteration->[1] =~ $_->[0] } @blocking) {
                fault($script, $line, "$alteration->[0]: $rule->[1]");
            }
        }
    }
}

sub phase_check {
    my ($script) = @_;
    my $rules = $phases{"@{$script->{phases}}"}
        or return fault($script, 1, "must have one '-- phase: expand', 'backfill' or 'contract'");

    for my $statement (@{$script->{statements}}) {
        for my $rule (grep { $statement->{text} =~ $_->[0] } @$rules) {
            fault($script, $statement->{line}, $rule->[1]);
        }
    }
}

# A script is one transaction; but an index is made concurrently outside any.
sub transaction_check {
    my ($script, $end) = @_;
    my @statements = @{$script->{statements}};
    my @borders = grep { !$_->{in_block} && $_->{text} =~ /\A(?:begin|commit|rollback|end)\b/ }
        @statements;

    if (outside_transaction($script)) {
        fault($script, $borders[0]{line}, 'what is done concurrently needs a script without begin')
            if @borders;
        return;
    }
    fault($script, 1, "must be one transaction, from begin to $end")
        if @borders != 2 || $statements[0] != $borders[0] || $statements[-1] != $borders[1]
        || "$borders[0]{text} $borders[1]{text}" ne "begin $end";
}

sub outside_transaction {
    my ($script) = @_;

    return any { $_->{text} =~ /\bindex concurrently\b/ } @{$script->{statements}};
}

sub lock_timeout_check {
    my ($script) = @_;
    my ($at, $scope) = outside_transaction($script) ? (0, 'set') : (1, 'set local');
    my $raw = ($script->{statements}[$at] // {raw => ''})->{raw};
    my ($value, $unit) = $raw =~ /\A$scope lock_timeout = '(\d+)(ms|s)'\z/;
    my $ms = ($value // 0) * (($unit // '') eq 's' ? 1000 : 1);

    fault($script, 1, "must begin with $scope lock_timeout, at most 5s")
        if $ms < 1 || $ms > $lock_timeout_max_ms;
}

sub head_check {
    my ($script, $head) = @_;

    fault($script, 1, "must begin with '$head'") if $script->{head} !~ /\A\Q$head\E\n/;
}

# Something besides the frame; $pattern says what counts.
sub content_check {
    my ($script, $pattern, $what) = @_;

    fault($script, 1, $what) if !any {
        $_->{text} !~ /\A(?:begin|commit|rollback|set) ?/ && $_->{raw} =~ $pattern
    } @{$script->{statements}};
}

sub deploy_check {
    my ($script, $name, $tables) = @_;

    head_check($script, "-- Deploy devpilot:$name to pg");
    phase_check($script);
    transaction_check($script, 'commit');
    lock_timeout_check($script);
    destructive_check($script);
    blocking_check($script, $tables);
}

sub revert_check {
    my ($script, $name) = @_;

    head_check($script, "-- Revert devpilot:$name from pg");
    transaction_check($script, 'commit');
    lock_timeout_check($script);
    content_check($script, qr/\S/, 'reverts nothing');
}

sub verify_check {
    my ($script, $name, $concurrent) = @_;

    head_check($script, "-- Verify devpilot:$name on pg");
    transaction_check($script, 'rollback');
    content_check($script, qr/\b(?:dp|app)\.\w|\bassert\b/, 'looks at nothing of ours');
    content_check($script, qr/\bindisvalid\b/, 'must look at indisvalid of what was made concurrently')
        if $concurrent;
}

sub faults {
    my ($name, $scripts, $tables) = @_;
    my ($deploy, $revert, $verify) = @$scripts{qw(deploy revert verify)};

    @faults = ();
    deploy_check($deploy, $name, $tables);
    revert_check($revert, $name);
    verify_check($verify, $name, outside_transaction($deploy));

    return @faults;
}

1;
