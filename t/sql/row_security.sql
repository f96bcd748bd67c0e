-- Tenants do not see each other, whatever a statement forgets.

begin;
\ir lib/fixture.psql
select plan(21);

select pg_temp.become(:b, :bob, :key_b);
select pg_temp.make_project(:project_b, :revision_b, 'of-b');
select pg_temp.become(:a, :alice, :key_a);
select pg_temp.make_project(:project_a, :revision_a, 'of-a');

select is_empty(
    $$ select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'dp'::regnamespace and c.relkind in ('r', 'p')
          and (a.attname = 'org_id' or c.relname = 'org') and a.attnum > 0
          and not (c.relrowsecurity and c.relforcerowsecurity) $$,
    'RBAC-15: row security is forced on every table with a tenant');

select is_empty(
    $$ select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'dp'::regnamespace and c.relkind in ('r', 'p')
          and not c.relispartition and (a.attname = 'org_id' or c.relname = 'org') and a.attnum > 0
          and (select count(*) from pg_policy p
                where p.polrelid = c.oid and p.polname in ('tenant', 'platform')) <> 2 $$,
    'RBAC-15: and has both policies');

select is_empty(
    $$ select tablename, roles from pg_policies
        where schemaname = 'dp' and policyname = 'tenant'
          and (qual !~ 'SELECT app.current_org' or coalesce(with_check, qual) <> qual
               or roles && array['dp_system', 'dp_ops', 'dp_owner', 'public']::name[]) $$,
    'the tenant is a constant of the statement, for reading and for writing');

select is(pg_temp.run('dp_api', $$ select string_agg(slug, ',') from dp.project $$), 'of-a',
          'RBAC-15: a tenant sees its projects only');
select is(pg_temp.run('dp_api', $$ select count(*) from dp.step $$), '8',
          'RBAC-15: and its steps only');
select is(pg_temp.run('dp_api', $$ select string_agg(slug, ',') from dp.org $$), 'tap-a',
          'RBAC-15: and itself only');
select is(pg_temp.run('dp_api', $$ select count(*) from dp.app_user $$), '3',
          'RBAC-15: and its members only');
select is(pg_temp.run('dp_api', format('select count(*) from dp.app_user where id = %L', :bob)), '0',
          'RBAC-15: nobody else, though his id is known');
select is(pg_temp.run('dp_ro', $$ select count(*) from dp.app_user $$), '3',
          'RBAC-15: nor do reports');
select cmp_ok(pg_temp.run('dp_system', $$ select count(*) from dp.app_user $$)::int, '>=', 4,
              'who authenticates finds everybody');
select is(pg_temp.run('dp_ro', $$ select count(*) from dp.environment $$), '3',
          'RBAC-15: reports, too, are of one tenant');
select cmp_ok(pg_temp.run('dp_system', $$ select count(*) from dp.project $$)::int, '>=', 2,
              'the platform''s role sees all');

select throws_ok(
    format('select pg_temp.change(%L, %L)', 'dp_api',
           format($$ insert into dp.outbox (org_id, topic, key, payload)
                     values (%L, 't', 'k', '{}') $$, :b)),
    '42501', null, 'RBAC-15: a row of another tenant cannot be written');
select lives_ok(
    format('select pg_temp.change(%L, %L)', 'dp_api',
           format($$ insert into dp.outbox (org_id, topic, key, payload)
                     values (%L, 't', 'k', '{}') $$, :a)),
    'a row of one''s own can');

select throws_ok(
    format('select pg_temp.change(%L, %L)', 'dp_api',
           format($$ insert into dp.revision (org_id, id, project_id, number)
                     values (%L, gen_random_uuid(), %L, 9) $$, :a, :project_b)),
    '23503', null, 'RBAC-15: a row cannot refer to another tenant''s project');
select throws_ok(
    format($$ insert into dp.step (org_id, project_id, revision_id, ordinal)
              values (%L, %L, %L, 9) $$, :a, :project_a, :revision_b),
    '23503', null, 'RBAC-15: not even when a superuser writes it');

select pg_temp.become(null, null, null);
select is(pg_temp.run('dp_api', $$ select count(*) from dp.project $$), '0',
          'RBAC-13: without a tenant nothing is visible');
select is(pg_temp.run('dp_api', $$ select count(*) from dp.app_user $$), '0',
          'RBAC-13: nor is anybody');
select is(current_setting('app.org_id'), '',
          'RBAC-13: though the setting reads as empty, not as null');
select throws_ok(
    $$ select pg_temp.change('dp_api', 'insert into dp.outbox (org_id, topic, key, payload)
                                     values (app.current_org(), ''t'', ''k'', ''{}'')') $$,
    '42501', null, 'RBAC-13: without a tenant nothing can be written');

select pg_temp.become(:a, :alice, :key_a);
select is_empty(
    $$ select pg_temp.run('dp_api', 'select 1 from dp.audit_event_0')
        where has_table_privilege('dp_api', 'dp.audit_event_0', 'select') $$,
    'no partition can be reached but through its parent');

select * from finish();
rollback;
