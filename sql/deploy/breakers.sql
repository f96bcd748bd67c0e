-- Deploy devpilot:breakers to pg
-- phase: expand
-- Circuit breakers of calls to providers, shared by all workers.  A worker reads a
-- breaker, decides (worker/outbound/breaker.h) and writes it under the version it read:
-- who comes second reads again.  Times are microseconds since 1970 of this database's
-- clock, so that all workers mean the same ones.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

insert into dp.fsm_state (machine, kind, state, is_initial, is_terminal)
values ('breaker', '*', 'closed', true, false),
       ('breaker', '*', 'open', false, false),
       ('breaker', '*', 'half_open', false, false);

insert into dp.fsm_transition (machine, kind, from_state, to_state, event, source)
values ('breaker', '*', 'closed', 'open', 'threshold', 'INT-12'),
       ('breaker', '*', 'open', 'half_open', 'cooldown', 'INT-13'),
       ('breaker', '*', 'half_open', 'closed', 'probe_ok', 'INT-13'),
       ('breaker', '*', 'half_open', 'open', 'probe_failed', 'INT-13'),
       ('breaker', '*', 'open', 'closed', 'reset', 'INT-12');

create table dp.circuit_breaker (
    provider text not null,
    scope_id uuid not null,
    org_id uuid,
    state text not null default 'closed',
    failures bigint[] not null default '{}',
    opened_at bigint not null default 0,
    open_since bigint not null default 0,
    probe_owner uuid,
    probe_until bigint not null default 0,
    version bigint not null default 1,
    changed_at timestamptz(6) not null default clock_timestamp(),
    constraint circuit_breaker_pkey primary key (provider, scope_id),
    constraint circuit_breaker_org_id_fkey foreign key (org_id) references dp.org (id),
    constraint circuit_breaker_of_a_tenant
        check ((org_id is null) = (scope_id = '00000000-0000-0000-0000-000000000000')),
    constraint circuit_breaker_window check (cardinality(failures) <= 10),
    constraint circuit_breaker_one_probe
        check ((state = 'half_open') = (probe_owner is not null))
) with (fillfactor = 70);

comment on table dp.circuit_breaker is
'One per provider, and one per integration that failed.  No row: closed, and no failure yet.';

comment on column dp.circuit_breaker.provider is
'A row of worker/outbound/providers.def; of several servers of one provider with :name behind it.';

comment on column dp.circuit_breaker.scope_id is
'The integration; all zero: the provider as a whole, of no tenant.';

comment on column dp.circuit_breaker.failures is
'When the last ten failures were, oldest first.';

comment on column dp.circuit_breaker.opened_at is
'When it opened last; open_since: when the outage began, before probes that failed.';

comment on column dp.circuit_breaker.probe_owner is
'The one call that may be made while it is half open, until probe_until.';

create constraint trigger circuit_breaker_initial
    after insert on dp.circuit_breaker
    for each row
    when (new.state <> 'closed')
    execute function app.fsm_initial('breaker');

create trigger circuit_breaker_transition
    after update on dp.circuit_breaker
    for each row
    when (old.state <> new.state)
    execute function app.fsm_guard('breaker');

alter table dp.circuit_breaker enable row level security;
alter table dp.circuit_breaker force row level security;

create policy tenant on dp.circuit_breaker to dp_api, dp_billing, dp_ro
    using (org_id is null or org_id = (select app.current_org()));

create policy platform on dp.circuit_breaker to dp_system, dp_ops, dp_owner
    using (true)
    with check (true);

create function app.breakers_read(p_provider text, p_scope uuid)
returns table (
    scope_id uuid,
    state text,
    failures text,
    opened_at bigint,
    open_since bigint,
    probe_owner uuid,
    probe_until bigint,
    version bigint,
    now bigint,
    switches integer
)
language plpgsql stable security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    return query
    select s.id,
           coalesce(b.state, 'closed'),
           coalesce(b.failures, '{}')::text,
           coalesce(b.opened_at, 0),
           coalesce(b.open_since, 0),
           b.probe_owner,
           coalesce(b.probe_until, 0),
           coalesce(b.version, 0),
           (extract(epoch from clock_timestamp()) * 1000000)::bigint,
           (select coalesce(bit_or(1 << k.bit), 0)
              from dp.kill_switch k
             where k.enabled)
      from (values (1, '00000000-0000-0000-0000-000000000000'::uuid),
                   (2, p_scope)) s (n, id)
      left join dp.circuit_breaker b on b.provider = p_provider and b.scope_id = s.id
     where s.id is not null
     order by s.n;
end
$$;

comment on function app.breakers_read(text, uuid) is
'Parameters: provider; integration or null.  Returns: the provider''s breaker, then the
integration''s, with what a missing row means (version 0); the time now, and the kill switches that
are on, on both.  Touches: circuit_breaker, kill_switch, as their owner.';

