# A whole stack: PostgreSQL, a catcher of mails, worker and nginx, started in this
# order, supervised, and stopped in the reverse order.
#
# While a file $VAR/hold/NAME exists, NAME (postgres, mail, worker, nginx) is not
# started again after it died: that is how a test keeps one of them away.

package DevPilot::Stack;

use strict;
use warnings;
use DevPilot::Child;
use DevPilot::Files;
use DevPilot::Http;
use DevPilot::Mail;
use DevPilot::Nginx;
use DevPilot::Place;
use DevPilot::Postgres;
use DevPilot::RunEnv;
use DevPilot::Secrets;
use DevPilot::Worker;
use Fcntl qw(:flock O_CREAT O_RDWR);
use Time::HiRes qw(time);

use constant READY_S => 60;
use constant TICK_S => 0.1;

my @order = qw(postgres mail worker nginx);

sub new {
    my ($class, $settings) = @_;

    return bless {settings => $settings, children => {}, stopping => '', beginning => 1, answer => ''}, $class;
}

# Coming up ends wherever it is; afterwards supervise() looks.
sub stopped_by {
    my ($self, $signal) = @_;

    $self->{stopping} = $signal;
    die "stopped\n" if $self->{beginning};
}

# Returns the exit status.
sub run {
    my ($self) = @_;

    for my $signal (qw(INT TERM HUP)) {
        $SIG{$signal} = sub { $self->stopped_by($signal) };
    }

    my $served = eval { $self->begin; $self->{beginning} = 0; $self->supervise; 1 };

    $self->{beginning} = 0;
    print STDERR "run: $@" if !$served && !$self->{stopping};

    my $clean = $self->end;

    return $clean && ($served || $self->{stopping}) ? 0 : 1;
}

# --- start ---------------------------------------------------------------------

sub begin {
    my ($self) = @_;
    my $settings = $self->{settings};

    $self->{place} = DevPilot::Place::make($settings->{var});
    $self->lock;
    $self->need_ports;
    DevPilot::RunEnv::remove($self->{place});

    my $secrets = $self->{secrets} = DevPilot::Secrets::make($settings->{var}, "$settings->{builddir}/devpilot-worker");
    my $database = $self->{database} = DevPilot::Postgres->new($settings, $self->{place});

    unlink glob("\"$settings->{var}\"/hold/*");

    $self->wait_until('the PostgreSQL of an earlier run', sub { !$database->left_over });
    $database->prepare;
    $self->start($database->child);
    $self->wait_until('PostgreSQL', sub { $database->answers });
    $database->fill($secrets);

    $self->serve if $settings->{parts} =~ /nginx/;
    $self->save;
    $self->greet if $settings->{parts} =~ /nginx/;
}

sub serve {
    my ($self) = @_;
    my ($settings, $place, $secrets) = @$self{qw(settings place secrets)};

    my ($mail, $mail_url) = DevPilot::Mail::child($settings, $place);

    $self->start($mail);
    $self->start(DevPilot::Worker::child($settings, $place, $self->{database}, $secrets->{master_key_file}, $mail_url));
    DevPilot::Nginx::write_config($settings, $place, $secrets);
    $self->start(DevPilot::Nginx::child($settings, $place));
    $self->wait_until('nginx and the worker', sub { $self->ready });
}

# One stack per $VAR; the lock goes with the process that holds it.
sub lock {
    my ($self) = @_;
    my $path = "$self->{settings}{var}/run.pid";

    sysopen(my $lock, $path, O_RDWR | O_CREAT, 0644) or die "$path: $!\n";

    if (!flock($lock, LOCK_EX | LOCK_NB)) {
        chomp(my $pid = <$lock> // '');
        die "$self->{settings}{var} is in use by \"make run\", pid $pid;"
            . " stop it, or choose another VAR and PORT\n";
    }

    truncate($lock, 0);
    syswrite($lock, "$$\n");
    $self->{lock} = $lock;
}

sub need_ports {
    my ($self) = @_;

    for my $name (qw(PORT TLS_PORT)) {
        my $port = $self->{settings}{lc $name};

        die "port $port is taken; choose another $name\n" unless DevPilot::Http::port_is_free($port);
    }
}

sub start {
    my ($self, $child) = @_;

    $self->{children}{$child->{name}} = $child;
    $child->start;
}

# In the order in which they are started.
sub running {
    my ($self) = @_;

    return grep { defined } map { $self->{children}{$_} } @order;
}

# While the stack comes up, a child that dies is the end of the start.
sub wait_until {
    my ($self, $what, $done) = @_;
    my $until = time + READY_S;

    until ($done->()) {
        for my $child ($self->running) {
            my $how = $child->died or next;

            die "$child->{name} ended ($how):\n" . DevPilot::Files::tail($child->{log}, 10);
        }

        die "$what: not ready after ${\READY_S} s$self->{answer}\n" if time > $until;
        select(undef, undef, undef, TICK_S / 4);
    }
}

# For writing, too, but for its kill switch: who starts with
# OPS_KILL_SWITCH=GLOBAL_WRITE wants no more.
sub ready {
    my ($self) = @_;
    my ($status, $answer) = DevPilot::Http::get($self->{settings}{port}, '/health/ready?scope=read');

    $self->{answer} = ": $answer";

    return $status == 200 && $answer =~ /"control": *"ok"/;
}

sub save {
    my ($self) = @_;

    DevPilot::RunEnv::save(@$self{qw(settings place secrets database children)});
}

sub greet {
    my ($self) = @_;
    my $url = "http://127.0.0.1:$self->{settings}{port}";
    my $key = $self->{secrets}{api_key};

    print <<"END";
DevPilot serves $url and https://127.0.0.1:$self->{settings}{tls_port}
API key: $key

curl -sS $url/projects -H 'Authorization: Bearer $key' \\
    -H "Idempotency-Key: \$(openssl rand -hex 16)" \\
    -H 'Content-Type: application/json' -d '{"name": "My first project"}'

Logs are in $self->{settings}{var}/log, mails in $self->{settings}{var}/mail.  Ctrl-C stops it.
END
}

# --- supervise -----------------------------------------------------------------

sub supervise {
    my ($self) = @_;

    until ($self->{stopping}) {
        $self->look_after($_) for $self->running;
        select(undef, undef, undef, TICK_S);
    }

    print "run: SIG$self->{stopping}, stopping\n";
}

sub look_after {
    my ($self, $child) = @_;

    if (my $how = $child->died) {
        print "run: $child->{name} ended ($how)\n";
    }

    return unless $child->due;

    print "run: $child->{name} started again, pid ", $child->start, "\n";
    $self->save;
}

# --- stop ----------------------------------------------------------------------

# True when all of them exited with 0.
sub end {
    my ($self) = @_;
    my $clean = 1;

    DevPilot::RunEnv::remove($self->{place}) if $self->{lock};

    for my $child (reverse $self->running) {
        next if $child->stop;

        print STDERR "run: $child->{name} did not stop cleanly; see $child->{log}\n";
        $clean = 0;
    }

    return $clean;
}

1;
