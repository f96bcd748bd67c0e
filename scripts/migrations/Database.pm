# A database as libpq's keywords describe it, and what the migration tools do with
# it: run sqitch and other programs, ask, and read its schema.  Everything dies
# with a message on a failure, except what says that it returns one.

package Database;

use strict;
use warnings;

use DBI            ();
use File::Basename qw(dirname);

my %environment_of = (
    dbname          => 'PGDATABASE',
    connect_timeout => 'PGCONNECTTIMEOUT',
    map { $_ => 'PG' . uc }
        qw(host hostaddr port user password passfile service options sslmode sslcert sslkey sslrootcert),
);

# From "host=... dbname=...", values quoted as libpq wants them.
sub new {
    my ($class, $dsn) = @_;
    my %environment;

    while ($dsn =~ /\G\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s']+)/gc) {
        my ($name, $value) = ($1, $2);

        $value =~ s/\A'(.*)'\z/$1/s;
        $environment{$environment_of{$name} // die "no such part of a DSN: $name\n"} = $value =~ s/\\(.)/$1/gsr;
    }
    die "not a DSN: $dsn\n" if substr($dsn, pos $dsn // 0) =~ /\S/ || !$environment{PGDATABASE};

    return bless {environment => \%environment}, $class;
}

# Another database of the same server.
sub sibling {
    my ($self, $name) = @_;

    return bless {environment => {%{$self->{environment}}, PGDATABASE => $name}}, ref $self;
}

sub name {
    my ($self) = @_;

    return $self->{environment}{PGDATABASE};
}

# Runs a program; returns whether it succeeded, and what it printed.
sub try {
    my ($self, @command) = @_;

    local %ENV = (%ENV, %{$self->{environment}});

    open my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @command or die "sh: $!\n";
    my $said = do { local $/; <$out> // '' };

    return (scalar close $out, $said);
}

sub run {
    my ($self, @command) = @_;
    my ($done, $said) = $self->try(@command);

    die "$command[0] failed:\n$said" if !$done;
}

# sqitch on a project's folder.
sub sqitch {
    my ($self, $folder, $command, @arguments) = @_;

    return ('sqitch', '--chdir', $folder, $command, @arguments, 'db:pg:');
}

sub rows {
    my ($self, $statement) = @_;

    local %ENV = (%ENV, %{$self->{environment}});

    my $connection = DBI->connect('dbi:Pg:', undef, undef,
        {RaiseError => 1, PrintError => 0, ShowErrorStatement => 0});
    $connection->do('set search_path to pg_catalog');
    my $rows = $connection->selectall_arrayref($statement, {Slice => {}});
    $connection->disconnect;

    return @$rows;
}

# The objects of its schema, { "KIND NAME" => { partition, definition } }.
sub objects {
    my ($self) = @_;
    my $path = dirname(__FILE__) . '/catalog.sql';

    open my $file, '<', $path or die "$path: $!\n";
    my $query = do { local $/; <$file> };

    return {map { join(' ', grep {length} @$_{qw(kind name)}) => $_ } $self->rows($query)};
}

# The names of the changes that sqitch deployed here, in their order.
sub deployed {
    my ($self) = @_;

    return map { $_->{change} } $self->rows(
        "select change from sqitch.changes where project = 'devpilot' order by committed_at");
}

1;
