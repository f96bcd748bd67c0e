-- Deploy devpilot:maintenance to pg
-- phase: expand
-- What jobs do to keep the database as it is: a portion at a time, each in a transaction
-- of its own, so that no lock is held for long.  They are writes of jobs, and refuse
-- under GLOBAL_WRITE and BACKGROUND_JOBS.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.idempotency_reap(p_limit integer)
returns integer
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    reaped integer;
begin
    if app.enter_write(1 | 8) <> 0 then
        return null;
    end if;

    -- a row that a request is replacing at this moment is left to the next portion
    with expired as (
        select k.ctid
          from dp.idempotency_key k
         where k.expires_at <= now()
         order by k.expires_at
         limit p_limit
           for update skip locked
    )
    delete from dp.idempotency_key k
     using expired e
     where k.ctid = e.ctid;

    get diagnostics reaped = row_count;

    return reaped;
end
$$;

comment on function app.idempotency_reap(integer) is
'Does: deletes stored responses whose time is over.  Parameter: how many at most.  Returns: how many;
null, with nothing done, under GLOBAL_WRITE or BACKGROUND_JOBS.  Touches: idempotency_key, as its owner.';

create function app.job_prune(p_limit integer, p_days integer)
returns integer
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    pruned integer;
begin
    if app.enter_write(1 | 8) <> 0 then
        return null;
    end if;

    with finished as (
        select j.id
          from dp.job j
         where j.state in ('done', 'dead')
           and j.finished_at < now() - p_days * interval '1 day'
         order by j.finished_at
         limit p_limit
           for update skip locked
    )
    delete from dp.job j
     using finished f
     where j.id = f.id;

    get diagnostics pruned = row_count;

    return pruned;
end
$$;

comment on function app.job_prune(integer, integer) is
'Does: deletes jobs that ended long ago.  Parameters: how many at most; days.  Returns: how many;
null, with nothing done, under GLOBAL_WRITE or BACKGROUND_JOBS.  Touches: job, as its owner.';

create function app.audit_partition_ensure()
returns integer
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    width constant bigint := 10000000;
    made integer := 0;
    covered bigint;
    reached bigint;
begin
    if app.enter_write(1 | 8) <> 0 then
        return null;
    end if;

    select coalesce(max(substring(c.relname from '^audit_event_(\d+)$')::bigint) + 1, 0) * width
      into covered
      from pg_inherits i
      join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'dp.audit_event'::regclass;

    select coalesce(s.last_value, 0)
      into reached
      from pg_sequences s
     where s.schemaname = 'dp'
       and s.sequencename = 'audit_seq';

    while covered < reached + width loop
        covered := app.audit_partition_add();
        made := made + 1;
    end loop;

    return made;
end
$$;

comment on function app.audit_partition_ensure() is
'Does: makes partitions until there is room for ten million events more.  Returns: how many it made;
null, with nothing done, under GLOBAL_WRITE or BACKGROUND_JOBS.  Touches: the audit tables, as audit_partition_add().';

grant execute
    on function app.idempotency_reap(integer), app.job_prune(integer, integer),
                app.audit_partition_ensure()
    to dp_system;

commit;
