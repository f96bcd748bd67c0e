# Organisations on the largest plan, each with an administrator and an API key:
# the load of many tenants, who share no row.

package Bench::Tenants;

use strict;
use warnings;
use Bench::Place;
use DevPilot::Secrets;

# Returns {org_id, user_id, key_id, key} of each of `count` new organisations.
sub make {
    my ($dsn, $count) = @_;
    my @tenants = map { tenant() } 1 .. $count;

    Bench::Place::output('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-c',
                         join("\n", 'begin;', (map { rows($_) } @tenants), subscribe(), 'commit;'), $dsn);

    return @tenants;
}

sub tenant {
    my %ids = map { $_ => DevPilot::Secrets::uuid() } qw(org_id user_id key_id);

    return {%ids, key => DevPilot::Secrets::api_key()};
}

sub rows {
    my ($tenant) = @_;
    my ($org, $user, $key) = @$tenant{qw(org_id user_id key_id)};
    my ($prefix, $digest) = DevPilot::Secrets::key_record($tenant->{key});

    return <<"END";
insert into dp.app_user (id, email) values ('$user', '$user\@bench.invalid');
insert into dp.org (id, slug, name) values ('$org', 'bench-$org', 'Bench');
insert into dp.org_member (org_id, user_id, role) values ('$org', '$user', 'organization_admin');
insert into dp.api_key (org_id, id, prefix, digest, name, created_by, max_role, auth_level)
values ('$org', '$key', '$prefix', '\\x$digest', 'Bench', '$user', 'organization_admin', 2);
insert into dp.subscription (org_id, plan) values ('$org', 'enterprise');
END
}

sub subscribe {
    return <<'END';
select set_config('app.fsm_event', 'checkout', true);
update dp.subscription set state = 'active' where state = 'none';
END
}

1;
