-- Revert devpilot:kill_switch_sources from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

revoke execute on function app.control_read(bigint) from dp_ops;

drop function app.kill_switch_drained(integer);
drop function app.kill_switch_observe(text, text, integer, text);
drop function app.kill_switch_set(text, boolean, text, text, bigint);
drop trigger kill_switch_record on dp.kill_switch;
drop trigger kill_switch_stamp on dp.kill_switch;
drop function app.kill_switch_record();
drop function app.kill_switch_stamp();
drop function app.kill_switch_event(text, text, boolean, boolean, jsonb);
drop table dp.kill_switch_source;

alter table dp.kill_switch
    drop column actor;

commit;
