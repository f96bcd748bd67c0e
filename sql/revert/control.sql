-- Revert devpilot:control from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.enter_write(integer);
drop function app.kill_switches_on();
drop table dp.kill_switch;

commit;
