-- Revert devpilot:jobs from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.job_claim(json, integer, text, integer);
drop function app.job_serial_take(uuid, text);
drop function app.job_enqueue(text, smallint, json, integer, smallint, integer, text, text, timestamptz, bytea, uuid);
drop function app.job_turn(uuid);
drop table dp.job;
delete from dp.fsm_transition where machine = 'job';
delete from dp.fsm_state where machine = 'job';

commit;
