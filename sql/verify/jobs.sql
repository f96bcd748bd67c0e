-- Verify devpilot:jobs on pg

begin;

select id, org_id, kind, version, payload, unique_key, serial_key, priority, turn, seq, switches, state,
       run_at, attempt, max_attempts, fence, lease_owner, lease_until, code, note, request_id,
       trace_id, created_at, finished_at
  from dp.job
 where false;
select app.job_turn(null), app.job_serial_take(null, null);
select id, org_id, kind, version, payload, attempt, max_attempts, fence, request_id, trace_id
  from app.job_claim('{}', 0, 'nobody', 1);
select 'app.job_enqueue(text, smallint, json, integer, smallint, integer, text, text, timestamptz, bytea, uuid)'::regprocedure;

rollback;
