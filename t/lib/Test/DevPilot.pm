# A stack of its own for a test: PostgreSQL, worker and nginx by scripts/run, on
# free ports, in a temporary folder.
#
#     my $stack = Test::DevPilot->start;
#     is $stack->get('/projects')->code, 200;
#     $stack->finish;
#
# finish() stops it and then asserts what every test wants: every answer as the
# contract says, no alert in a log, no sanitizer report, nothing pending, no open
# transaction, a worker that exits with 0, no process left.  A test that causes an
# alert announces it (expect()).  Nothing here sleeps for a fixed time: wait_until()
# waits for the thing itself.

package Test::DevPilot;

use strict;
use warnings;
use Exporter 'import';
use FindBin ();
use IO::Socket::INET;
use Mojo::UserAgent;
use POSIX ();
use Test::DevPilot::Contract ();
use Test::DevPilot::Folder;
use Test::DevPilot::Verdict;
use Test::More;
use Time::HiRes qw(time);

our @EXPORT_OK = qw(wait_until);

# Options: parts => 'postgres' (no worker, no nginx), limits => 'normal' (a test
# does not want to be limited unless it is about limits), processes,
# folder_suffix, environment => {...} for scripts/run; impostor, when another
# program takes the worker's place and answers are not the contract's; tree => a
# copy of the source tree, to be run in its own var/, from nothing.
sub start {
    my ($class, %option) = @_;
    my $self = bless {
        owner  => $$,
        folder => $option{tree} ? "$option{tree}/var" : Test::DevPilot::Folder::new_stack($option{folder_suffix}),
        allow  => [],
        faults => [],
        option => \%option,
    }, $class;

    # Another test may take a port between our look and nginx's.
    for my $attempt (1 .. 3) {
        $self->launch;
        return $self if $self->comes_up;
        last if $self->{said} !~ / is taken;/;
    }

    BAIL_OUT(join("\n", "no stack: $self->{said}", Test::DevPilot::Verdict::reports($self)));
}

