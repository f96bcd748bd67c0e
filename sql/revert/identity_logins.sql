-- Revert devpilot:identity_logins from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.identity_login(text, text, text, text, smallint, smallint, uuid, uuid, uuid);
drop function app.identity_sign_up(uuid, uuid, text, text, text);
drop function app.identity_audit(text, uuid, uuid, text);

commit;
