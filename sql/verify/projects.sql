-- Verify devpilot:projects on pg

begin;

select org_id, id, name, slug, template, template_version, preview_ttl_hours, row_version,
       created_by, created_at, deleted_at
  from dp.project
 where false;
select org_id, project_id, user_id, scope, role, created_at from dp.project_member where false;
select 'app.project_slug_free(text)'::regprocedure;

rollback;
