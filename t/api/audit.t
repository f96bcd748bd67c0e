# The audit trail over HTTP: who may see what of it, what is shown, and what proves it.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256);
use File::Temp ();
use MIME::Base64 qw(encode_base64);
use Mojo::JSON qw(decode_json encode_json);
use Mojo::Util qw(encode url_escape);
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Ctl;
use Test::DevPilot::Folder;
use Test::DevPilot::Pages qw(next_link pages_ok);
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start(limits => 'high', environment => {DEVPILOT_JOB_POLL_INTERVAL => '100ms'});
my $org_id = $stack->org_id;
my $audit = "/orgs/$org_id/audit";
my $folder = File::Temp->newdir;
my @projects = map { $stack->create_project({name => "Audited $_"})->json->{id} } 1 .. 3;

$stack->get('/projects/00000000-0000-4000-8000-000000000000');

sub sealed {
    return wait_until(sub {
        $stack->query("update dp.schedule set next_at = now() where kind = 'audit.seal'");
        $stack->query('select count(*) from dp.audit_unsealed') == 0;
    });
}

sub forge { $stack->query("set session_replication_role = replica; $_[0]") }

sub listed { @{$stack->get("$audit?$_[0]")->json->{items}} }

ok sealed(), 'all is sealed';

subtest 'AUD-13: who did what to what, the newest first' => sub {
    my ($event) = listed("action=project.created&target=$projects[2]");

    is $event->{outcome}, 'success', 'a project was created';
    is $event->{actorType}, 'api_key', 'with a key';
    is $event->{actorId}, $stack->get('/me')->json->{id}, 'by its user';
    is_deeply [map { $_->{targetId} } listed('action=project.created')], [reverse @projects], 'each of them';
    is scalar(listed('outcome=denied')), 1, 'what was refused is there, too';
    is((listed('outcome=denied'))[0]{code}, 'RESOURCE_NOT_FOUND', 'and why');
    is scalar(listed("actor=$event->{actorId}&action=project.created")), 3, 'by one user';
    is scalar(listed('from=' . url_escape($event->{at}) . '&action=project.created')), 1, 'since a time';
    is scalar(listed('to=' . url_escape($event->{at}) . '&action=project.created')), 2, 'before it';
    is scalar(listed('from=2000-01-01T00:00:00%2B01:00&to=2000-01-02T00:00:00Z')), 0, 'when there was nothing';
    is_deeply [map { $_->{id} } pages_ok($stack, $audit, 2)], [map { $_->{id} } listed('limit=100')], 'in pages';
    is_deeply issues($stack->get("$audit?from=yesterday")), ['/from format'], 'a time is judged';
};

subtest 'AUD-13: one event, with its detail until that is erased' => sub {
    my ($event) = listed("action=project.created&target=$projects[0]");
    my $shown = $stack->get("$audit/$event->{id}")->json;

    ok defined $shown->{detail}{name} || defined $shown->{detail}, 'its detail';
    ok !$shown->{detailErased}, 'is not erased';
    cmp_ok $shown->{seal}, '>=', 1, 'it is sealed';
    $stack->query("delete from dp.audit_detail d using dp.audit_event e where e.seq = d.seq and e.id = '$event->{id}'");
    $shown = $stack->get("$audit/$event->{id}")->json;
    is $shown->{detail}, undef, 'C32: now it is';
    ok $shown->{detailErased}, 'which is shown';
    refused_ok $stack->get("$audit/00000000-0000-4000-8000-000000000000"), 'RESOURCE_NOT_FOUND', 'no such event';
};

