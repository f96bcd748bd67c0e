-- getProject: the statements of its transaction (sql/README.md), one by one.

begin isolation level read committed read only;

select pg_catalog.set_config('role', 'dp_api', true),
       pg_catalog.set_config('app.org_id', coalesce(:org_id::uuid::text, ''), true),
       pg_catalog.set_config('app.actor_id', coalesce(:user_id::uuid::text, ''), true),
       pg_catalog.set_config('app.credential_id', coalesce(:key_id::uuid::text, ''), true),
       pg_catalog.set_config('app.request_id', coalesce(gen_random_uuid()::text, ''), true),
       pg_catalog.set_config('statement_timeout', 5000::int4::text, true),
       pg_catalog.set_config('lock_timeout', '2000', true);

select * from app.principal_facts();

select p.id, p.name, p.slug, p.template, p.template_version, p.preview_ttl_hours, p.created_at,
       app.project_rank(p.id) as project_rank
  from dp.project p
 where p.org_id = app.current_org() and p.id = :project_id::uuid and p.deleted_at is null;

select e.id, e.name, e.kind, e.state
  from dp.environment e
 where e.org_id = app.current_org() and e.project_id = :project_id::uuid and e.state <> 'archived'
 order by e.preview_slot nulls first, e.ordinal;

commit;
