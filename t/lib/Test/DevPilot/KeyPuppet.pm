# A worker that tells nginx which keys, issuers and revocations there are, and whose
# credentials are whose, as the test says from one moment to the next.
#
#     my $puppet = Test::DevPilot::KeyPuppet->start($stack);
#     $puppet->says(keys => $list, issuers => $list);
#     $puppet->revoke($id_bytes);
#     $puppet->answers(cookie => {id => 3, ...});
#     $puppet->asked;        # questions so far, as hashes
#
# An operation is answered with who the caller is, as JSON.

package Test::DevPilot::KeyPuppet;

use strict;
use warnings;
use Mojo::JSON qw(decode_json encode_json);
use Test::DevPilot ();
use Test::DevPilot::Folder;
use Test::DevPilot::Peer;
use Test::DevPilot::Puppet;
use Test::DevPilot::Token;
use Time::HiRes qw(time clock_gettime CLOCK_MONOTONIC);

use constant {REQUEST => 1, REPLY => 2, AUTHENTICATE => 3, PRINCIPAL => 4, MEASURE => 5, CONTROL => 7, REPORT => 8};

my @ways = qw(key cookie token external);

sub start {
    my ($class, $stack) = @_;
    my $self = bless {
        stack => $stack,
        state => $stack->folder . '/key-puppet.json',
        asked => $stack->folder . '/key-puppet.asked',
        said  => {generation => 0, floor => 1, keys => '', issuers => '', revocations => '', answers => {}, cookies => ''},
    }, $class;

    $self->says;
    Test::DevPilot::Folder::spew($self->{asked}, '');
    $self->{puppet} = Test::DevPilot::Puppet->start($stack, sub { $self->message(@_) });
    Test::DevPilot::Peer::put_in_place($stack, '5s', $self->{puppet}->path);
    Test::DevPilot::wait_until(sub { $stack->get('/health/live')->code == 200 && $self->told }) or die "no puppet\n";

    return $self;
}

# Each change is a generation of its own; lists are bytes.
sub says {
    my ($self, %change) = @_;
    my $said = $self->{said};

    $said->{$_} = ref $change{$_} ? $change{$_} : unpack('H*', $change{$_}) for keys %change;
    $said->{generation} = int(time * 1e6);
    Test::DevPilot::Folder::spew("$self->{state}.new", encode_json($said));
    rename("$self->{state}.new", $self->{state}) or die "$self->{state}: $!\n";

    return $said->{generation};
}

sub revoke {
    my ($self, $subject) = @_;
    my $generation = int(time * 1e6);

    return $self->says(revocations => pack('H*', $self->{said}{revocations}) . $subject . pack('Q>', $generation));
}

# What was read before now is to be read again.
sub raise_floor {
    my ($self, %change) = @_;

    $self->{said}{floor} = int(time * 1e6);
    return $self->says(%change);
}

# How a way of asking (@ways) is answered from now on: {code} or {kind, id, user, org, level, expires, scopes}.
sub answers {
    my ($self, $way, $answer) = @_;

    $self->{said}{answers}{$way} = $answer;
    $self->says;
}

sub asked {
    my ($self) = @_;

    return map { decode_json($_) } split(/\n/, Test::DevPilot::Folder::slurp($self->{asked}));
}

# Every nginx process reports the newest generation.
sub told {
    my ($self) = @_;
    my %of = map { $_->{pid} => $_->{generation} } grep { $_->{report} } $self->asked;
    my @processes = $self->{stack}->nginx_processes;

    return @processes == grep { ($of{$_} // 0) >= $self->{said}{generation} } @processes;
}

sub settle {
    my ($self) = @_;

    return Test::DevPilot::wait_until(sub { $self->told });
}

sub stop { $_[0]{puppet}->stop }

# --- in the puppet's own processes ----------------------------------------------

sub note {
    my ($self, $what) = @_;

    open(my $file, '>>', $self->{asked}) or die "$self->{asked}: $!\n";
    syswrite($file, encode_json($what) . "\n");
}

sub message {
    my ($self, $kind, $asked) = @_;
    my $said = decode_json(Test::DevPilot::Folder::slurp($self->{state}));

    return $self->operation($said, $asked) if $kind == REQUEST;
    return [MEASURE + 1, 1 => "\n"] if $kind == MEASURE;
    return $self->principal($said, $asked) if $kind == AUTHENTICATE;
    return $self->control($said, $asked) if $kind == REPORT;
    return;
}

sub operation {
    my ($self, $said, $asked) = @_;
    my %tags = (kind => 8, level => 9, credential => 10, user => 11, org => 12, flags => 22, device => 23, agent => 24);
    my %caller = map { $_ => unpack('H*', $asked->{$tags{$_}} // '') } keys %tags;

    $self->note({operation => $asked->{1}});

    my @cookies = $said->{cookies} ? (15 => pack('H*', $said->{cookies})) : ();

    return [REPLY, 1 => pack('n', 200), 13 => encode_json(\%caller), @cookies];
}

sub principal {
    my ($self, $said, $asked) = @_;
    my $way = $ways[unpack('n', $asked->{5} // "\0\0")];
    my $answer = $said->{answers}{$way} // {code => 'AUTH_TOKEN_INVALID'};

    $self->note({
        way => $way, digest => unpack('H*', $asked->{4} // ''), credential => unpack('H*', $asked->{8} // ''),
        issuer => $asked->{11} // '', subject => $asked->{12} // '',
    });

    return [PRINCIPAL, 1 => $answer->{code}] if $answer->{code};
    return [PRINCIPAL,
        2 => pack('n', $answer->{kind}), 3 => pack('n', $answer->{level} // 1),
        4 => Test::DevPilot::Token::id_bytes($answer->{id}), 5 => Test::DevPilot::Token::id_bytes($answer->{user} // 1),
        6 => Test::DevPilot::Token::id_bytes($answer->{org} // 2), 7 => pack('Q>', 1e6 * ($answer->{expires} // 0)),
        8 => pack('Q>', $said->{generation}), 10 => pack('Q>', $answer->{scopes} // ~0)];
}

sub control {
    my ($self, $said, $asked) = @_;

    $self->note({report => 1, pid => unpack('N', $asked->{2}), generation => unpack('Q>', $asked->{3} // "\0" x 8)});

    return [CONTROL,
        1 => pack('Q>', $said->{generation}), 2 => pack('Q>', clock_gettime(CLOCK_MONOTONIC) * 1e6),
        3 => pack('Q>', $said->{floor}),
        map { $said->{$_->[1]} ne '' ? ($_->[0] => pack('H*', $said->{$_->[1]})) : () }
            [6, 'revocations'], [9, 'keys'], [10, 'issuers']];
}

1;
