-- Who a credential is, in one snapshot with the generation; and when keys were used.

begin;
\ir lib/fixture.psql
select plan(19);

create function pg_temp.found(p_columns text)
returns text
language sql
as $$
    select pg_temp.run('dp_system', format('select concat_ws('' '', %s) from app.principal_find(''tapKeyAA'')',
                                           p_columns))
$$;

create function pg_temp.used(p_used text)
returns text
language sql
as $$ select pg_temp.run('dp_system', format('select app.api_keys_used(%L)', p_used)) $$;

create function pg_temp.last_used(p_id uuid)
returns timestamptz
language sql
as $$ select last_used_at from dp.api_key where id = p_id $$;

-- What is found.
select is(pg_temp.found('plan'), '0', 'RL-01: the plan by its rank');
delete from dp.subscription where org_id = :a;
select is(pg_temp.found('plan, usable'), '0 t', 'without a subscription it is the least one');
insert into dp.subscription (org_id, plan) values (:a, 'pro');
select is(pg_temp.found('plan'), '10', 'and follows the subscription');

select is(pg_temp.found('coalesce(scopes, ''none'')'), 'none', 'KEY-02: a key is not confined');
update dp.api_key set scopes = array['projects:read', 'identity:read'] where id = :key_a;
select is(pg_temp.found('scopes'), 'projects:read,identity:read', 'or it is');
update dp.api_key set scopes = array[null]::text[] where id = :key_a;
select is(pg_temp.found('''<'' || scopes || ''>'''), '<>', 'if only to nothing that has a name');
select pg_temp.become(:a, :alice, :key_a);
select is(pg_temp.run('dp_api', 'select ''<'' || scopes || ''>'' from app.principal_facts()'), '<>',
          'its own transaction sees the same');

select is(pg_temp.found('generation'), (select generation::text from dp.control_state),
          'KEY-02: the generation is that of the snapshot');
update dp.api_key set revoked_at = now() where id = :key_a;
set constraints all immediate;
select cmp_ok(pg_temp.found('generation')::bigint, '>=',
              (select generation from dp.control_revocation where subject = :key_a),
              'what is read behind a revocation is not older than it');
select is(pg_temp.found('usable'), 'f', 'and says so');

-- When keys were used.
select is(pg_temp.used(format('[{"org_id": "%s", "id": "%s", "at": 1700000000000001},'
                              ' {"org_id": "%s", "id": "%s", "at": 1700000000000002}]',
                              :a, :key_a, :b, :key_b)),
          'true', 'KEY-02: the last use of several keys is written at once');
select is(pg_temp.last_used(:key_a), timestamptz '2023-11-14 22:13:20.000001Z', 'to the microsecond');
select is(pg_temp.last_used(:key_b), timestamptz '2023-11-14 22:13:20.000002Z', 'each its own');

select pg_temp.used(format('[{"org_id": "%s", "id": "%s", "at": 1600000000000000}]', :a, :key_a)) \g /dev/null
select is(pg_temp.last_used(:key_a), timestamptz '2023-11-14 22:13:20.000001Z', 'never goes back');
select pg_temp.used(format('[{"org_id": "%s", "id": "%s", "at": 1800000000000000}]', :b, :key_a)) \g /dev/null
select is(pg_temp.last_used(:key_a), timestamptz '2023-11-14 22:13:20.000001Z', 'needs the right organisation');
select is(pg_temp.used('[]'), 'true', 'may be of no key');

update dp.kill_switch set enabled = true, reason = 'tap' where name = 'GLOBAL_WRITE';
select is(pg_temp.used(format('[{"org_id": "%s", "id": "%s", "at": 1800000000000000}]', :a, :key_a)),
          'false', 'KS-02: waits for the end of GLOBAL_WRITE');
select is(pg_temp.last_used(:key_a), timestamptz '2023-11-14 22:13:20.000001Z', 'with nothing done');

select throws_ok($$ select pg_temp.run('dp_api', 'select app.api_keys_used(''[]'')') $$, '42501', null,
                 'dp_api cannot write it');

select * from finish();
rollback;
