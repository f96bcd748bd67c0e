-- Deploy devpilot:job_schedules to pg
-- phase: expand
-- Jobs that come by themselves, kept by one worker at a time; and what operators do to
-- jobs, with a reason and on record.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.job_requeue(p_id uuid, p_actor text, p_reason text)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    found_job dp.job;
begin
    update dp.job j
       set state = 'available',
           attempt = 0,
           run_at = now(),
           finished_at = null,
           code = null,
           note = null,
           turn = app.job_turn(j.org_id)
     where j.id = p_id
       and j.state = 'dead'
       and not exists (select
                         from dp.job n
                        where n.unique_key = j.unique_key
                          and n.kind = j.kind
                          and n.org_id is not distinct from j.org_id
                          and n.state in ('available', 'running'))
    returning * into found_job;

    if found then
        perform app.job_event(found_job, 'requeued', p_actor, p_reason);
    end if;

    return found_job.id is not null;
end
$$;

comment on function app.job_requeue(uuid, text, text) is
'Does: gives a dead job all its attempts again.  Parameters: its id, who says so, why.  Returns:
whether there was such a one; false, too, when another one with its unique key waits or runs.
Touches: job and the audit trail, as their owner.  For dp_ops only.';

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
   on dp.schedule
   to dp_system, dp_ops;

grant execute
    on function app.keeper_lead(), app.schedules_fire(json)
    to dp_system;

grant execute
    on function app.job_requeue(uuid, text, text), app.job_cancel(uuid, text, text)
    to dp_ops;

commit;
