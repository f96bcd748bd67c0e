-- Revert devpilot:append_only from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.append_only();

commit;
