-- Deploy devpilot:jobs to pg
-- phase: expand
-- Work that is done behind a request.  A worker leases a job, renews the lease while it
-- works, and ends it under the fence of its claim: who lost his lease changes nothing.
-- Jobs are queued in turns: a tenant's second job stands behind everybody's first,
-- however many it has.  No claim waits for another.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

insert into dp.fsm_state (machine, kind, state, is_initial, is_terminal)
values ('job', '*', 'available', true, false),
       ('job', '*', 'running', false, false),
       ('job', '*', 'done', false, true),
       ('job', '*', 'dead', false, false);

insert into dp.fsm_transition (machine, kind, from_state, to_state, event, source)
values ('job', '*', 'available', 'running', 'claim', 'INT-11'),
       ('job', '*', 'available', 'dead', 'cancel', 'INT-11'),
       ('job', '*', 'running', 'done', 'complete', 'INT-11'),
       ('job', '*', 'running', 'available', 'retry', 'INT-11'),
       ('job', '*', 'running', 'available', 'release', 'KS-02'),
       ('job', '*', 'running', 'available', 'expire', 'INT-11'),
       ('job', '*', 'running', 'dead', 'exhaust', 'INT-11'),
       ('job', '*', 'dead', 'available', 'requeue', 'INT-11');

create table dp.job (
    id uuid not null default gen_random_uuid(),
    org_id uuid,
    kind text not null,
    version smallint not null,
    payload json not null,
    unique_key text,
    serial_key text,
    priority smallint not null,
    turn bigint not null,
    seq bigint not null generated always as identity,
    switches integer not null,
    state text not null default 'available',
    run_at timestamptz(6) not null default now(),
    attempt integer not null default 0,
    max_attempts integer not null,
    fence bigint not null default 0,
    lease_owner text,
    lease_until timestamptz(6),
    code text,
    note text,
    request_id uuid,
    trace_id bytea,
    created_at timestamptz(6) not null default now(),
    finished_at timestamptz(6),
    constraint job_pkey primary key (id),
    constraint job_org_id_fkey foreign key (org_id) references dp.org (id),
    constraint job_leased_while_running
        check ((state = 'running') = (lease_until is not null)
               and (lease_owner is null) = (lease_until is null)),
    constraint job_finished_at_its_end
        check ((state in ('done', 'dead')) = (finished_at is not null)),
    constraint job_dead_says_why check (state <> 'dead' or code is not null),
    constraint job_attempts check (attempt between 0 and max_attempts)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);

comment on column dp.job.org_id is 'Null: the platform''s own.';

comment on column dp.job.unique_key is
'No two jobs of a tenant and kind with the same one wait or run.';

comment on column dp.job.serial_key is 'No two jobs of a tenant with the same one run at once.';

comment on column dp.job.turn is
'Place in the queue among jobs of one priority: start-time fair queueing, each job of size one.  Of
one turn the older goes first.';

comment on column dp.job.switches is
'Bits of the kill switches under which it is not claimed.';

comment on column dp.job.fence is
'How often it was claimed: a claim is (id, fence), and an older one changes nothing any more.';

create unique index job_unique_idx
    on dp.job (org_id, kind, unique_key) nulls not distinct
 where unique_key is not null and state in ('available', 'running');

create unique index job_serial_idx
    on dp.job (org_id, serial_key) nulls not distinct
 where serial_key is not null and state = 'running';

create index job_ready_idx on dp.job (priority, turn, seq) where state = 'available';
create index job_tenant_idx on dp.job (org_id, turn) where state = 'available';
create index job_turn_idx on dp.job (turn) where state = 'available';
create index job_lease_idx on dp.job (lease_until) where state = 'running';
create index job_counted_idx on dp.job (state, run_at) where state <> 'done';
create index job_finished_idx on dp.job (finished_at) where state in ('done', 'dead');

create constraint trigger job_initial
    after insert on dp.job
    for each row
    when (new.state <> 'available')
    execute function app.fsm_initial('job');

create trigger job_transition
    after update on dp.job
    for each row
    when (old.state <> new.state)
    execute function app.fsm_guard('job');

alter table dp.job enable row level security;
alter table dp.job force row level security;

create policy tenant on dp.job to dp_api, dp_billing, dp_ro
    using (org_id = (select app.current_org()))
    with check (org_id = (select app.current_org()));

create policy platform on dp.job to dp_system, dp_ops, dp_owner
    using (true)
    with check (true);

create function app.job_turn(p_org uuid)
returns bigint
language sql stable security definer
set search_path = pg_catalog
as $$
    select greatest(
               (select min(j.turn)
                  from dp.job j
                 where j.state = 'available'),
               case when p_org is null then
                   (select max(j.turn) + 1
                      from dp.job j
                     where j.org_id is null
                       and j.state = 'available')
               else
                   (select max(j.turn) + 1
                      from dp.job j
                     where j.org_id = p_org
                       and j.state = 'available')
               end,
               0)
$$;

comment on function app.job_turn(uuid) is
'Returns: the turn of a tenant''s next job: behind its own, and not before the queue''s head.
Parameter: the organisation, or null for the platform.  Touches: job, as its owner.';

