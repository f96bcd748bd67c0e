-- Revert devpilot:organizations from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop table dp.org_member;
drop table dp.role_permission;
drop table dp.permission;
drop table dp.role;
drop table dp.org;

commit;
