-- Revert devpilot:job_schedules from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.schedules_fire(json);
drop table dp.schedule;
drop function app.keeper_lead();
drop function app.job_cancel(uuid, text, text);
drop function app.job_requeue(uuid, text, text);
drop function app.job_event(dp.job, text, text, text);

commit;
