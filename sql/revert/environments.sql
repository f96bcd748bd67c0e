-- Revert devpilot:environments from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop table dp.environment;

commit;
