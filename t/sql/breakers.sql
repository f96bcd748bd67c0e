-- Circuit breakers: who writes first, what a tenant sees, transitions in the trail.

begin;
\ir lib/fixture.psql
select plan(25);

\set none '\'00000000-0000-0000-0000-000000000000\''
\set mine '\'a0000000-0000-4000-8000-0000000000c1\''
\set probe '\'a0000000-0000-4000-8000-0000000000c2\''

create function pg_temp.written(p_version bigint, p_state text, p_failures text, p_owner text)
returns void
language sql
as $$
    select pg_temp.change('dp_system', format(
        'select app.breaker_write(''github'', ''00000000-0000-0000-0000-000000000000'', null, %s, %L, %L, 7, 6, %L, 9)',
        p_version, p_state, p_failures, p_owner))
$$;

select is(pg_temp.run('dp_system', 'select array_agg(row(scope_id, state, failures, version)::text)::text'
                                   ' from app.breakers_read(''github'', null)'),
          '{"(00000000-0000-0000-0000-000000000000,closed,{},0)"}', 'INT-12: what has not failed has no row, and is closed');
select is(pg_temp.run('dp_system', format('select count(*) from app.breakers_read(''github'', %L)', :mine)), '2',
          'C35: an integration has a breaker beside the provider''s');

select lives_ok($$ select pg_temp.written(0, 'closed', '{1}', null) $$, 'the first failure makes the row');
select is((select (state, failures, version)::text from dp.circuit_breaker where provider = 'github'),
          '(closed,{1},1)', 'with version 1');
select lives_ok($$ select pg_temp.written(0, 'closed', '{2}', null) $$, 'a second worker''s first');
select is((select failures::text from dp.circuit_breaker where provider = 'github'), '{1}',
          'INT-12: changes nothing: it reads again');
select lives_ok($$ select pg_temp.written(1, 'open', '{1,2}', null) $$, 'who has read it opens it');
select is((select (state, opened_at, version)::text from dp.circuit_breaker where provider = 'github'),
          '(open,7,2)', 'INT-12: it is open');
select lives_ok($$ select pg_temp.written(1, 'open', '{1,3}', null) $$, 'who read it before');
select is((select (failures, version)::text from dp.circuit_breaker where provider = 'github'), '("{1,2}",2)',
          'comes too late');

select throws_ok($$ select pg_temp.written(2, 'half_open', '{1,2}', null) $$, '23514', null,
                 'INT-13: half open is with a probe only');
select lives_ok(format($$ select pg_temp.written(2, 'half_open', '{1,2}', %L) $$, :probe), 'one probe');
select is((select (state, probe_owner, probe_until)::text from dp.circuit_breaker where provider = 'github'),
          format('(half_open,%s,9)', :probe), 'INT-13: is leased');
select lives_ok(format($$ select pg_temp.written(2, 'half_open', '{1,2}', %L) $$, :mine), 'another one');
select is((select probe_owner::text from dp.circuit_breaker where provider = 'github'), :probe,
          'INT-13: is not: exactly one');
select lives_ok($$ select pg_temp.written(3, 'closed', '{}', null) $$, 'INT-13: it closes');
select throws_ok(format($$ select pg_temp.written(4, 'half_open', '{}', %L) $$, :probe), 'DP409', null,
                 'closed is never half open');
select throws_ok($$ select pg_temp.written(4, 'closed', '{1,2,3,4,5,6,7,8,9,10,11}', null) $$, '23514', null,
                 'ten failures are enough');

select is((select string_agg(action || ' ' || target_id, ', ' order by seq) from dp.audit_event
            where target_type = 'breaker'),
          'breaker.open github, breaker.half_open github, breaker.closed github',
          'R23: each transition is in the trail, and nothing else');
select is((select count(*)::int from dp.outbox where topic like 'breaker.%'), 3, 'and in the outbox');

select pg_temp.change('dp_system', format(
    'select app.breaker_write(''github'', %L, %L, 0, ''closed'', ''{1}'', 0, 0, null, 0)', :mine, :a));
select pg_temp.become(:b, :bob, :key_b);
select is(pg_temp.run('dp_api', 'select count(*) from dp.circuit_breaker'), '1',
          'RBAC-15: a tenant sees providers'' breakers, and not those of another''s integrations');
select throws_ok($$ select pg_temp.change('dp_api', 'select app.breaker_reset(''github'', null, ''x'', ''y'')') $$,
                 '42501', null, 'and resets none');

select is(pg_temp.run('dp_ops', format('select app.breaker_reset(''github'', %L, ''mended'', ''root'')', :mine)), 'closed',
          'an operator resets it');
select is((select (e.action, e.org_id, d.detail ->> 'reason', d.detail ->> 'actor')::text
             from dp.audit_event e join dp.audit_detail d using (seq) where e.action = 'breaker.reset'),
          format('(breaker.reset,%s,mended,root)', :a), 'with a reason, in the trail of its tenant');
select is(pg_temp.run('dp_ops', format('select app.breaker_reset(''neon'', %L, ''x'', ''root'')', :none)), null,
          'what has no row has nothing to reset');

select * from finish();
rollback;
