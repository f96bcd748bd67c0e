-- Revert devpilot:sessions from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.sessions_reap(integer, integer);
drop function app.session_set_org(uuid);
drop function app.sessions_revoke(uuid, text);
drop function app.actor_sessions(timestamptz, uuid, bigint);
drop function app.actor_session(uuid);
drop function app.sessions_used(json, integer);
drop function app.session_facts(uuid);
drop function app.api_key_find(uuid, uuid);
drop function app.session_find(bytea, uuid);
revoke select on dp.control_state from dp_system;
revoke execute
    on function app.credential_usable(timestamptz, timestamptz, text, timestamptz)
  from dp_system;

drop table dp.refresh_token;
drop table dp.session;

commit;
