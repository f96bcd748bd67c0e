-- Verify devpilot:revisions on pg

begin;

select org_id, id, project_id, number, parent_id, state, is_active, content_hash, created_at,
       completed_at, is_complete
  from dp.revision
 where false;
select org_id, id, project_id, revision_id, ordinal, state, version, data, data_hash, locked_at,
       locked_by
  from dp.step
 where false;

rollback;
