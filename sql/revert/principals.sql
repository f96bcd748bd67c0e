-- Revert devpilot:principals from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.api_keys_used(json);
drop function app.principal_find(text);

commit;
