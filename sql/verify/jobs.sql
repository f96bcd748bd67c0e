-- Verify devpilot:jobs on pg

begin;

select id, org_id, kind, version, payload, unique_key, serial_key, priority, turn, seq, switches, state,
       run_at, attempt, max_attempts, fence, lease_owner, lease_until, code, note, request_id,
       trace_id, created_at, finished_at
  from dp.job
 where false;
select kind, next_at, last_at from dp.schedule where false;
select expired, died from app.job_expire() where false;
select app.keeper_lead();
select ready, delayed, running, dead, oldest_ready_s from app.job_counts();
select id, fence from app.job_renew('nobody', 1);
select app.job_turn(null),
       app.job_serial_take(null, null),
       app.job_done(gen_random_uuid(), 0),
       app.job_release(gen_random_uuid(), 0),
       app.job_fail(gen_random_uuid(), 0, 'INTERNAL', null, null),
       app.job_requeue(gen_random_uuid(), 'nobody', 'none'),
       app.job_cancel(gen_random_uuid(), 'nobody', 'none');
select id, org_id, kind, version, payload, attempt, max_attempts, fence, request_id, trace_id
  from app.job_claim('{}', 0, 'nobody', 1);
select 'app.job_enqueue(text, smallint, json, integer, smallint, integer, text, text, timestamptz, bytea)'::regprocedure,
       'app.job_event(dp.job, text, text, text)'::regprocedure,
       'app.schedules_fire(json)'::regprocedure;

rollback;
