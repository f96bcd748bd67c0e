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
    p_trace_id bytea
)
returns uuid
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    org constant uuid := app.current_org();
    made uuid;
begin
    insert into dp.job (org_id, kind, version, payload, switches, priority, max_attempts,
                        unique_key, serial_key, run_at, trace_id, request_id, turn)
    values (org, p_kind, p_version, p_payload, p_switches, p_priority, p_max_attempts,
            p_unique_key, p_serial_key, coalesce(p_run_at, now()), p_trace_id, app.request_id(),
            app.job_turn(org))
    on conflict (org_id, kind, unique_key)
        where unique_key is not null and state in ('available', 'running')
        do nothing
    returning id into made;

    return made;
end
$$;

comment on function
    app.job_enqueue(text, smallint, json, integer, smallint, integer, text, text, timestamptz, bytea) is
'Does: queues a job of the context''s tenant, or of the platform when it has none, in the same
transaction as what it follows from.  Parameters: kind, version of the payload, payload, switches,
priority (lower goes first), attempts at most, unique key or null, serial key or null, not before
or null, trace id or null.  Returns: its id; null when one with its unique key waits or runs.
Touches: job, as its owner.';

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

create function app.job_renew(p_owner text, p_lease_s integer)
returns table (id uuid, fence bigint)
language sql security definer
set search_path = pg_catalog
as $$
    update dp.job j
       set lease_until = clock_timestamp() + p_lease_s * interval '1 second'
     where j.state = 'running'
       and j.lease_owner = p_owner
    returning j.id, j.fence
$$;

comment on function app.job_renew(text, integer) is
'Does: renews all leases of a worker.  Parameters: who it is; seconds.  Returns: the claims that it
still has.  Touches: job, as its owner.';

create function app.job_done(p_id uuid, p_fence bigint)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    update dp.job
       set state = 'done',
           lease_owner = null,
           lease_until = null,
           finished_at = now()
     where id = p_id
       and fence = p_fence
       and state = 'running';

    return found;
end
$$;

comment on function app.job_done(uuid, bigint) is
'Does: ends a job, in the transaction of its last change if it has one; no switch stops it.  Parameters: the claim.
Returns: false, with nothing done, when the lease was lost: roll back.  Touches: job, as its owner.';

create function app.job_release(p_id uuid, p_fence bigint)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    update dp.job
       set state = 'available',
           attempt = attempt - 1,
           lease_owner = null,
           lease_until = null
     where id = p_id
       and fence = p_fence
       and state = 'running';

    return found;
end
$$;

comment on function app.job_release(uuid, bigint) is
'Does: gives a job back that was not begun or may not go on, without counting the attempt.
Parameters: the claim.  Returns: false when the lease was lost.  Touches: job, as its owner.';

create function app.job_fail(
    p_id uuid,
    p_fence bigint,
    p_code text,
    p_note text,
    p_again_in_ms integer
)
returns text
language sql security definer
set search_path = pg_catalog
as $$
    update dp.job d
       set state = v.state,
           run_at = case v.state when 'dead' then d.run_at
                    else now() + p_again_in_ms * interval '1 millisecond' end,
           finished_at = case v.state when 'dead' then now() end,
           lease_owner = null,
           lease_until = null,
           code = p_code,
           note = p_note
      from (select j.id as job,
                   case when p_again_in_ms is null or j.attempt >= j.max_attempts then 'dead'
                   else 'available' end as state
              from dp.job j
             where j.id = p_id
               and j.fence = p_fence
               and j.state = 'running'
               for update) v
     where d.id = v.job
    returning d.state
$$;

comment on function app.job_fail(uuid, bigint, text, text, integer) is
'Does: ends an attempt that failed.  Parameters: the claim; an error code; a note for operators
without secrets, or null; milliseconds until the next attempt, or null for none.  Returns: available,
or dead when no attempt is left; null when the lease was lost.  Touches: job, as its owner.';

create function app.job_expire()
returns table (expired bigint, died bigint)
language sql security definer
set search_path = pg_catalog
as $$
    select count(*),
           count(*) filter (where v.state = 'dead')
      from (select app.job_fail(j.id, j.fence, 'JOB_LEASE_EXPIRED', null, 1000) as state
              from (select e.id, e.fence
                      from dp.job e
                     where e.state = 'running'
                       and e.lease_until < clock_timestamp()
                     order by e.id
                       for update skip locked) j) v
$$;

comment on function app.job_expire() is
'Does: ends the attempts whose worker has not renewed its lease.  Returns: how many, and how many of
them were the last.  Touches: job, as its owner.';

create function app.job_counts()
returns table (ready bigint, delayed bigint, running bigint, dead bigint, oldest_ready_s double precision)
language sql stable security definer
set search_path = pg_catalog
as $$
    select count(*) filter (where j.state = 'available' and j.run_at <= now()),
           count(*) filter (where j.state = 'available' and j.run_at > now()),
           count(*) filter (where j.state = 'running'),
           count(*) filter (where j.state = 'dead'),
           coalesce(extract(epoch from now() - min(j.run_at)
                            filter (where j.state = 'available' and j.run_at <= now())), 0)
      from dp.job j
     where j.state <> 'done'
$$;

comment on function app.job_counts() is
'Returns: jobs by what they are waiting for, and for how many seconds the oldest could have run.
Touches: job, as its owner.';

