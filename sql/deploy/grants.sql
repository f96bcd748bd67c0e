-- Deploy devpilot:grants to pg
-- phase: expand
-- What each role may touch, and no more.  Nobody but the functions of the owner writes
-- the audit trail and the histories, or reads the digest of a key.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

grant select
   on dp.role, dp.permission, dp.role_permission, dp.fsm_state, dp.fsm_transition, dp.kill_switch,
      dp.plan, dp.plan_limit, dp.blueprint_template, dp.step_definition
   to dp_api, dp_billing, dp_system, dp_ops, dp_ro;

grant select (id, display_name, status, mfa_required, created_at)
   on dp.app_user
   to dp_api, dp_system, dp_ops, dp_ro;

grant select (org_id, id, prefix, name, created_by, max_role_scope, max_role, scopes, auth_level,
              created_at, expires_at, revoked_at, rotated_from, last_used_at)
   on dp.api_key
   to dp_api, dp_system, dp_ops, dp_ro;

grant select
   on dp.org, dp.org_member, dp.subscription, dp.quota_usage
   to dp_api, dp_billing, dp_system, dp_ops, dp_ro;

grant select
   on dp.project, dp.project_member, dp.revision, dp.step, dp.environment
   to dp_api, dp_system, dp_ops, dp_ro;

grant insert
   on dp.project, dp.project_member, dp.revision, dp.step, dp.environment
   to dp_api;

grant select, insert, update
   on dp.idempotency_key
   to dp_api, dp_billing, dp_system;

grant insert, update
   on dp.quota_usage
   to dp_api, dp_billing;

grant update
   on dp.subscription
   to dp_billing;

grant insert
   on dp.outbox
   to dp_api, dp_billing, dp_system, dp_ops;

grant select
   on dp.fsm_history, dp.audit_event, dp.audit_detail
   to dp_system, dp_ops, dp_ro;

grant select
   on dp.audit_unsealed, dp.outbox
   to dp_system, dp_ops;

grant update (enabled, epoch, reason, set_by, set_at, expires_at)
   on dp.kill_switch
   to dp_ops;

commit;
