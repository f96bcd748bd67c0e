-- Verify devpilot:api_keys on pg

begin;

select org_id, id, prefix, digest, name, created_by, max_role_scope, max_role, scopes, auth_level,
       created_at, expires_at, revoked_at, rotated_from, last_used_at
  from dp.api_key
 where false;
select app.credential_usable(null, null, 'active', null);
select app.api_key_scopes('{}');

rollback;
