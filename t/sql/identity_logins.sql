-- Logins with an identity provider: who is known, linked, made or refused.

begin;
\ir lib/fixture.psql
select plan(20);

create function pg_temp.login(p_subject text, p_email text, p_links int, p_signs_up int)
returns text
language sql
as $$
    select pg_temp.run('dp_system', format(
        'select coalesce(user_id::text, ''-'') || '' '' || outcome from app.identity_login(''https://a'', %L, %L, ''Ada'','
        ' %s::smallint, %s::smallint, gen_random_uuid(), ''d0000000-0000-4000-8000-000000000001'','
        ' ''d0000000-0000-4000-8000-000000000002'')', p_subject, p_email, p_links, p_signs_up))
$$;

select is(pg_temp.login('1', null, 1, 1), '- email_unverified', 'KEY-01: without a verified address nobody is anybody');
select is(pg_temp.login('1', 'new@tap.invalid', 1, 0), '- unknown', 'KEY-01: who is unknown stays out');
select is(pg_temp.login('1', 'alice@tap.invalid', 0, 1), '- account_exists',
          'KEY-01: an address is no proof unless the provider is trusted for it');
select is(pg_temp.login('1', 'ALICE@tap.invalid', 1, 0), 'a0000000-0000-4000-8000-00000000000a linked',
          'KEY-01: then it links');
select is(pg_temp.login('1', null, 0, 0), 'a0000000-0000-4000-8000-00000000000a known',
          'KEY-01: from then on the subject is known, whatever its address is');
select is(pg_temp.login('1', 'bob@tap.invalid', 1, 1), 'a0000000-0000-4000-8000-00000000000a known',
          'KEY-01: and is nobody else');
select is(pg_temp.login('2', 'alice@tap.invalid', 1, 0), 'a0000000-0000-4000-8000-00000000000a linked',
          'an account may have several');

update dp.app_user set status = 'pending' where id = :carol;
select is(pg_temp.login('3', 'carol@tap.invalid', 1, 1), '- account_exists',
          'KEY-01: never onto an account that has not verified its address');
update dp.app_user set status = 'disabled' where id = :carol;
select is(pg_temp.login('3', 'carol@tap.invalid', 1, 1), '- account_exists', 'nor onto a disabled one');
select is((select count(*)::int from dp.user_identity), 2, 'refusals leave nothing behind');

select is(pg_temp.login('4', 'new@tap.invalid', 0, 1), 'd0000000-0000-4000-8000-000000000001 signed_up',
          'KEY-01: an account is made where that is allowed');
select is((select (status, display_name, email)::text from dp.app_user where id = 'd0000000-0000-4000-8000-000000000001'),
          '(active,Ada,new@tap.invalid)', 'which is active: its address is verified');
select is((select (o.kind, m.role, s.plan)::text from dp.org o join dp.org_member m on m.org_id = o.id
             join dp.subscription s on s.org_id = o.id where m.user_id = 'd0000000-0000-4000-8000-000000000001'),
          '(personal,organization_admin,free)', 'with an organisation of its own');
update dp.app_user set status = 'locked' where id = 'd0000000-0000-4000-8000-000000000001';
select is(pg_temp.login('4', 'new@tap.invalid', 0, 1), 'd0000000-0000-4000-8000-000000000001 account_disabled',
          'KEY-01: who may not log in may not here either');

update dp.kill_switch set enabled = true, reason = 'tap' where name = 'SIGNUP';
select is(pg_temp.login('5', 'newer@tap.invalid', 0, 1), '- signup_switched_off', 'KS-01: SIGNUP stops new accounts');
select is(pg_temp.login('1', null, 0, 0), 'a0000000-0000-4000-8000-00000000000a known', 'KS-01: and no others');
update dp.kill_switch set enabled = false where name = 'SIGNUP';

select is((select string_agg(action, ' ' order by seq) from dp.audit_event where actor_type = 'user' and action like 'auth.%'),
          'auth.identity_linked auth.identity_linked auth.signed_up auth.identity_linked', 'all of it is in the trail');
select throws_ok($$ select pg_temp.change('dp_api', 'select * from app.identity_login(null, null, null, null, 0::smallint,'
                                                    ' 0::smallint, null, null, null)') $$, '42501', null, 'no tenant does this');
select throws_ok($$ select pg_temp.change('dp_api', 'select * from dp.user_identity') $$, '42501', null,
                 'or sees who is who');
select throws_ok($$ select pg_temp.change('dp_api', 'select * from dp.issuer') $$, '42501', null, 'or their keys');

select * from finish();
rollback;
