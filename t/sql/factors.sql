-- The second factor, recovery codes, new passwords: what is kept, and who may ask.

begin;
\ir lib/fixture.psql
select plan(35);

create function pg_temp.d(p_text text)
returns bytea
language sql
as $$ select sha256(convert_to(p_text, 'UTF8')) $$;

-- Enrolment.
select pg_temp.become(:a, :alice, :key_a);
select lives_ok($$ select pg_temp.change('dp_api', 'select app.factor_enrol(''00000000-0000-4000-8000-000000000001'', ''one'')') $$,
                'IDN-13: a factor begins');
select is(pg_temp.run('dp_api', format('select concat_ws(''|'', factor_id, pending_id, recovery, mandatory) from app.mfa_lock(%L)', :alice)),
          '00000000-0000-4000-8000-000000000001|t', 'IDN-13: and waits for its first code');
select is(pg_temp.run('dp_api', 'select app.mfa_step_use(''00000000-0000-4000-8000-000000000001'', 7)'), 'false',
          'IDN-13: until then none of its codes is good');
select lives_ok($$ select pg_temp.change('dp_api', 'select app.factor_enrol(''00000000-0000-4000-8000-000000000002'', ''two'')') $$,
                'another one');
select is((select array_agg(id::text) from dp.mfa_factor where user_id = :alice),
          array['00000000-0000-4000-8000-000000000002'], 'takes its place');
select lives_ok($$ select pg_temp.change('dp_api', 'select app.factor_confirm(''00000000-0000-4000-8000-000000000002'', 7)') $$,
                'IDN-13: with its first code it counts');
select is((select concat_ws(' ', confirmed_at is not null, last_step) from dp.mfa_factor where user_id = :alice),
          't 7', 'IDN-13: which is used up');
select lives_ok($$ select pg_temp.change('dp_api', 'select app.factor_enrol(''00000000-0000-4000-8000-000000000003'', ''three'')') $$,
                'a second app begins');
select is((select count(*) from dp.mfa_factor where user_id = :alice), 2::bigint, 'beside the first, which counts on');
update dp.mfa_factor set created_at = now() - interval '61 minutes' where confirmed_at is null;
select is(pg_temp.run('dp_api', format('select pending_id from app.mfa_lock(%L)', :alice)), null, 'and is forgotten after an hour');

-- Codes, once.
select is(pg_temp.run('dp_api', 'select app.mfa_step_use(''00000000-0000-4000-8000-000000000002'', 7)'), 'false',
          'IDN-13: a step is good once');
select is(pg_temp.run('dp_api', 'select app.mfa_step_use(''00000000-0000-4000-8000-000000000002'', 8)'), 'true', 'IDN-13: the next one is good');
select is(pg_temp.run('dp_api', 'select app.mfa_step_use(''00000000-0000-4000-8000-000000000002'', 6)'), 'false', 'IDN-13: an older one is not');
select lives_ok(format($$ select pg_temp.change('dp_api', %L) $$, format('select app.recovery_codes_replace(%L)', pg_temp.d('x') || pg_temp.d('y'))),
                'recovery codes are made');
select is((select count(*) from dp.recovery_code where user_id = :alice), 2::bigint, 'two');
select is(pg_temp.run('dp_api', format('select app.recovery_code_use(%L, %L)', :alice, pg_temp.d('x'))), 'true', 'one is good');
select is(pg_temp.run('dp_api', format('select app.recovery_code_use(%L, %L)', :alice, pg_temp.d('x'))), 'false', 'once');
select is(pg_temp.run('dp_api', format('select app.recovery_code_use(%L, %L)', :bob, pg_temp.d('y'))), 'false', 'nor is it another''s');
select is(pg_temp.run('dp_api', format('select recovery from app.mfa_lock(%L)', :alice))::bytea, pg_temp.d('y'), 'the other is left');
select lives_ok(format($$ select pg_temp.change('dp_api', %L) $$, format('select app.recovery_codes_replace(%L)', pg_temp.d('z'))), 'new ones');
select is(pg_temp.run('dp_api', format('select app.recovery_code_use(%L, %L)', :alice, pg_temp.d('y'))), 'false', 'make the old ones void');

-- Whose.
select is(pg_temp.run('dp_api', format('select count(*) from app.mfa_lock(%L)', :bob)), '0', 'IDN-08: a user sees nobody else''s');
select is(has_table_privilege(r, 'dp.' || t, 'select'), false, format('IDN-11: %s may not see %s', r, t))
  from unnest(array['dp_api', 'dp_ro', 'dp_ops']) r, unnest(array['mfa_factor', 'recovery_code']) t;

-- Removal.
select lives_ok($$ select pg_temp.change('dp_api', 'select app.factor_remove()') $$, 'a factor is removed');
select is((select count(*) from dp.mfa_factor where user_id = :alice) + (select count(*) from dp.recovery_code where user_id = :alice),
          0::bigint, 'with its codes');

-- A new password is offered to who has an account, once a minute.
select pg_temp.become(null, null, null);
select is(pg_temp.run('dp_system', format('select app.password_reset_offer(''ALICE@tap.invalid'', %L)', pg_temp.d('t1'))),
          'alice@tap.invalid', 'a token is offered to the account''s own address');
select is(pg_temp.run('dp_system', format('select app.password_reset_offer(''alice@tap.invalid'', %L)', pg_temp.d('t1'))),
          'alice@tap.invalid', 'INT-11: asked again, the same');
select is(pg_temp.run('dp_system', format('select app.password_reset_offer(''alice@tap.invalid'', %L)', pg_temp.d('t2'))),
          null, 'another one only after a minute');
select is(pg_temp.run('dp_system', format('select app.password_reset_offer(''nobody@tap.invalid'', %L)', pg_temp.d('t3'))),
          null, 'and none to nobody');
select throws_ok($$ select pg_temp.change('dp_api', 'select app.password_reset_offer(''a@b'', '''')') $$,
                 '42501', null, 'no tenant offers one');

select * from finish();
rollback;