create function app.job_requeue(p_id uuid, p_actor text, p_reason text)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    found_job dp.job;
begin
    update dp.job
       set state = 'available',
           attempt = 0,
           run_at = now(),
           finished_at = null,
           turn = app.job_turn(org_id)
     where id = p_id
       and state = 'dead'
    returning * into found_job;

    if found then
        perform app.job_event(found_job, 'requeued', p_actor, p_reason);
    end if;

    return found_job.id is not null;
end
$$;

comment on function app.job_requeue(uuid, text, text) is
'Does: gives a dead job all its attempts again.  Parameters: its id, who says so, why.  Returns:
whether there was such a one.  Touches: job and the audit trail, as their owner.  For dp_ops only.';

create function app.job_cancel(p_id uuid, p_actor text, p_reason text)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    found_job dp.job;
begin
    update dp.job
       set state = 'dead',
           finished_at = now(),
           code = 'JOB_CANCELED'
     where id = p_id
       and state = 'available'
    returning * into found_job;

    if found then
        perform app.job_event(found_job, 'canceled', p_actor, p_reason);
    end if;

    return found_job.id is not null;
end
$$;

comment on function app.job_cancel(uuid, text, text) is
'Does: makes a job dead that waits.  Parameters: its id, who says so, why.  Returns: whether there
was such a one.  Touches: job and the audit trail, as their owner.  For dp_ops only.';

create function app.job_event(p_job dp.job, p_action text, p_actor text, p_reason text)
returns bigint
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    perform set_config('app.org_id', coalesce(p_job.org_id::text, ''), true);

    return app.audit('job.' || p_action, 'job', p_job.id::text, 'success', null,
                     json_build_object('kind', p_job.kind, 'actor', p_actor, 'reason', p_reason),
                     'system', p_job.trace_id);
end
$$;

comment on function app.job_event(dp.job, text, text, text) is
'Does: records what an operator did to a job, in the trail of its tenant, which becomes the
context''s.  Returns: seq.  Touches: the audit trail, as its owner.';

create function app.keeper_lead()
returns boolean
language sql
as $$
    select exists (select
                     from pg_locks l
                    where l.locktype = 'advisory'
                      and l.classid = 1146113876
                      and l.objid = 0
                      and l.pid = pg_backend_pid()
                      and l.granted)
           or pg_try_advisory_lock(1146113876, 0)
$$;

comment on function app.keeper_lead() is
'Does: makes this connection the one that acts for all workers, if there is no other, for as long as
it lives.  Returns: whether it is.  Touches: the advisory lock (1146113876, 0).';

create table dp.schedule (
    kind text not null,
    next_at timestamptz(6) not null,
    last_at timestamptz(6),
    constraint schedule_pkey primary key (kind)
);

comment on table dp.schedule is
'When a kind of job that comes by itself was queued last, and is queued next.  How often is the
worker''s to say.';

create function app.schedules_fire(p_kinds json)
returns integer
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    fired integer := 0;
    due record;
begin
    insert into dp.schedule (kind, next_at)
    select k.name, now()
      from json_to_recordset(p_kinds) k (name text)
    on conflict do nothing;

    for due in
        select s.kind, s.next_at, k.every_s, k.version, k.switches, k.priority, k.max_attempts
          from dp.schedule s
          join json_to_recordset(p_kinds) k (name text, every_s integer, version smallint,
                                             switches integer, priority smallint,
                                             max_attempts integer) on k.name = s.kind
         where s.next_at <= now()
           for update of s
    loop
        perform app.job_enqueue(due.kind, due.version, '{}', due.switches, due.priority,
                                due.max_attempts, 'schedule', null, null, null);

        -- what was missed is not made up for, and the rhythm is kept
        update dp.schedule s
           set last_at = now(),
               next_at = due.next_at
                         + due.every_s * interval '1 second'
                           * (1 + floor(extract(epoch from now() - due.next_at) / due.every_s))
         where s.kind = due.kind;

        fired := fired + 1;
    end loop;

    return fired;
end
$$;

comment on function app.schedules_fire(json) is
'Does: queues a job of each kind whose time has come, unless the one before still waits or runs.
Parameter: an array of {name, every_s, version, switches, priority, max_attempts}, the latter as
job_enqueue() takes them.  Returns: for how many kinds it was time.  Touches: schedule, job, as their
owner.';

grant select
   on dp.job
   to dp_api, dp_billing, dp_system, dp_ops, dp_ro;

grant select
   on dp.schedule
   to dp_system, dp_ops;

grant execute
    on function app.job_enqueue(text, smallint, json, integer, smallint, integer, text, text,
                                timestamptz, bytea)
    to dp_api, dp_billing, dp_system, dp_ops;

grant execute
    on function app.job_claim(json, integer, text, integer),
                app.job_renew(text, integer),
                app.job_done(uuid, bigint),
                app.job_release(uuid, bigint),
                app.job_fail(uuid, bigint, text, text, integer),
                app.job_expire(),
                app.job_counts(),
                app.keeper_lead(),
                app.schedules_fire(json)
    to dp_system;

grant execute
    on function app.job_requeue(uuid, text, text),
                app.job_cancel(uuid, text, text),
                app.job_counts()
    to dp_ops;

commit;
