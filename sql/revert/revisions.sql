-- Revert devpilot:revisions from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop table dp.step;
drop table dp.revision;

commit;