create function app.job_enqueue(
    p_kind text,
    p_version smallint,
    p_payload json,
    p_switches integer,
    p_priority smallint,
    p_max_attempts integer,
    p_unique_key text,
    p_serial_key text,
    p_run_at timestamptz,
    p_trace_id bytea,
    p_id uuid default null
)
returns uuid
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    org constant uuid := app.current_org();
    made uuid;
begin
    insert into dp.job (id, org_id, kind, version, payload, switches, priority, max_attempts,
                        unique_key, serial_key, run_at, trace_id, request_id, turn)
    values (coalesce(p_id, gen_random_uuid()), org, p_kind, p_version, p_payload, p_switches,
            p_priority, p_max_attempts, p_unique_key, p_serial_key, coalesce(p_run_at, now()),
            p_trace_id, app.request_id(), app.job_turn(org))
    on conflict (org_id, kind, unique_key)
        where unique_key is not null and state in ('available', 'running')
        do nothing
    returning id into made;

    return made;
end
$$;

comment on function
    app.job_enqueue(text, smallint, json, integer, smallint, integer, text, text, timestamptz, bytea,
                    uuid) is
'Does: queues a job of the context''s tenant, or of the platform when it has none, in the same
transaction as what it follows from.  Parameters: kind, version of the payload, payload, switches,
priority (lower goes first), attempts at most, unique key or null, serial key or null, not before
or null, trace id or null, its id or null.  Returns: its id; null when one with its unique key waits
or runs.  Touches: job, as its owner.';

create function app.job_claim(p_known json, p_switches integer, p_owner text, p_lease_s integer)
returns table (
    id uuid,
    org_id uuid,
    kind text,
    version smallint,
    payload json,
    attempt integer,
    max_attempts integer,
    fence bigint,
    request_id uuid,
    trace_id bytea
)
language plpgsql security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
declare
    everything constant integer := 1 | 8; -- GLOBAL_WRITE, BACKGROUND_JOBS
    looked_at constant integer := 256;
    off integer;
    candidate record;
begin
    if (app.enter_write(everything) | p_switches & everything) <> 0 then
        return;
    end if;

    off := p_switches | app.kill_switches_on();

    for candidate in
        select j.id, j.org_id, j.serial_key
          from dp.job j
         where j.state = 'available'
           and j.run_at <= statement_timestamp()
           and j.switches & off = 0
           and j.version <= (p_known ->> j.kind)::smallint
           and (j.serial_key is null
                or not exists (select
                                 from dp.job r
                                where r.serial_key = j.serial_key
                                  and r.org_id is not distinct from j.org_id
                                  and r.state = 'running'))
         order by j.priority, j.turn, j.seq
         limit looked_at
    loop
        continue when not app.job_serial_take(candidate.org_id, candidate.serial_key);

        perform
           from dp.job j
          where j.id = candidate.id
            and j.state = 'available'
            for update skip locked;

        continue when not found;

        return query
        update dp.job j
           set state = 'running',
               attempt = j.attempt + 1,
               fence = j.fence + 1,
               lease_owner = p_owner,
               lease_until = clock_timestamp() + p_lease_s * interval '1 second'
         where j.id = candidate.id
        returning j.id, j.org_id, j.kind, j.version, j.payload, j.attempt, j.max_attempts, j.fence,
                  j.request_id, j.trace_id;

        return;
    end loop;
end
$$;

comment on function app.job_claim(json, integer, text, integer) is
'Does: leases the next job, without waiting for anybody.  Parameters: the versions of payload that
the caller understands by kind; the kill switches that it has on by itself; who it is; seconds.
Returns: one row or none.  Nothing is claimed under GLOBAL_WRITE or BACKGROUND_JOBS; those two are
held off to the end of the transaction.  Needs READ COMMITTED.  Touches: job, as its owner,
kill_switch, advisory locks.';

create function app.job_serial_take(p_org uuid, p_serial_key text)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    if p_serial_key is null then
        return true;
    end if;

    if not pg_try_advisory_xact_lock(
               hashtextextended(concat_ws(' ', 'job', p_org, p_serial_key), 0)) then
        return false;
    end if;

    -- The next statement's snapshot is younger than the lock.
    return not exists (select
                         from dp.job j
                        where j.serial_key = p_serial_key
                          and j.org_id is not distinct from p_org
                          and j.state = 'running');
end
$$;

comment on function app.job_serial_take(uuid, text) is
'Does: makes sure, until the transaction ends, that no other claim begins a job of this serial key.
Returns: whether none runs; true without a key.  Touches: job, as its owner, an advisory lock.';

grant select
   on dp.job
   to dp_api, dp_billing, dp_system, dp_ops, dp_ro;

grant execute
    on function app.job_enqueue(text, smallint, json, integer, smallint, integer, text, text,
                                timestamptz, bytea, uuid)
    to dp_api, dp_billing, dp_system, dp_ops;

grant execute
    on function app.job_claim(json, integer, text, integer)
    to dp_system;

commit;
