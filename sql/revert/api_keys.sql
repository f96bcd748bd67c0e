-- Revert devpilot:api_keys from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.api_key_scopes(text[]);
drop function app.credential_usable(timestamptz, timestamptz, text, timestamptz);
drop table dp.api_key;

commit;
