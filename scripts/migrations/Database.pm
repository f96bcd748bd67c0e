# A database as libpq's connection string describes it, and what the migration tools
# do with it: run sqitch and other programs, ask, and read its schema.  Everything dies
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

# From a connection string of libpq, of either form.
sub new {
    my ($class, $dsn) = @_;
    my %part = $dsn =~ m{\Apostgres(?:ql)?://} ? uri_parts($dsn) : keyword_parts($dsn);
    my %environment = map {
        ($environment_of{$_} // die "no such part of a DSN: $_\n") => $part{$_}
    } sort keys %part;

    die "not a DSN, or without a database: $dsn\n" if !$environment{PGDATABASE};

    return bless {environment => \%environment}, $class;
}

# "host=... dbname=...", values quoted as libpq wants them.
sub keyword_parts {
    my ($dsn) = @_;
    my %part;

    while ($dsn =~ /\G\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s']+)/gc) {
        my ($name, $value) = ($1, $2);

        $value =~ s/\A'(.*)'\z/$1/s;
        $part{$name} = $value =~ s/\\(.)/$1/gsr;
    }
    die "not a DSN: $dsn\n" if substr($dsn, pos $dsn // 0) =~ /\S/;

    return %part;
}

# "postgresql://user:password@host:port,host:port/dbname?name=value&...", with %XX.
sub uri_parts {
    my ($uri) = @_;
    my ($user, $password, $hosts, $database, $query) = $uri =~ m{
        \A \w+ :// (?: ([^:\@/?]*) (?: : ([^\@/?]*) )? \@ )? ([^/?]*) (?: / ([^?]*) )? (?: \? (.*) )? \z}x
        or die "not a DSN: $uri\n";
    my @hosts = map { [/\A(\[[^\]]*\]|[^:]*)(?::(\d*))?\z/] } split /,/, $hosts;
    my %part = (
        user     => $user,
        password => $password,
        host     => join(',', map { $_->[0] =~ tr/[]//dr } @hosts),
        port     => join(',', map { $_->[1] // '' } @hosts),
        dbname   => $database,
        map { /\A([^=]+)=(.*)\z/ ? ($1, $2) : die "not a DSN: $uri\n" } split /&/, $query // '',
    );

    delete @part{grep { ($part{$_} // '') =~ /\A,*\z/ } keys %part};
    s/%([0-9A-Fa-f]{2})/chr hex $1/ge for values %part;

    return %part;
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
