-- Verify devpilot:sessions on pg

begin;

select id, user_id, org_id, transport, auth_level, auth_at, cookie_digest, created_at, last_seen_at,
       expires_at, absolute_expires_at, revoked_at, revoke_reason, address, user_agent, device_id
  from dp.session
 where false;
select digest, session_id, created_at, expires_at, used_at
  from dp.refresh_token
 where false;
select id, org_id, user_id, auth_level, expires_at, usable, plan, generation
  from app.session_find(null, null);
select scopes from app.api_key_find(null, null);
select id from app.actor_session(null);
select id from app.actor_sessions(now(), null, 1);
select app.sessions_revoke(null, 'none'), app.session_set_org(null), app.sessions_used('[]', 1),
       app.sessions_reap(0, 90);

rollback;