subtest 'AUD-10: a viewer sees the summary and the checkpoint, and no more' => sub {
    my @viewer = (key => $stack->viewer_api_key);
    my $summary = $stack->get("$audit/summary", @viewer)->json;
    my ($created) = grep { $_->{action} eq 'project.created' } @{$summary->{items}};

    is_deeply $created, {action => 'project.created', outcome => 'success', count => 3}, 'counts';
    is $stack->get("$audit/checkpoint", @viewer)->code, 200, 'and the checkpoint';
    refused_ok $stack->get("$audit$_", @viewer), 'AUTH_FORBIDDEN', "not $_"
        for '', '/export', "/$projects[0]", "/$projects[0]/proof";
    refused_ok $stack->request(POST => "$audit/verify", @viewer), 'AUTH_FORBIDDEN', 'nor verifies';
};

subtest 'RBAC-15: a trail of others is not there' => sub {
    my $other = Test::DevPilot::Tenant::organization($stack);
    my $key = Test::DevPilot::Tenant::member($stack, $other, 'organization_admin')->{key};
    my ($event) = listed('limit=1');

    refused_ok $stack->get($audit, key => $key), 'RESOURCE_NOT_FOUND', 'for a stranger';
    refused_ok $stack->get("/orgs/$other/audit/$event->{id}", key => $key), 'RESOURCE_NOT_FOUND', 'nor an event of it';
    is $stack->get("/orgs/$other/audit/checkpoint", key => $key)->body =~ m{^\S+/$other\n0\n}, 1,
        'a trail without seals has a checkpoint of none';
};

sub node { sha256("\x01$_[0]$_[1]") }

# RFC 9162, section 2.1.3.2.
sub climbed {
    my ($proof) = @_;
    my ($index, $last) = ($proof->{index}, $proof->{seal}{count} - 1);
    my $hash = pack 'H*', $proof->{leafHash};

    for my $sibling (map { pack 'H*', $_ } @{$proof->{path}}) {
        if ($index % 2 || $index == $last) {
            $hash = node($sibling, $hash);
            while ($index % 2 == 0 && $index) { $index >>= 1; $last >>= 1 }
        }
        else {
            $hash = node($hash, $sibling);
        }
        $index >>= 1;
        $last >>= 1;
    }

    return unpack 'H*', $hash;
}

subtest 'AUD-13: an event is proven by its path' => sub {
    $stack->create_project({name => "Leaf $_"}) for 1 .. 5;
    sealed();

    for my $event (listed('action=project.created')) {
        my $proof = $stack->get("$audit/$event->{id}/proof")->json;

        is climbed($proof), $proof->{seal}{root}, "event $proof->{index} of $proof->{seal}{count}";
        is $proof->{leafHash}, $event->{leafHash}, 'from its leaf';
    }

    my ($event) = listed('limit=1');
    my $proof = $stack->get("$audit/$event->{id}/proof")->json;
    my $root = encode_base64(pack('H*', $proof->{head}{hash}), '');

    is encode('UTF-8', $proof->{checkpoint}), $stack->get("$audit/checkpoint")->body, 'to the checkpoint';
    like $proof->{checkpoint}, qr/\A\S+\/$org_id\n$proof->{head}{no}\n\Q$root\E\n\n/, 'which is of the newest seal';
};

