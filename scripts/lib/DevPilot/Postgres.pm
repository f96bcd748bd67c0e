# The private PostgreSQL: its cluster, its schema by sqitch, its seeds.
#
# It listens on a socket only, in a folder that only its own user (and root)
# can enter; that is why it may trust whoever connects.

package DevPilot::Postgres;

use strict;
use warnings;
use Digest::SHA ();
use DevPilot::Child;
use DevPilot::Files;
use DevPilot::Secrets;
use File::Path ();

use constant SUPERUSER => 'postgres';
use constant DATABASE => 'devpilot';
use constant USER_EMAIL => 'admin@localhost';

sub new {
    my ($class, $settings, $place) = @_;
    my ($bin) = grep { -x "$_/initdb" } sort { version($b) <=> version($a) } glob('/usr/lib/postgresql/*/bin');

    die "PostgreSQL's programs are not in /usr/lib/postgresql; run make deps\n" unless $bin;

    my $folder = "$place->{base}/postgres";

    return bless {
        bin    => $bin,
        folder => $folder,
        data   => "$folder/data",
        sql    => "$settings->{root}/sql",
        user   => $place->{database_user},
        fsync  => $settings->{pg_fsync},
        limits => $settings->{limits},
        log    => "$place->{var}/log/postgres.log",
        hold   => "$place->{var}/hold/postgres",
    }, $class;
}

sub version {
    my ($number) = $_[0] =~ m{/(\d+)/bin};

    return $number // 0;
}

sub dsn {
    my ($self, $user) = @_;

    my $host = $self->{folder} =~ /\s/ ? "'$self->{folder}'" : $self->{folder};

    return "host=$host port=5432 dbname=" . DATABASE . " user=$user";
}

sub child {
    my ($self) = @_;
    my @options = (
        'listen_addresses=', "unix_socket_directories=$self->{folder}",
        'unix_socket_permissions=0700', 'port=5432', 'max_connections=200',
        'shared_buffers=128MB', 'jit=off', 'log_timezone=UTC', 'timezone=UTC',
        'log_line_prefix=%m [%p] %q%u %a ', "fsync=$self->{fsync}",
        # A log is no place for what tenants write.
        'log_error_verbosity=terse', 'log_parameter_max_length=0',
    );

    return DevPilot::Child->new(
        name        => 'postgres',
        command     => ["$self->{bin}/postgres", '-D', $self->{data}, map { ('-c', $_) } @options],
        user        => $self->{user},
        log         => $self->{log},
        hold        => $self->{hold},
        environment => {LC_ALL => 'C.UTF-8'},
        orphaned    => 'INT',
        stop        => 'INT',
        force       => 'QUIT',
        stop_s      => 20,
    );
}

# Makes the cluster, once: under another name first, so that an interrupted start
# leaves no half of one.
sub prepare {
    my ($self) = @_;
    my $new = "$self->{data}.new";

    return if -e $self->{data};

    File::Path::remove_tree($new);

    my $said = DevPilot::Child::output(
        'setpriv', DevPilot::Child::identity($self->{user}), '--',
        "$self->{bin}/initdb", '-D', $new, '-U', SUPERUSER, '-A', 'trust',
        '-E', 'UTF8', '--locale=C.UTF-8', $self->{fsync} eq 'off' ? '--no-sync' : (),
    );

    die "initdb failed:\n$said" if $? != 0;
    rename($new, $self->{data}) or die "$new: $!\n";
}

# Whether a server still runs on this cluster: one whose scripts/run was killed
# shuts down by itself.
sub left_over {
    my ($self) = @_;
    my ($pid) = DevPilot::Files::slurp("$self->{data}/postmaster.pid") =~ /\A(\d+)/ or return 0;

    return DevPilot::Files::slurp("/proc/$pid/comm") =~ /\Apostgres/;
}

