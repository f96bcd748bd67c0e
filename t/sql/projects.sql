-- What createProject makes, its slug, and what a deleted project refuses.

begin;
\ir lib/fixture.psql
select plan(40);

select pg_temp.become(:a, :alice, :key_a);

create function pg_temp.slug(p_base text)
returns text
language sql
as $$ select pg_temp.run('dp_api', format('select app.project_slug_free(%L)', p_base)) $$;

select is(pg_temp.slug('shop'), 'shop', 'a free slug is taken as it is');
select lives_ok(format($$ select pg_temp.make_project(%L, %L, 'shop') $$, :project_a, :revision_a),
                'BP: dp_api can do what createProject does');
select is(pg_temp.slug('shop'), 'shop-2', 'a slug that is taken gets a suffix');
select is(pg_temp.slug(repeat('x', 60)), repeat('x', 60), 'a slug has 60 characters at most');
insert into dp.project (org_id, id, name, slug, template, template_version, created_by)
select :a, gen_random_uuid(), 'x', s, 'platform', 1, :alice
  from unnest(array[repeat('x', 60), 'shop-2', 'shop-3', 'shop-4', 'shop-5', 'shop-6', 'shop-7',
                    'shop-8', 'shop-9']) s;
select is(pg_temp.slug(repeat('x', 60)), repeat('x', 57) || '-2', 'with its suffix, too');
select matches(pg_temp.slug('shop'), '^shop-[0-9a-f]{12}$', 'a busy name gets a random suffix');
select matches(pg_temp.slug('a-' || repeat('b', 44) || '-cc'), '^[a-z0-9-]+$', 'never a bad one');

select results_eq(
    format($$ select name, state, kind from dp.environment where project_id = %L
               order by array_position(array['dev', 'staging', 'prod'], name) $$, :project_a),
    $$ values ('dev', 'pending', 'core'), ('staging', 'pending', 'core'),
              ('prod', 'pending', 'core') $$,
    'ENV-14: three core environments, pending');
select results_eq(
    format($$ select s.ordinal::int, d.key, s.state, s.version
                from dp.step s
                join dp.revision r on r.org_id = s.org_id and r.id = s.revision_id
                join dp.project p on p.org_id = s.org_id and p.id = s.project_id
                join dp.step_definition d on d.template = p.template
                                         and d.version = p.template_version
                                         and d.ordinal = s.ordinal
               where p.id = %L and r.is_active and r.number = 1
               order by s.ordinal $$, :project_a),
    $$ values (1, 'vision', 'pending', 0), (2, 'users', 'pending', 0),
              (3, 'requirements', 'pending', 0), (4, 'architecture', 'pending', 0),
              (5, 'data_model', 'pending', 0), (6, 'api', 'pending', 0),
              (7, 'security_operations', 'pending', 0), (8, 'delivery_plan', 'pending', 0) $$,
    'BP: revision 1 with the template''s eight steps');
select results_eq(
    format($$ select user_id, role from dp.project_member where project_id = %L $$, :project_a),
    format($$ values (%L::uuid, 'Owner') $$, :alice),
    'RBAC-05: who creates a project owns it');

-- Constraints that the worker maps to codes.
select throws_ok(format($$ select pg_temp.make_project(gen_random_uuid(), gen_random_uuid(), 'shop') $$),
                 '23505', 'duplicate key value violates unique constraint "project_slug_key"',
                 'a living project''s slug is its own');
select throws_ok(
    format($$ insert into dp.project (org_id, id, name, slug, template, template_version,
                                      preview_ttl_hours, created_by)
              values (%L, gen_random_uuid(), 'x', 'ttl', 'platform', 1, %s, %L) $$, :a, h, :alice),
    '23514', null, format('ENV-17: %s hours are refused', h))
  from unnest(array[23, 169]) h;
select lives_ok(
    format($$ insert into dp.project (org_id, id, name, slug, template, template_version,
                                      preview_ttl_hours, created_by)
              values (%L, gen_random_uuid(), 'x', 'ttl-%s', 'platform', 1, %s, %L) $$,
           :a, h, h, :alice),
    format('ENV-17: %s hours are not', h))
  from unnest(array[24, 168]) h;
