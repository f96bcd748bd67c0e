-- Revert devpilot:api_keys from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.principal_facts();
drop function app.api_key_find(text);
drop table dp.api_key;

commit;
