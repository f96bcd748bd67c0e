-- Revert devpilot:api_key_issue from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

revoke insert (org_id, id, prefix, digest, name, created_by, max_role, scopes, auth_level, expires_at,
               rotated_from),
       update (expires_at)
    on dp.api_key
  from dp_api;

drop function app.api_keys_announce(integer);
drop policy own on dp.api_key;
drop trigger api_key_ends_earlier_only on dp.api_key;
drop index dp.api_key_end_idx;
alter table dp.api_key drop column end_announced_at;

commit;
