-- The verdicts on an Idempotency-Key.  in_progress needs two transactions: concurrency.t.

begin;
\ir lib/fixture.psql
select plan(15);

create function pg_temp.claim(p_key text, p_operation text, p_what text)
returns text
language sql
as $$
    select pg_temp.run('dp_api', format('select verdict from app.idempotency_claim(%L, %L, %L)',
                                        p_key, p_operation, sha256(p_what::bytea)))
$$;

create function pg_temp.finish(p_key text, p_what text, p_status int)
returns text
language sql
as $$
    select pg_temp.run('dp_api', format(
        $f$ select app.idempotency_finish(%L, 'createProject', %L, %s, 'application/json',
                                          '/projects/1', null, '\x7b00ff7d', false) $f$,
        p_key, sha256(p_what::bytea), p_status))
$$;

select pg_temp.become(:a, :alice, :key_a);

select is(pg_temp.claim('tap-0123456789abcdef', 'createProject', 'one'), 'execute',
          'IDM-01: a fresh key is to be executed');
select is((select count(*)::int from dp.idempotency_key where org_id = :a), 0,
          'IDM-01: and leaves no row until the response is there');
select lives_ok($$ select pg_temp.finish('tap-0123456789abcdef', 'one', 201) $$,
                'IDM-01: the response is stored');
select is(pg_temp.claim('tap-0123456789abcdef', 'createProject', 'one'), 'replay',
          'IDM-01: the same request is a replay');
select is(
    pg_temp.run('dp_api', format(
        $$ select concat_ws(' ', status, content_type, location, etag, body, sealed)
             from app.idempotency_claim('tap-0123456789abcdef', 'createProject', %L) $$,
        sha256('one'))),
    '201 application/json /projects/1 \x7b00ff7d f',
    'IDM-01: with the stored status, headers and bytes');
select is(pg_temp.claim('tap-0123456789abcdef', 'createProject', 'two'), 'mismatch',
          'IDM-01: the key with another request is not');
select is(pg_temp.claim('tap-0123456789abcdef', 'createExport', 'one'), 'mismatch',
          'IDM-01: nor with another operation');
select throws_ok($$ select pg_temp.finish('tap-0123456789abcdef', 'one', 201) $$, 'DP500', null,
                 'a live response is never replaced');
select throws_ok($$ select pg_temp.finish('tap-failed-0123456789', 'one', 409) $$, '23514', null,
                 'IDM-01: only success is stored');
select throws_ok($$ select pg_temp.finish('short', 'one', 201) $$, '23514', null,
                 'IDM-01: a key has 16 characters at least');

select pg_temp.become(:a, :carol, null);
select is(pg_temp.claim('tap-0123456789abcdef', 'createProject', 'two'), 'execute',
          'IDM-01: another user''s key of that name is another key');
select pg_temp.become(:b, :bob, :key_b);
select is(pg_temp.claim('tap-0123456789abcdef', 'createProject', 'two'), 'execute',
          'IDM-01: and so is another tenant''s');
select pg_temp.become(:a, :alice, null);
select is(pg_temp.claim('tap-0123456789abcdef', 'createProject', 'one'), 'replay',
          'IDM-01: but not the same user''s who comes with another credential');

update dp.idempotency_key
   set created_at = created_at - interval '25 hours', expires_at = expires_at - interval '25 hours'
 where org_id = :a;
select is(pg_temp.claim('tap-0123456789abcdef', 'createProject', 'two'), 'execute',
          'IDM-01: an expired key is absent');
select lives_ok($$ select pg_temp.finish('tap-0123456789abcdef', 'two', 200) $$,
                'IDM-01: and its response is replaced');

select * from finish();
rollback;
