-- Deploy devpilot:api_key_revocation to pg
-- phase: expand
-- A tenant may revoke its keys, and change nothing else of them; a revocation is for
-- ever.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create trigger api_key_revoked_is_immutable
    after update on dp.api_key
    for each row
    when (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at)
    execute function app.immutable_row();

grant update (revoked_at)
   on dp.api_key
   to dp_api;

commit;
