-- Revert devpilot:external_identities from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.principal_facts();
drop function app.identity_facts(uuid);
drop function app.identity_find(text, text);
drop trigger user_identity_deleted_control on dp.user_identity;
drop trigger user_identity_control on dp.user_identity;

commit;
