-- Revert devpilot:grants from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

revoke all
    on all tables in schema dp
  from dp_api, dp_billing, dp_system, dp_ops, dp_ro;

revoke select (id, display_name, status, mfa_required, created_at)
    on dp.app_user
  from dp_api, dp_system, dp_ops, dp_ro;

revoke select (org_id, id, prefix, name, created_by, max_role_scope, max_role, scopes, auth_level,
               created_at, expires_at, revoked_at, rotated_from, last_used_at)
    on dp.api_key
  from dp_api, dp_system, dp_ops, dp_ro;

revoke update (enabled, epoch, reason, set_by, set_at, expires_at)
    on dp.kill_switch
  from dp_ops;

commit;
