-- What people prove themselves with: what is kept of it, and who may look.

begin;
\ir lib/fixture.psql
select plan(30);

-- What is kept.
select throws_ok(
    format($$ insert into dp.user_credential (user_id, password_hash) values (%L, %L) $$, :alice, h),
    '23514', null, format('IDN-11: a password is kept as a slow hash, not as %s', h))
  from unnest(array['correct horse', '5f4dcc3b5aa765d61d8327deb882cf99', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=']) h;
select lives_ok(
    format($$ insert into dp.user_credential (user_id, password_hash) values (%L, %L)
              on conflict (user_id) do update set password_hash = excluded.password_hash $$, :alice, h),
    'IDN-11: ' || left(h, 4) || ' is one')
  from unnest(array['$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA', '$2b$12$abcdefghijklmnopqrstuv']) h;
select throws_ok(
    format($$ insert into dp.one_time_token (digest, purpose, user_id, expires_at)
              values ('dpo_plain', 'verify_email', %L, now()) $$, :alice),
    '23514', null, 'IDN-11: what is kept of a token is a digest');
select throws_ok(
    format($$ insert into dp.device (id, user_id, digest) values (gen_random_uuid(), %L, 'dpd_plain') $$, :alice),
    '23514', null, 'IDN-11: nor of a device more');
select throws_ok(
    $$ insert into dp.login_failure (account, origin, failures) values ('alice@tap.invalid', '192.0.2.1', 1) $$,
    '23514', null, 'IDN-12: an address that somebody tried is a digest');

-- Who may look.
select is(has_table_privilege(r, 'dp.' || t, p) or has_any_column_privilege(r, 'dp.' || t, p), false,
          format('IDN-11: %s may not %s %s', r, p, t))
  from unnest(array['dp_api', 'dp_billing', 'dp_ro', 'dp_ops']) r,
       unnest(array['user_credential', 'one_time_token', 'device', 'login_failure']) t,
       unnest(array['select']) p;
select is(has_column_privilege('dp_api', 'dp.app_user', 'email', 'select'), false,
          'IDN-07: nor may a tenant see an address');
select is(has_table_privilege('dp_api', 'dp.member_profile', 'select'), false,
          'IDN-07: in whatever view');

-- Who somebody is, where.
select is(pg_temp.run('dp_system', format($$ select concat_ws(' ', email, org_slug, role, rank, plan)
                                               from dp.member_profile where user_id = %L $$, :carol)),
          'carol@tap.invalid tap-a developer 20 0', 'IDN-14: who a user is in an organisation');
delete from dp.subscription where org_id = :a;
select is(pg_temp.run('dp_system', format($$ select plan from dp.member_profile where user_id = %L $$, :carol)),
          '0', 'without a subscription the plan is the least one');
select is_empty(format($$ select from dp.member_profile where user_id = %L $$, gen_random_uuid()),
                'who is no member is nobody');
select throws_ok(format($$ select pg_temp.run('dp_api', 'select email from dp.member_profile') $$),
                 '42501', null, 'IDN-07: and no tenant asks');

select * from finish();
rollback;
