-- createProject: the statements of its transaction (sql/README.md), one by one.
-- The worker makes ids itself; pgbench cannot, so the context's statement returns
-- them, without a round trip more.

begin isolation level read committed read write;

select pg_catalog.set_config('role', 'dp_api', true),
       pg_catalog.set_config('app.org_id', coalesce(:org_id::uuid::text, ''), true),
       pg_catalog.set_config('app.actor_id', coalesce(:user_id::uuid::text, ''), true),
       pg_catalog.set_config('app.credential_id', coalesce(:key_id::uuid::text, ''), true),
       pg_catalog.set_config('app.request_id', coalesce(gen_random_uuid()::text, ''), true),
       pg_catalog.set_config('statement_timeout', 5000::int4::text, true),
       pg_catalog.set_config('lock_timeout', '2000', true),
       gen_random_uuid() as project_id,
       gen_random_uuid() as revision_id,
       gen_random_uuid() as dev_id,
       gen_random_uuid() as staging_id,
       gen_random_uuid() as prod_id \gset

select app.enter_write(:switches::int4);

select * from app.idempotency_claim(:project_id::text, 'createProject', :fingerprint::bytea);

select * from app.principal_facts();

select pg_catalog.now() as created_at,
       f.template_version, f.subscription_state, f.projects_used, f.projects_max,
       app.project_slug_free('bench-' || :project_id::text) as slug
  from app.project_create_facts('platform') f \gset

insert into dp.project (org_id, id, name, slug, template, template_version, preview_ttl_hours, created_by)
values (app.current_org(), :project_id::uuid, 'bench ' || :project_id::text, :slug::text, 'platform',
        :template_version::int4, 72::int2, app.current_actor());

insert into dp.project_member (org_id, project_id, user_id, role)
values (app.current_org(), :project_id::uuid, app.current_actor(), 'Owner');

insert into dp.revision (org_id, id, project_id, number)
values (app.current_org(), :revision_id::uuid, :project_id::uuid, 1);

insert into dp.step (org_id, project_id, revision_id, ordinal)
select app.current_org(), :project_id::uuid, :revision_id::uuid, d.ordinal
  from dp.step_definition d
 where d.template = 'platform' and d.version = :template_version::int4;

insert into dp.environment (org_id, id, project_id, kind, name)
values (app.current_org(), :dev_id::uuid, :project_id::uuid, 'core', 'dev'),
       (app.current_org(), :staging_id::uuid, :project_id::uuid, 'core', 'staging'),
       (app.current_org(), :prod_id::uuid, :project_id::uuid, 'core', 'prod');

select app.audit('project.created', 'project', :project_id::text, 'success', null, null, 'api_key',
                 :trace_id::bytea);

insert into dp.outbox (org_id, topic, key, payload, trace_id)
values (app.current_org(), 'project.created', :project_id::text, :payload::json, :trace_id::bytea);

select app.idempotency_finish(:project_id::text, 'createProject', :fingerprint::bytea, 201,
                              'application/json', '/projects/' || :project_id::text, null,
                              :response::bytea, false);

select * from app.quota_take('projects', 1);

commit;
