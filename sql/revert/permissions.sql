-- Revert devpilot:permissions from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

delete from dp.role_permission;
delete from dp.permission;

drop function app.permission_define(text, text, text, text, text);

commit;
