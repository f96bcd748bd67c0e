-- Deploy devpilot:job_leases to pg
-- phase: expand
-- What becomes of a claim: it is renewed, or ends with the job, the attempt, or its
-- worker.  All of it under the fence; no kill switch stops it.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

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

grant execute
    on function app.job_renew(text, integer),
                app.job_done(uuid, bigint),
                app.job_release(uuid, bigint),
                app.job_fail(uuid, bigint, text, text, integer),
                app.job_expire(),
                app.job_counts()
    to dp_system;

grant execute on function app.job_counts() to dp_ops;

commit;
