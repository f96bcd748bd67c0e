-- Revert devpilot:context from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.request_id();
drop function app.current_credential_kind();
drop function app.current_credential();
drop function app.current_actor();
drop function app.current_org();

commit;
