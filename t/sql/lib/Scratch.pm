# A database of its own for a test, deployed by sqitch, dropped at the end.
#
# It lies in the cluster that DEVPILOT_PG_DSN (a superuser's, key=value form)
# points to, or in a stack's when there is none.  Roles belong to the cluster:
# what another database uses of them stays.

package Scratch;

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use lib abs_path(dirname(__FILE__) . '/../../lib');
use DBI;

use constant SQL => abs_path(dirname(__FILE__) . '/../../../sql');

my $count = 0;

# An empty database in the cluster that cluster() describes.
sub new {
    my ($class, $cluster) = @_;
    my $self = bless { cluster => $cluster, name => "devpilot_scratch_${$}_" . ++$count }, $class;

    $self->run('createdb', $self->{name}) or die "createdb: $self->{said}";

    return $self;
}

# Environment that libpq, psql and sqitch find the cluster by.
sub cluster {
    my ($dsn) = @_;
    my %part = $dsn =~ /(\w+)=('[^']*'|\S+)/g;

    s/^'(.*)'$/$1/ for values %part;

    return { PGHOST => $part{host}, PGPORT => $part{port} // 5432, PGUSER => $part{user} };
}

# Runs a program against this database; true when it succeeded, and `said` has
# what it printed.
sub run {
    my ($self, @command) = @_;

    local %ENV = (%ENV, %{$self->{cluster}}, PGDATABASE => $self->{name},
                  SQITCH_FULLNAME => 'DevPilot', SQITCH_EMAIL => 'devpilot@localhost');

    my $pid = open(my $out, '-|') // die "fork: $!";

    if ($pid == 0) {
        open(STDERR, '>&', \*STDOUT);
        exec @command or exit 127;
    }

    $self->{said} = do { local $/; <$out> };

    return close $out;
}

sub sqitch {
    my ($self, @arguments) = @_;

    return $self->run('sqitch', '--chdir', SQL, @arguments, "db:pg:$self->{name}");
}

sub script {
    my ($self, $path) = @_;

    return $self->run('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', SQL . "/$path");
}

# A connection as the worker's: it may do nothing before it has a role.
sub connect {
    my ($self) = @_;
    my $db = $self->superuser;

    $db->do('set session authorization dp_worker');

    return $db;
}

sub superuser {
    my ($self) = @_;
    my $to = $self->{cluster};

    return DBI->connect("dbi:Pg:dbname=$self->{name};host=$to->{PGHOST};port=$to->{PGPORT}",
                        $to->{PGUSER}, '',
                        { RaiseError => 1, PrintError => 0, AutoInactiveDestroy => 1 });
}

sub drop {
    my ($self) = @_;

    return $self->run('dropdb', '--force', '--maintenance-db', 'postgres', $self->{name});
}

1;
