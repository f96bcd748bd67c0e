-- Signing keys: made, rotated, purged and revoked; told to edges; on record.

begin;
\ir lib/fixture.psql
select plan(27);

-- keys of the installation that runs the tests, if there are any
set local session_replication_role = replica;
delete from dp.signing_key;
set local session_replication_role = origin;

select pg_temp.become(null, null, null);

create function pg_temp.rotate(p_purpose text, p_n integer, p_when_due boolean) returns text
language sql
as $$
    select pg_temp.run('dp_system', format(
        'select outcome from app.signing_key_rotate(%L, %L, %L, %L, ''tap'', ''a test'')',
        p_purpose, lpad(to_hex(p_n), 16, '0'), '\xabcd', p_when_due))
$$;

create function pg_temp.states() returns text
language sql
as $$
    select string_agg(ltrim(kid, '0') || ' ' || state, ', ' order by kid)
      from dp.signing_key
     where purpose = 'jwt'
$$;

create function pg_temp.last_event() returns text
language sql
as $$
    select concat_ws(' ', e.action, e.target_id, e.actor_type, d.detail ->> 'purpose', d.detail ->> 'actor',
                     d.detail ->> 'reason', e.org_id::text)
      from dp.audit_event e
      join dp.audit_detail d using (seq)
     order by e.seq desc
     limit 1
$$;

-- time passes for all keys
create function pg_temp.days_pass(p_days integer) returns void
language sql
as $$
    update dp.signing_key
       set not_before = not_before - p_days * interval '1 day',
           rotate_due = rotate_due - p_days * interval '1 day',
           grace_until = grace_until - p_days * interval '1 day',
           purge_after = purge_after - p_days * interval '1 day'
$$;

select is(pg_temp.rotate('jwt', 1, true), 'created', 'SEC-04: the first key is made when there is none');
select is(pg_temp.last_event(), 'signing_key.activated 0000000000000001 system jwt tap a test',
          'SEC-04: on the platform''s chain, with who and why');
select is(pg_temp.rotate('jwt', 2, true), 'not due', 'SEC-01: the next one is not due');
select is(pg_temp.rotate('csrf', 100, true), 'created', 'each purpose has its own');

select pg_temp.days_pass(89);
select is(pg_temp.rotate('jwt', 2, true), 'not due', 'SEC-01: nor is it after 89 days');
select pg_temp.days_pass(1);
select is(pg_temp.rotate('jwt', 2, true), 'rotated', 'SEC-01: after 90 days it is');
select is(pg_temp.states(), '1 grace, 2 active', 'SEC-01: the one before verifies on');
select results_eq(
    $$ select d.action, d.target_id from (select * from dp.audit_event where action like 'signing\_key.%'
        order by seq desc limit 2) d order by d.seq $$,
    $$ values ('signing_key.superseded', '0000000000000001'), ('signing_key.activated', '0000000000000002') $$,
    'SEC-04: both transitions are on record');
select is((select grace_until - now() from dp.signing_key where kid = '0000000000000001'),
          interval '7 days', 'SEC-01: for 7 days');

select pg_temp.days_pass(7);
select is(pg_temp.run('dp_system', 'select app.signing_keys_purge()'), '0',
          'SEC-01: day 97: its secret is still there');
select pg_temp.days_pass(1);
select is(pg_temp.run('dp_system', 'select app.signing_keys_purge()'), '1', 'SEC-01: day 98: it is purged');
select is((select concat_ws(' ', state, sealed is null, ended_at is not null) from dp.signing_key
            where kid = '0000000000000001'), 'retired t t', 'SEC-01: the row stays, the secret does not');
select is(pg_temp.last_event(), 'signing_key.purged 0000000000000001 system jwt key.purge its grace is over',
          'SEC-01: that is on record, too');

select throws_ok($$ update dp.signing_key set state = 'grace', sealed = '\x00', ended_at = null
                     where kid = '0000000000000001' $$, 'DP409', null, 'a purged key does not come back');
select throws_ok($$ insert into dp.signing_key (kid, purpose, sealed) values ('00000000000000ff', 'jwt', '\x00') $$,
                 '23505', null, 'two keys of a purpose do not sign');

select is(pg_temp.rotate('jwt', 3, false), 'rotated', 'an operator rotates when he wants');
select app.signing_key_told() as before \gset
select pg_temp.run('dp_ops', $$ select outcome || ' ' || generation from app.signing_key_revoke(
                       '0000000000000003', '0000000000000004', '\xbeef', 'root', 'it leaked') $$) as said \gset
select is(:'said', 'revoked ' || (select generation from dp.control_state),
          'SEC-12: a key is revoked, and the generation is told');
select is(pg_temp.states(), '1 retired, 2 grace, 3 revoked, 4 active', 'SEC-12: it has a successor at once');
select ok((select floor = generation and generation > :before from dp.control_state),
          'SEC-12: all principals are to be asked for anew');
select is((select sealed from dp.signing_key where kid = '0000000000000003'), null,
          'SEC-12: the secret is gone');
select is(pg_temp.run('dp_ops', $$ select outcome from app.signing_key_revoke(
                          '0000000000000003', '0000000000000005', '\xbeef', 'root', 'again') $$),
          'no such key', 'SEC-12: once');
select is(pg_temp.run('dp_ops', $$ select outcome from app.signing_key_revoke(
                          '0000000000000002', '0000000000000005', '\xbeef', 'root', 'this one, too') $$),
          'revoked', 'SEC-12: one that verifies only is revoked');
select is(pg_temp.states(), '1 retired, 2 revoked, 3 revoked, 4 active', 'and needs no successor');

select is(app.control_keys(0, 1),
          (select string_agg(int8send((extract(epoch from k.not_before) * 1000000)::bigint) || p.text
                             || '\x000000000000000010' || convert_to(k.kid, 'UTF8') || '\x0002' || k.sealed,
                             ''::bytea order by k.purpose)
             from dp.signing_key k
             join (values ('csrf', '\x0201'::bytea), ('jwt', '\x0101')) p (purpose, text) using (purpose)
            where k.state = 'active'),
          'keys are packed as dp_control_key.h has them');
select is(app.control_keys(7, 7), null, 'unless the caller knows them');

select throws_ok($$ select pg_temp.run('dp_api', 'select sealed from dp.signing_key') $$, '42501', null,
                 'SEC-03: no role reads secrets');
select lives_ok($$ select pg_temp.run('dp_api', 'select kid from dp.signing_key') $$,
                'SEC-03: the rest is for everybody');

select finish();
rollback;
