-- Verify devpilot:environments on pg

begin;

select org_id, id, project_id, kind, name, state, state_detail, branch, branch_slug, preview_slot,
       url, row_version, created_at, last_activity_at, expires_at
  from dp.environment
 where false;

rollback;