subtest 'AUD-13: verifying says what is wrong first, and is recorded' => sub {
    my $verify = sub { $stack->request(POST => "$audit/verify" . ($_[0] // '')) };
    my $verdict = $verify->()->json;

    is_deeply [@$verdict{qw(valid firstBad)}], [Mojo::JSON->true, undef], 'nothing is';
    is $verdict->{through}, $stack->query("select max(no) from dp.audit_seal where chain_id = '$org_id'"), 'to the end';
    ok scalar(listed('action=audit.verified')), 'an event of its own';
    is $verify->('?after=1')->json->{valid}, Mojo::JSON->true, 'and behind a seal';
    refused_ok $verify->('?after=100000'), 'RESOURCE_NOT_FOUND', 'that there is';

    my ($event) = listed("target=$projects[1]&action=project.created");

    forge("update dp.audit_event set target_id = 'x' where id = '$event->{id}'");
    $verdict = $verify->()->json;
    is $verdict->{valid}, Mojo::JSON->false, 'an event was changed';
    is $verdict->{firstBad}{eventId}, $event->{id}, 'this one';
    is $verdict->{firstBad}{fault}, 'EVENT_CHANGED', 'so';
    forge("update dp.audit_event set target_id = '$projects[1]' where id = '$event->{id}'");
    is $verify->()->json->{valid}, Mojo::JSON->true, 'until it is put back';
};

# --- the export, and what is done to it ----------------------------------------------

my ($key, $note);

sub exported {
    my ($limit) = @_;
    my $next = "$audit/export?limit=$limit";
    my $text = '';

    for (my $pages = 0; defined $next && $pages < 100; $pages++) {
        my $page = $stack->get($next);

        is $page->code, 200, $next or last;
        $text .= $page->body;
        $next = next_link($page);
    }

    return $text;
}

sub verify {
    my ($text, @options) = @_;

    Test::DevPilot::Folder::spew("$folder/export", $text);

    return Test::DevPilot::Ctl::run($stack, 'audit', 'verify', "$folder/export", '--key', $key, @options);
}

sub sound_ok {
    my ($text, $what, @options) = @_;
    my $said = verify($text, @options);

    is $said->{status}, 0, "$what: sound" or diag $said->{out} . $said->{err};

    return $said->{out};
}

sub broken_ok {
    my ($text, $fault, $what, @options) = @_;
    my $said = verify($text, @options);

    is $said->{status}, 1, "$what: it is found";
    like $said->{out}, qr/\Abroken at line \d+, seal \d+.*: $fault: /, "$what: as $fault" or diag $said->{err};

    return $said->{out};
}

sealed();
my $whole = exported(2000);
my @lines = split /^/, $whole;
my @at = grep { $lines[$_] =~ /"type":"event"/ } 0 .. $#lines;
my @seals = grep { $lines[$_] =~ /"type":"seal"/ } 0 .. $#lines;

$key = decode_json($lines[0])->{key};
$note = decode_json($lines[-1])->{note};
Test::DevPilot::Folder::spew("$folder/kept", encode('UTF-8', $note));

# The lines, with some of them changed by a function.
sub edited {
    my ($change) = @_;
    my @copy = @lines;

    $change->(\@copy);

    return join '', @copy;
}

subtest 'AUD-13: an export verifies without us' => sub {
    like sound_ok($whole, 'the whole'), qr/\Asound: ${\scalar @at} events in ${\scalar @seals} seals$/m, 'all of it';
    like sound_ok($whole, 'with what was kept', '--checkpoint', "$folder/kept"), qr/^1 checkpoints/m, 'which agrees';
    sound_ok(exported(1), 'in pages');
    is decode_json($lines[$at[0]])->{chainId}, $org_id, 'it is this chain';
    is Test::DevPilot::Ctl::run($stack, qw(audit verify x))->{status}, 64, 'the key must be given';
    is Test::DevPilot::Ctl::run($stack, qw(audit verify x --key x))->{status}, 64, 'and be one';
};

subtest 'AUD-01: what is done to an export is found' => sub {
    my $of = sub { my ($i, $change) = @_; edited(sub { $change->() for $_[0][$i] }) };
    my $id = decode_json($lines[$at[1]])->{id};

    like broken_ok($of->($at[1], sub { s/"action":"[^"]+"/"action":"x"/ }), 'EVENT_CHANGED', 'an event changed'),
        qr/event $id:/, 'it is named';
    my ($detailed) = grep { $lines[$_] =~ /"detail":"/ } @at;
    broken_ok($of->($detailed, sub { s/"detail":"\{/"detail":"{ / }), 'DETAIL_CHANGED', 'a detail changed');
    sound_ok($of->($detailed, sub { s/,"salt":.*\}$/}/ }), 'C32: a detail erased');
    broken_ok(edited(sub { splice @{$_[0]}, $at[0], 1 }), 'SEAL_(COUNT|ROOT)', 'an event deleted');
    broken_ok(edited(sub { splice @{$_[0]}, $at[0], 0, $lines[$at[0]] }), 'SEAL_COUNT', 'an event doubled');
    my ($i) = grep { $at[$_] + 1 == $at[$_ + 1] } 0 .. $#at - 1;
    broken_ok(edited(sub { @{$_[0]}[$at[$i], $at[$i] + 1] = @lines[$at[$i] + 1, $at[$i]] }), 'SEAL_ROOT',
              'events in another order') if defined $i;
    broken_ok($of->($seals[0], sub { s/"root":"./"root":"f/ || 1; s/"at":"2/"at":"1/ }), 'SEAL_\w+', 'a seal changed');
    broken_ok(edited(sub { splice @{$_[0]}, 1, $seals[0] }), 'SEAL_GAP', 'a seal deleted with its events');
    broken_ok(edited(sub { pop @{$_[0]} }), 'EXPORT_TRUNCATED', 'the end cut off');
    broken_ok(edited(sub { splice @{$_[0]}, $seals[-2] + 1, $seals[-1] - $seals[-2] }), 'CHECKPOINT_OTHER',
              'the last seal cut out');
    broken_ok("x$whole", 'LINE_MALFORMED', 'something else');
    broken_ok($whole . $whole, 'LINE_OUT_OF_PLACE', 'two of them');
};

subtest 'AUD-13: seals are verified with their key, if one has it' => sub {
    my $master = unpack 'H*', Test::DevPilot::Folder::slurp($stack->folder . '/master.key');
    my $mac = `openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:$master -kdfopt info:"devpilot audit v1" -binary HKDF`;

    Test::DevPilot::Folder::spew("$folder/mac", $mac);
    sound_ok($whole, 'with it', '--mac-key', "$folder/mac");
    broken_ok(edited(sub { $_[0][$seals[0]] =~ s/"mac":"[0-9a-f]{4}/"mac":"0000/ }), 'SEAL_MAC', 'a forged seal',
              '--mac-key', "$folder/mac");
};

subtest 'AUD-01: a trail that is written anew is found by a checkpoint that was kept' => sub {
    forge("create table public.kept as select * from dp.audit_seal; create table public.events as select * from dp.audit_event;"
          . " update dp.audit_event set target_id = 'x' where action = 'project.created' and org_id = '$org_id';"
          . " update dp.audit_event e set leaf_hash = app.audit_leaf(e) where org_id = '$org_id';"
          . " delete from dp.audit_seal; insert into dp.audit_unsealed (chain_id, seq, xid)"
          . " select chain_id, seq, xid from dp.audit_event");
    ok sealed(), 'all of it is sealed again, with the keys';

    my $anew = exported(2000);

    sound_ok($anew, 'in itself');
    is $stack->request(POST => "$audit/verify")->json->{valid}, Mojo::JSON->true, 'also for us';
    broken_ok($anew, '(CHECKPOINT_KEPT|TRAIL_TRUNCATED)', 'with what was kept', '--checkpoint', "$folder/kept");
};

subtest 'AUD-13: devpilotctl shows the checkpoint' => sub {
    is Test::DevPilot::Ctl::run($stack, qw(audit checkpoint), $org_id)->{out}, $stack->get("$audit/checkpoint")->body,
        'of an organisation';
    like Test::DevPilot::Ctl::run($stack, qw(audit checkpoint))->{out}, qr{\A\S+/00000000-0000-0000-0000-000000000000\n},
        'and the platform\'s' if $stack->query("select count(*) from dp.audit_seal where org_id is null") > 0;
    is Test::DevPilot::Ctl::json($stack, qw(audit checkpoint), $org_id)->{key}, $key, 'with the key';
    is Test::DevPilot::Ctl::run($stack, qw(audit checkpoint x))->{status}, 64, 'of nothing else';
};

$stack->finish;

done_testing;
