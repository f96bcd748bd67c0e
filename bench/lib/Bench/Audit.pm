# Verification of an audit trail of 100,000 events: over HTTP and of an export, against
# PostgreSQL computing the events' leaf hashes alone.

package Bench::Audit;

use strict;
use warnings;
use Bench::Place;
use Bench::Projects;
use Bench::Tenants;
use Mojo::JSON qw(decode_json);
use Mojo::UserAgent;
use Time::HiRes qw(sleep time);

use constant {
    EVENTS => 100_000,
    REACH  => 1,
};

sub cells {
    my ($place) = @_;
    my $stack = Bench::Projects::stack_start($place);
    my ($tenant) = Bench::Tenants::make($stack->{DEVPILOT_PG_DSN}, 1);

    record($stack, $tenant);

    my ($path, $key) = export($place, $stack, $tenant);
    my $theirs = sub { rate(sub { leaves($stack, $tenant) }, @_) };

    return (
        cell('verifyAudit over HTTP', sub { rate(sub { verify($stack, $tenant) }, @_) }, $theirs),
        cell('devpilotctl audit verify', sub { rate(sub { check($place, $path, $key) }, @_) }, $theirs),
    );
}

sub cell {
    my ($name, $ours, $theirs) = @_;

    return {
        name    => sprintf('%s, %d events', $name, EVENTS),
        against => 'leaf hashes in SQL',
        reach   => REACH,
        ours    => $ours,
        theirs  => $theirs,
    };
}

sub ask {
    my ($stack, $statement) = @_;

    chomp(my $said = Bench::Place::output('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-c', $statement,
                                          $stack->{DEVPILOT_PG_DSN}));

    return $said;
}

# Makes the events and waits for their seals.
sub record {
    my ($stack, $tenant) = @_;
    my $until = time + 300;

    ask($stack, "do \$\$ begin perform set_config('app.org_id', '$tenant->{org_id}', true);"
        . " perform app.audit('bench.event', 'bench', n::text, 'success', null, '{\"bench\": true}', 'system', null)"
        . " from generate_series(1, ${\EVENTS}) n; end \$\$");

    until (ask($stack, "select exists (select from dp.audit_unsealed where chain_id = '$tenant->{org_id}')") eq 'f') {
        die "bench: nobody seals\n" if time > $until;
        sleep 1;
    }
}

sub request {
    my ($stack, $tenant, $method, $path) = @_;
    my $ua = Mojo::UserAgent->new(inactivity_timeout => 60, max_response_size => 0);
    my $response = $ua->start($ua->build_tx(
        $method => "$stack->{DEVPILOT_URL}$path" => {Authorization => "Bearer $tenant->{key}"}))->result;

    die 'bench: ' . $response->to_string if $response->code != 200;

    return $response;
}

# Writes the export to a file; its path and the public key.
sub export {
    my ($place, $stack, $tenant) = @_;
    my $path = $place->folder('audit') . '/export';
    my $next = "/orgs/$tenant->{org_id}/audit/export";
    my $key;

    open my $file, '>', $path or die "$path: $!\n";

    while (defined $next) {
        my $page = request($stack, $tenant, GET => $next);

        $key //= decode_json((split /\n/, $page->body, 2)[0])->{key};
        print $file $page->body;
        ($next) = ($page->headers->header('Link') // '') =~ /\A<([^>]+)>/;
    }

    close $file or die "$path: $!\n";

    return ($path, $key);
}

sub verify {
    my ($stack, $tenant) = @_;
    my $verdict = {through => 0, hasMore => 1};

    while ($verdict->{hasMore}) {
        $verdict = request($stack, $tenant,
                           POST => "/orgs/$tenant->{org_id}/audit/verify?after=$verdict->{through}")->json;
        die "bench: the trail is broken\n" if !$verdict->{valid};
    }
}

sub check {
    my ($place, $path, $key) = @_;

    Bench::Place::output("$place->{builddir}/devpilotctl", 'audit', 'verify', $path, '--key', $key);
}

sub leaves {
    my ($stack, $tenant) = @_;

    ask($stack, 'select count(*) from dp.audit_event e'
        . " where e.org_id = '$tenant->{org_id}' and e.leaf_hash <> app.audit_leaf(e)");
}

# Events per second, of whole runs.
sub rate {
    my ($run, $seconds) = @_;
    my $begun = time;
    my $runs = 0;

    do { $run->(); $runs++ } while time < $begun + $seconds;

    return EVENTS * $runs / (time - $begun);
}

1;