sub launch {
    my ($self) = @_;
    my $option = $self->{option};
    my %environment = (
        VAR             => $self->{folder},
        PORT            => free_port(),
        TLS_PORT        => free_port(),
        PG_FSYNC        => 'off',
        BUILDDIR        => Test::DevPilot::Folder::build(),
        LIMITS          => $option->{limits} // 'high',
        NGINX_PROCESSES => $option->{processes} // 2,
        PARTS           => $option->{parts} // 'postgres worker nginx',
        %{$option->{environment} // {}},
    );

    delete $self->{status};
    $self->{pid} = fork() // die "fork: $!\n";

    return if $self->{pid};

    mkdir($self->{folder});
    open(STDOUT, '>', "$self->{folder}/run.log") or POSIX::_exit(126);
    open(STDERR, '>&', \*STDOUT);
    @ENV{keys %environment} = values %environment;
    { exec(($option->{tree} // Test::DevPilot::Folder::root()) . '/scripts/run') }
    POSIX::_exit(127);
}

sub comes_up {
    my ($self) = @_;

    my $came = wait_until(sub { -e "$self->{folder}/run.env" || $self->ended }, 90);

    $self->{said} = Test::DevPilot::Folder::slurp("$self->{folder}/run.log");
    BAIL_OUT("no stack in time: $self->{said}") unless $came;

    return -e "$self->{folder}/run.env";
}

# Whether scripts/run has ended; keeps its status.
sub ended {
    my ($self) = @_;

    if (!defined $self->{status} && waitpid($self->{pid}, POSIX::WNOHANG) == $self->{pid}) {
        $self->{status} = $?;
    }

    return defined $self->{status};
}

my $next_port = 20000 + $$ * 13 % 12000;

# Below the ports that the kernel hands out to clients.
sub free_port {
    for (1 .. 1000) {
        my $port = $next_port;

        $next_port = $next_port >= 31999 ? 20000 : $next_port + 1;
        return $port if IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 1);
    }

    die "no free port\n";
}

# --- where it is -----------------------------------------------------------------

# A variable of run.env, as it is now.
sub variable {
    my ($self, $name) = @_;
    my ($quoted) = Test::DevPilot::Folder::slurp("$self->{folder}/run.env") =~ /^$name='(.*)'$/m;

    return defined $quoted ? $quoted =~ s{'\\''}{'}gr : undef;
}

sub folder         { $_[0]{folder} }
sub url            { $_[0]->variable('DEVPILOT_URL') }
sub tls_url        { $_[0]->variable('DEVPILOT_TLS_URL') }
sub api_key        { $_[0]->variable('DEVPILOT_API_KEY') }
sub viewer_api_key { $_[0]->variable('DEVPILOT_VIEWER_API_KEY') }
sub org_id         { $_[0]->variable('DEVPILOT_ORG_ID') }
sub dsn            { $_[0]->variable('DEVPILOT_PG_DSN') }
sub nginx_conf     { $_[0]->variable('DEVPILOT_NGINX_CONF') }
sub worker_conf    { "$_[0]{folder}/worker.conf" }
sub port           { ($_[0]->url =~ /:(\d+)/)[0] }

my %pid_variable = (
    nginx    => 'DEVPILOT_NGINX_PID',
    worker   => 'DEVPILOT_WORKER_PID',
    postgres => 'DEVPILOT_PG_PID',
);

sub pid {
    my ($self, $name) = @_;

    return $self->variable($pid_variable{$name});
}

# The process ids of nginx's workers, draining ones included.
sub nginx_processes {
    my ($self) = @_;

    return children_of($self->pid('nginx'));
}

sub children_of {
    my ($parent) = @_;
    my @found = Test::DevPilot::Folder::slurp("/proc/$parent/task/$parent/children") =~ /(\d+)/g;

    return sort { $a <=> $b } @found;
}

# log: edge, nginx, worker or postgres.
sub log {
    my ($self, $name) = @_;

    return Test::DevPilot::Folder::slurp("$self->{folder}/log/$name.log");
}

# --- HTTP --------------------------------------------------------------------------

sub ua {
    my ($self) = @_;

    return $self->{ua} //= do {
        my $ua = Mojo::UserAgent->new(connect_timeout => 5, inactivity_timeout => 20,
                                      request_timeout => 30, max_redirects => 0, insecure => 1);

        $ua->proxy->http(undef)->https(undef);
        $ua;
    };
}

# Returns a Mojo::Message::Response.  Headers default to the administrator's key;
# key => undef sends none, key => 'dp_...' another.  json => DATA or body => BYTES.
# Whether it is what the contract says is looked at here, and asserted by finish().
sub request {
    my ($self, $method, $path, %option) = @_;

    my $response = $self->ua->start($self->transaction($method, $path, %option))->res;

    push @{$self->{faults}}, Test::DevPilot::Contract::answer_faults($method, $path, $response)
        if $self->serves_contract($path);

    return $response;
}

# Not another server of the configuration, nor who only pretends to be the worker.
sub serves_contract {
    my ($self, $target) = @_;

    return 0 if $self->{option}{impostor};
    return $target !~ m{\Ahttps?://} || grep { index($target, $_) == 0 } $self->url, $self->tls_url;
}

# The request alone.
sub transaction {
    my ($self, $method, $path, %option) = @_;
    my %header = %{$option{headers} // {}};
    my $key = exists $option{key} ? $option{key} : $self->api_key;
    my $url = $path =~ m{\Ahttps?://} ? $path : $self->url . $path;

    $header{Authorization} //= "Bearer $key" if defined $key;
    $header{'Idempotency-Key'} = $option{idempotency_key} if defined $option{idempotency_key};
    $header{'Content-Type'} //= 'application/json' if defined $option{body};

    my @content = exists $option{json} ? (json => $option{json}) : $option{body} // ();

    return $self->ua->build_tx($method => $url, \%header, @content);
}

sub get {
    my ($self, $path, %option) = @_;

    return $self->request('GET', $path, %option);
}

# Creates a project under a fresh key, unless told one.
sub create_project {
    my ($self, $json, %option) = @_;

    return $self->request('POST', '/projects', json => $json,
                          idempotency_key => fresh_key(), %option);
}

my $keys = 0;

sub fresh_key {
    return sprintf('key-%d-%d-%d', $$, ++$keys, int(time * 1e6));
}

# A raw connection, for what an HTTP client would not send.
sub socket {
    my ($self) = @_;

    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->port, Timeout => 5)
        // die "connect: $!\n";
}

# --- database ------------------------------------------------------------------------

# As the superuser; returns psql's unaligned output without the last newline.
sub query {
    my ($self, $statement) = @_;

    open(my $out, '-|', 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $self->dsn, '-c', $statement)
        or die "psql: $!\n";

    my $said = do { local $/; <$out> // '' };

    close($out) or die "psql failed: $statement\n";
    chomp $said;

    return $said;
}

# --- disturbances --------------------------------------------------------------------

# Announces that finish() will find lines that match in a log, and that this is
# what the test wants.
sub expect {
    my ($self, $pattern) = @_;

    push @{$self->{allow}}, $pattern;
}

sub signal {
    my ($self, $name, $signal) = @_;

    kill($signal, $self->pid($name)) or die "kill $signal $name: $!\n";
}

# Makes a process stand still; returns when all its threads do.
sub freeze {
    my ($self, $name) = @_;
    my $tasks = '/proc/' . $self->pid($name) . '/task';

    $self->signal($name, 'STOP');

    wait_until(sub { !grep { Test::DevPilot::Folder::slurp("$_/stat") !~ /\) T / } glob("$tasks/*") })
        or die "$name does not stand still\n";
}

sub thaw {
    my ($self, $name) = @_;

    $self->signal($name, 'CONT');
}

# Keeps scripts/run from starting NAME again once it is dead, until release().
sub hold {
    my ($self, $name) = @_;

    open(my $out, '>', "$self->{folder}/hold/$name") or die "hold: $!\n";
}

sub release {
    my ($self, $name) = @_;

    unlink "$self->{folder}/hold/$name";
}

# Changes nginx.conf by a function that edits $_, and makes nginx use it.
sub edit_config {
    my ($self, $edit) = @_;
    my $path = $self->nginx_conf;

    local $_ = Test::DevPilot::Folder::slurp($path);
    $edit->();
    Test::DevPilot::Folder::spew($path, $_);
    $self->reload;
}

# Reloads nginx, and returns when only its new processes accept connections; old
# ones may still be draining.
sub reload {
    my ($self) = @_;
    my %old = map { $_ => 1 } $self->nginx_processes;
    my $count = $self->{option}{processes} // 2;

    $self->signal('nginx', 'HUP');

    wait_until(sub {
        my @running = $self->nginx_processes;

        return $count == grep({ !$old{$_} } @running) && !grep { $old{$_} && !draining($_) } @running;
    }) or die "nginx did not reload: " . $self->log('nginx') . "\n";
}

# Whether a process of nginx has closed its listening sockets; a dead one has.
sub draining {
    my ($pid) = @_;
    my $title = Test::DevPilot::Folder::slurp("/proc/$pid/cmdline");

    return $title eq '' || $title =~ /shutting down/;
}

# Calls `done` until it is true, for at most `seconds` (10); false when it never
# was.
sub wait_until {
    my ($done, $seconds) = @_;
    my $until = time + ($seconds // 10);

    while (!$done->()) {
        return 0 if time > $until;
        select(undef, undef, undef, 0.02);
    }

    return 1;
}

# --- the end -------------------------------------------------------------------------

# Stops the stack and asserts that it was a good one; one subtest.  keep => 1 leaves
# its folder for another one.
sub finish {
    my ($self, %option) = @_;

    subtest 'a clean end' => sub { Test::DevPilot::Verdict::judge($self) };
    $self->{finished} = 1;
    Test::DevPilot::Folder::remove($self->{folder}) unless $option{keep};
}

# Stops scripts/run, which stops the rest; returns its status.
sub stop {
    my ($self) = @_;

    return $self->{status} if $self->ended;

    kill('TERM', $self->{pid});
    wait_until(sub { $self->ended }, 60) or kill('KILL', $self->{pid});

    return $self->{status} // -1;
}

# A test that died: leave nothing running, and its folder to be looked at.
sub DESTROY {
    my ($self) = @_;

    return if $self->{finished} || $self->{owner} != $$;

    local ($?, $@, $!);

    $self->stop;
    diag(join("\n", "not finished; its logs: $self->{folder}", Test::DevPilot::Verdict::reports($self)));
}

1;