select throws_ok(
    format($$ insert into dp.project (org_id, id, name, slug, template, template_version,
                                      created_by)
              values (%L, gen_random_uuid(), 'x', 'no-template', 'unheard_of', 1, %L) $$, :a, :alice),
    '23503', null, 'a project has a template that exists');
select throws_ok(
    format($$ insert into dp.project (org_id, id, name, slug, template, template_version,
                                      created_by)
              values (%L, gen_random_uuid(), 'x', %L, 'platform', 1, %L) $$, :a, s, :alice),
    '23514', null, format('%L is no slug', s))
  from unnest(array['', 'Shop', '-shop', 'shop-']) s;
select throws_ok(
    format($$ insert into dp.project_member (org_id, project_id, user_id, role)
              values (%L, %L, %L, 'Viewer') $$, :a, :project_a, :bob),
    '23503', null, 'RBAC-04: a member of a project is a member of its organisation');

-- Previews: fifteen slots.
insert into dp.environment (org_id, id, project_id, kind, name, state, branch_slug, preview_slot,
                            expires_at)
select :a, gen_random_uuid(), :project_a, 'preview', 'preview-b' || n, 'provisioning', 'b' || n, n,
       now()
  from generate_series(1, 15) n;
select throws_ok(
    format($$ insert into dp.environment (org_id, id, project_id, kind, name, state, branch_slug,
                                          preview_slot, expires_at)
              values (%L, gen_random_uuid(), %L, 'preview', 'preview-c', 'provisioning', 'c', %s,
                      now()) $$, :a, :project_a, n),
    code, null, format('ENV: no sixteenth preview in slot %s', n))
  from (values (16, '23514'), (15, '23505')) t (n, code);

-- Versions, counted by the database.
select is((select row_version from dp.project where id = :project_a), 1::bigint,
          'a project begins as version 1');
select pg_temp.change('dp_api', 'update dp.project set name = name');
update dp.project set row_version = 1 where id = :project_a;
select is((select row_version from dp.project where id = :project_a), 3::bigint,
          'every change counts, whatever it says');
update dp.org set name = 'Another' where id = :a;
select is((select row_version from dp.org where id = :a), 2::bigint, 'an organisation''s, too');
select throws_ok(
    format($$ select pg_temp.change('dp_api', 'update dp.project set %1$s = %1$s') $$, c),
    '42501', null, format('RBAC-13: %s is not for a tenant''s role to change', c))
  from unnest(array['slug', 'row_version', 'created_by', 'org_id']) c;

-- A deleted project.
update dp.project set deleted_at = now() where id = :project_a;
select is(pg_temp.slug('shop'), 'shop', 'BP-12: a deleted project frees its slug');
select throws_ok(
    format('select pg_temp.change(%L, %L)', 'dp_api',
           format($$ insert into dp.project_member (org_id, project_id, user_id, role)
                     values (%L, %L, %L, 'Viewer') $$, :a, :project_a, :carol)),
    'DP410', null, 'BP-12: a deleted project takes no member');
select throws_ok(
    format($$ update dp.step set state = 'draft' where project_id = %L $$, :project_a),
    'DP410', null, 'BP-12: nor a change of a step');
select throws_ok(
    format($$ update dp.environment set state = 'provisioning'
               where project_id = %L and name = 'dev' $$, :project_a),
    'DP410', null, 'BP-12: nor one of an environment');
select throws_ok(
    format($$ delete from dp.environment where project_id = %L $$, :project_a),
    'DP410', null, 'BP-12: nor its removal');
select throws_ok(
    format($$ select pg_temp.change('dp_api', 'update dp.project set %s') $$, c),
    'DP410', null, format('BP-12: nor one of itself (%s)', c))
  from unnest(array['name = name', 'preview_ttl_hours = 24', 'deleted_at = null']) c;
grant update (deleted_at) on dp.project to dp_system;
select lives_ok(
    $$ select pg_temp.change('dp_system', 'update dp.project set deleted_at = null') $$,
    'BP-12: the platform can bring it back');
select lives_ok(
    format($$ update dp.step set state = 'draft', data = '{}', data_hash = sha256('{}')
               where project_id = %L and ordinal = 1 $$, :project_a),
    'BP-12: one that came back does');

select * from finish();
rollback;
