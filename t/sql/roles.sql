-- What the runtime roles cannot do.

begin;
\ir lib/fixture.psql
select plan(26);

create temporary table runtime on commit drop as
select unnest(array['dp_worker', 'dp_api', 'dp_billing', 'dp_system', 'dp_ops', 'dp_ro']) as name;

select is_empty(
    $$ select rolname from pg_roles where rolname like 'dp\_%'
          and (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication) $$,
    'no role of ours has a privilege of the cluster');

select is(
    (select string_agg(rolname, ',') from pg_roles where rolname like 'dp\_%' and rolcanlogin),
    'dp_worker',
    'only the worker logs in');

select is_empty(
    $$ select m.roleid::regrole from pg_auth_members m where m.roleid = 'dp_owner'::regrole $$,
    'nobody is a member of the owner');

select throws_ok(
    format($$ select pg_temp.change(%L, 'create table dp.mine (id int)') $$, name),
    '42501', null, format('%s cannot create a table', name))
  from runtime;

select throws_ok(
    format($$ select pg_temp.change(%L, 'create temporary table mine (id int)') $$, name),
    '42501', null, format('%s cannot create a temporary table', name))
  from runtime;

select throws_ok(
    $$ select pg_temp.run('dp_worker', 'select id from dp.project') $$,
    '42501', null, 'the worker''s login sees nothing before it has a role');

select throws_ok(
    $$ select pg_temp.change('dp_api', 'alter table dp.project disable row level security') $$,
    '42501', null, 'dp_api cannot turn row security off');

select throws_ok(
    $$ select pg_temp.run('dp_api', 'select digest from dp.api_key') $$,
    '42501', null, 'dp_api cannot read a digest');

select throws_ok(
    $$ select pg_temp.run('dp_api', 'select email from dp.app_user') $$,
    '42501', null, 'dp_api cannot read an address');

select pg_temp.become(:a, :carol, :key_a);
select is(
    pg_temp.run('dp_api', 'select string_agg(email, '','') from app.actor_profile()'),
    'carol@tap.invalid', 'but that of the user whom it serves');

select pg_temp.become(null, null, null);
select is(
    pg_temp.run('dp_api', 'select count(*) from app.actor_profile()'),
    '0', 'and without a user none');

select throws_ok(
    $$ select pg_temp.run('dp_api', 'select * from app.principal_find(''tapKeyAA'')') $$,
    '42501', null, 'dp_api cannot look for a credential');

select throws_ok(
    $$ select pg_temp.change('dp_api', 'update dp.kill_switch set enabled = true') $$,
    '42501', null, 'KS-07: dp_api cannot turn a switch');

select throws_ok(
    $$ select pg_temp.run('dp_billing', 'select id from dp.project') $$,
    '42501', null, 'BIL-05: dp_billing cannot even read a project');

select throws_ok(
    $$ select pg_temp.change('dp_billing', 'update dp.step set state = ''draft''') $$,
    '42501', null, 'BIL-05: dp_billing cannot change a blueprint');

select throws_ok(
    $$ select pg_temp.change('dp_ro', 'insert into dp.outbox (topic, key, payload)
                                       values ('''', '''', ''{}'')') $$,
    '42501', null, 'dp_ro cannot write');

select * from finish();
rollback;
