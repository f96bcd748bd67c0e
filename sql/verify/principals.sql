-- Verify devpilot:principals on pg

begin;

select id, org_id, user_id, digest, auth_level, expires_at, usable, scopes, plan, generation
  from app.principal_find('');
select app.api_keys_used('[]');

rollback;
