-- Revert devpilot:ownership from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.ownership_violated(json);
drop function app.resource_is_foreign(text, uuid);
drop index dp.api_key_id_idx;

commit;