create function app.breaker_audit(
    p_provider text,
    p_scope uuid,
    p_org uuid,
    p_action text,
    p_detail json
)
returns void
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    event dp.audit_event;
begin
    event.id := gen_random_uuid();
    event.org_id := p_org;
    event.at := clock_timestamp();
    event.actor_type := 'system';
    event.action := p_action;
    event.target_type := 'breaker';
    event.target_id := p_provider || case when p_org is null then '' else '/' || p_scope end;
    event.outcome := 'success';
    event.request_id := app.request_id();

    perform app.audit_record(event, p_detail);

    insert into dp.outbox (org_id, topic, key, payload)
    values (p_org, p_action, event.target_id, p_detail);
end
$$;

comment on function app.breaker_audit(text, uuid, uuid, text, json) is
'Does: records a transition, in the trail of the integration''s tenant or of the platform, and tells
the world.  Touches: the audit trail, outbox.';

create function app.breaker_write(
    p_provider text,
    p_scope uuid,
    p_org uuid,
    p_version bigint,
    p_state text,
    p_failures text,
    p_opened_at bigint,
    p_open_since bigint,
    p_probe_owner uuid,
    p_probe_until bigint
)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    before text := 'closed';
begin
    if p_version = 0 then
        insert into dp.circuit_breaker (provider, scope_id, org_id, failures)
        values (p_provider, p_scope, p_org, p_failures::bigint[])
        on conflict (provider, scope_id) do nothing;

        return found;
    end if;

    select b.state
      into before
      from dp.circuit_breaker b
     where b.provider = p_provider
       and b.scope_id = p_scope
       and b.version = p_version
       for no key update;

    if not found then
        return false;
    end if;

    update dp.circuit_breaker b
       set state = p_state,
           failures = p_failures::bigint[],
           opened_at = p_opened_at,
           open_since = p_open_since,
           probe_owner = p_probe_owner,
           probe_until = p_probe_until,
           version = b.version + 1,
           changed_at = clock_timestamp()
     where b.provider = p_provider
       and b.scope_id = p_scope;

    if before <> p_state then
        perform app.breaker_audit(p_provider, p_scope, p_org, 'breaker.' || p_state,
                                  json_build_object('from', before, 'to', p_state,
                                                    'failures', cardinality(p_failures::bigint[])));
    end if;

    return true;
end
$$;

comment on function app.breaker_write(text, uuid, uuid, bigint, text, text, bigint, bigint, uuid, bigint) is
'Does: replaces a breaker that still has the version that was read; audits a change of its state.
Parameters: provider, integration (all zero: none), its tenant or null, that version (0: there was no row), and all of its
columns.  Returns: false, with nothing done, when somebody else was faster.  Touches:
circuit_breaker, the audit trail, outbox, as their owner.  Asks no kill switch.';

create function app.breaker_reset(p_provider text, p_scope uuid, p_reason text, p_actor text)
returns text
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    before dp.circuit_breaker;
begin
    select *
      into before
      from dp.circuit_breaker b
     where b.provider = p_provider
       and b.scope_id = p_scope
       for no key update;

    if not found then
        return null;
    end if;

    update dp.circuit_breaker
       set state = 'closed',
           failures = '{}',
           opened_at = 0,
           open_since = 0,
           probe_owner = null,
           probe_until = 0,
           version = version + 1,
           changed_at = clock_timestamp()
     where provider = p_provider
       and scope_id = p_scope;

    perform app.breaker_audit(p_provider, p_scope, before.org_id, 'breaker.reset',
                              json_build_object('from', before.state, 'to', 'closed',
                                                'actor', p_actor, 'reason', p_reason));

    return before.state;
end
$$;

comment on function app.breaker_reset(text, uuid, text, text) is
'Does: closes a breaker and forgets its failures, by an operator.  Parameters: provider, integration
(all zero: none), reason, operator.  Returns: the state it had; null: there is no such row.
Touches: circuit_breaker, the audit trail, outbox, as their owner.';

create function app.breakers_list()
returns table (
    provider text,
    scope_id uuid,
    org_id uuid,
    state text,
    recent bigint,
    wait_s bigint,
    changed_at timestamptz
)
language sql stable security definer
set search_path = pg_catalog
as $$
    select b.provider,
           b.scope_id,
           b.org_id,
           b.state,
           (select count(*)
              from unnest(b.failures) f (at)
             where f.at > (extract(epoch from clock_timestamp()) * 1000000)::bigint - 60000000),
           greatest(0, ceil((b.opened_at + 30000000)::numeric / 1000000
                            - extract(epoch from clock_timestamp())))::bigint,
           b.changed_at
      from dp.circuit_breaker b
     order by b.state = 'closed', b.provider, b.scope_id
     limit 200
$$;

comment on function app.breakers_list() is
'Returns: breakers, those that are not closed first: how many failures the last minute saw, and
seconds until an open one is tried.  Touches: circuit_breaker, as its owner.';

grant select
   on dp.circuit_breaker
   to dp_api, dp_ro, dp_system, dp_ops;

grant execute
   on function app.breakers_read(text, uuid),
               app.breaker_write(text, uuid, uuid, bigint, text, text, bigint, bigint, uuid, bigint)
   to dp_system;

grant execute
   on function app.breakers_list(), app.breaker_reset(text, uuid, text, text)
   to dp_ops;

commit;
