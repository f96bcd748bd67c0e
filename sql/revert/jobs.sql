-- Revert devpilot:jobs from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.schedules_fire(json);
drop table dp.schedule;
drop function app.keeper_lead();
drop function app.job_cancel(uuid, text, text);
drop function app.job_requeue(uuid, text, text);
drop function app.job_event(dp.job, text, text, text);
drop function app.job_counts();
drop function app.job_expire();
drop function app.job_fail(uuid, bigint, text, text, integer);
drop function app.job_release(uuid, bigint);
drop function app.job_done(uuid, bigint);
drop function app.job_renew(text, integer);
drop function app.job_claim(json, integer, text, integer);
drop function app.job_serial_take(uuid, text);
drop function app.job_enqueue(text, smallint, json, integer, smallint, integer, text, text, timestamptz, bytea);
drop function app.job_turn(uuid);
drop table dp.job;
delete from dp.fsm_transition where machine = 'job';
delete from dp.fsm_state where machine = 'job';

commit;
