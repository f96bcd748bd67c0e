-- Revert devpilot:api_key_revocation from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

revoke update (revoked_at)
    on dp.api_key
  from dp_api;

drop trigger api_key_revoked_is_immutable on dp.api_key;

commit;