sub answers {
    my ($self) = @_;

    DevPilot::Child::output("$self->{bin}/pg_isready", '-q', '-U', SUPERUSER, '-h', $self->{folder}, '-p', 5432);

    return $? == 0;
}

# Brings the schema up to date, and the seeds.
sub fill {
    my ($self, $secrets) = @_;
    my $mark = 'sql ' . $self->digest;

    $self->create_database;

    if ($self->deployed ne $mark) {
        $self->run('sqitch', '--quiet', '--chdir', $self->{sql}, 'deploy', '--target', 'db:pg:' . DATABASE);
        $self->query("comment on database devpilot is '$mark'");
    }

    $self->seed($secrets);
}

# A database without the mark comes from a first start that was interrupted; sqitch
# cannot go on in the middle of a change, and there is nothing in it to lose.
sub create_database {
    my ($self) = @_;
    my $mark = $self->run('psql', '-XqAt', '-d', 'postgres', '-c',
                          "select coalesce(shobj_description(oid, 'pg_database'), '') || '.'"
                          . " from pg_database where datname = 'devpilot'");

    return if $mark =~ /\Asql /;

    $self->run('dropdb', DATABASE) if $mark ne '';
    $self->run('createdb', DATABASE);
}

# The mark that `fill` left: which files the schema was made from.  Void when
# changes were deployed or reverted by hand since.
sub deployed {
    my ($self) = @_;
    my $count = () = DevPilot::Files::slurp("$self->{sql}/sqitch.plan") =~ /^\w.*$/mg;
    my $found = $self->query("select to_regclass('sqitch.changes') is not null");

    return '' if $found ne 't' || $self->query('select count(*) from sqitch.changes') != $count;

    return $self->query("select shobj_description(oid, 'pg_database') from pg_database"
                        . " where datname = 'devpilot'");
}

sub digest {
    my ($self) = @_;
    my $sha = Digest::SHA->new(256);

    $sha->add(DevPilot::Files::slurp($_)) for "$self->{sql}/sqitch.plan", glob("\"$self->{sql}\"/deploy/*");

    return $sha->hexdigest;
}

sub seed {
    my ($self, $secrets) = @_;
    my ($prefix, $digest) = DevPilot::Secrets::key_record($secrets->{api_key});
    my ($viewer_prefix, $viewer_digest) = DevPilot::Secrets::key_record($secrets->{viewer_api_key});
    my %variable = (
        org_id            => $secrets->{org_id},
        user_id           => $secrets->{user_id},
        user_email        => USER_EMAIL,
        user_password_hash => $secrets->{user_password_hash},
        user_factor_id    => $secrets->{user_factor_id},
        user_factor_sealed => $secrets->{user_factor_sealed},
        admin_key_id      => $secrets->{api_key_id},
        admin_key_prefix  => $prefix,
        admin_key_digest  => $digest,
        viewer_key_id     => $secrets->{viewer_key_id},
        viewer_key_prefix => $viewer_prefix,
        viewer_key_digest => $viewer_digest,
        limits            => $self->{limits},
    );

    $self->run('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', DATABASE,
               (map { ('-v', "$_=$variable{$_}") } sort keys %variable),
               '-f', "$self->{sql}/seed/local.sql");
}

sub query {
    my ($self, $statement) = @_;

    return $self->run('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', DATABASE, '-c', $statement);
}

# Runs a client program as the superuser; returns what it printed.
sub run {
    my ($self, @command) = @_;

    local %ENV = (%ENV, PGHOST => $self->{folder}, PGPORT => 5432, PGUSER => SUPERUSER,
                  SQITCH_FULLNAME => 'DevPilot', SQITCH_EMAIL => 'devpilot@localhost');

    delete @ENV{qw(PGDATABASE PGPASSWORD PGSERVICE PGOPTIONS)};

    my $said = DevPilot::Child::output(@command);

    die "$command[0] failed:\n$said" if $? != 0;
    chomp $said;

    return $said;
}

1;
