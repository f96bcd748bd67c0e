-- Revert devpilot:identity from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop table dp.app_user;

commit;
