# Projects created against all odds, and what then has to be in the database.
#
# A client that follows the contract repeats a request, with its Idempotency-Key,
# as long as the answer's retryPolicy says that it may; the project must be there
# once and whole, whatever happened in between.

package Test::DevPilot::Creation;

use strict;
use warnings;
use Exporter 'import';
use Test::DevPilot ();
use Test::DevPilot::Connection;
use Test::More;
use Time::HiRes qw(time);

our @EXPORT_OK = qw(create create_once creation whole_ok);

use constant PATIENCE_S => 30;

# Repeats until it is created or refused for good.  Returns {key, id, replayed,
# tries => [...]}, without id when it was never created; the last try's members
# are its own, too.  Options: name, key, headers.
sub create {
    my ($stack, %option) = @_;
    my $key = $option{key} // Test::DevPilot::fresh_key();
    my $until = time + PATIENCE_S;
    my @tries;

    do {
        select(undef, undef, undef, 0.05) if @tries;
        push @tries, create_once($stack, %option, key => $key);
    } while ($tries[-1]{repeatable} && time < $until);

    return {%{$tries[-1]}, key => $key, tries => \@tries};
}

# One attempt, on a connection of its own.  Returns {status, seconds} and: id and
# replayed, or code and repeatable.  Status 0: nginx was not there, or said nothing.
sub create_once {
    my ($stack, %option) = @_;
    my $began = time;
    my $connection = eval { Test::DevPilot::Connection->new($stack) }
        // return {status => 0, code => '', seconds => 0, repeatable => 1};

    $connection->send_request(@{creation(%option)});

    return {%{outcome($connection->response)}, seconds => time - $began};
}

# The request alone, as Test::DevPilot::Connection's send_all() wants it.
sub creation {
    my (%option) = @_;

    return ['POST', '/projects', json => {name => $option{name} // 'Of a test'},
            headers => {Connection => 'close', %{$option{headers} // {}}},
            idempotency_key => $option{key} // Test::DevPilot::fresh_key()];
}

# What a response to createProject comes to.
sub outcome {
    my ($response) = @_;

    return {status => 0, code => '', repeatable => 1} unless $response;

    my $json = $response->json // {};
    my $error = $json->{error} // {};

    return {
        status     => $response->code,
        id         => $json->{id},
        replayed   => $response->headers->header('Idempotency-Replayed') // '',
        code       => $error->{code} // '',
        repeatable => ($error->{retryPolicy} // 'none') ne 'none',
    };
}

# Asserts that there are exactly these projects, each of them whole, with one
# audit event, one outbox event and one stored response; and that the quota
# counts them.
sub whole_ok {
    my ($stack, $name, @ids) = @_;

    subtest $name => sub {
        my %distinct = map { ($_ // 'none') => 1 } @ids;

        is scalar keys %distinct, scalar @ids, 'one project for each key';
        is_deeply [ids($stack, 'select id from dp.project')], [sort keys %distinct], 'and no other';
        is_deeply [ids($stack, "select target_id from dp.audit_event where action = 'project.created'")],
            [sort keys %distinct], 'one audit event each';
        is_deeply [ids($stack, "select key from dp.outbox where topic = 'project.created'")],
            [sort keys %distinct], 'one outbox event each';
        is_deeply [ids($stack, "select substr(location, 11) from dp.idempotency_key")],
            [sort keys %distinct], 'one stored response each';
        is $stack->query("select coalesce(sum(used), 0) from dp.quota_usage where metric = 'projects'"),
            scalar @ids, 'the quota counts them';
        is $stack->query(halves()), 0, 'each has a revision, 8 steps, 3 environments and an Owner';
    };
}

# Sorted as Perl sorts.
sub ids {
    my ($stack, $statement) = @_;

    return sort split(/\n/, $stack->query($statement));
}

# How many projects are not whole.
sub halves {
    my %part = (revision => 1, step => 8, environment => 3, project_member => 1);

    return 'select count(*) from dp.project p where ' . join(' or ', map {
        "(select count(*) from dp.$_ t where t.project_id = p.id) <> $part{$_}"
    } sort keys %part);
}

1;
