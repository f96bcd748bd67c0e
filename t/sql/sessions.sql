-- Sessions: what a principal with one may be, how they end, what edges are told.

begin;
\ir lib/fixture.psql
select plan(56);

\set session '\'d0000000-0000-4000-8000-000000000001\''
\set other '\'d0000000-0000-4000-8000-000000000002\''
\set foreign '\'d0000000-0000-4000-8000-000000000003\''

insert into dp.session (id, user_id, org_id, transport, auth_level, cookie_digest, expires_at, absolute_expires_at)
values (:session, :alice, :a, 'cookie', 1, sha256('c'), now() + interval '24 hours', now() + interval '7 days'),
       (:other, :alice, :a, 'token', 2, null, now() + interval '24 hours', now() + interval '7 days'),
       (:foreign, :bob, :b, 'token', 1, null, now() + interval '24 hours', now() + interval '7 days');
insert into dp.refresh_token (digest, session_id, expires_at)
values (sha256('r'), :other, now() + interval '24 hours');
set constraints all immediate;

create function pg_temp.come(p_org uuid, p_actor uuid, p_session uuid)
returns void
language sql
as $$
    select pg_temp.become(p_org, p_actor, p_session), set_config('app.credential_kind', 'session', true)
$$;

create function pg_temp.facts()
returns text
language sql
as $$
    select pg_temp.run('dp_api', $q$ select concat_ws(' ', valid, org_rank, max_rank, auth_level,
                                                      fresh, coalesce(scopes, '-'))
                                       from app.principal_facts() $q$)
$$;

create function pg_temp.found(p_what text, p_columns text)
returns text
language sql
as $$
    select pg_temp.run('dp_system', format('select concat_ws('' '', %s) from app.session_find(%s)',
                                           p_columns, p_what))
$$;

create function pg_temp.revoked_since(p_subject uuid, p_generation bigint)
returns boolean
language sql
as $$
    select exists (select from dp.control_revocation where subject = p_subject and generation > p_generation)
$$;

create function pg_temp.generation()
returns bigint
language sql
as $$ select generation from dp.control_state $$;

-- What its principal may be.
select pg_temp.come(:a, :alice, :session);
select is(pg_temp.facts(), 't 40 40 1 t -', 'IDN-04: a session acts with its user''s role, without a ceiling');
select pg_temp.come(:a, :alice, :other);
select is(pg_temp.facts(), 't 40 40 2 t -', 'IDN-13: and its own level');
select pg_temp.come(:a, :carol, :session);
select is(pg_temp.facts(), 'f 20 0 0 f -', 'IDN-04: somebody else''s session is none');
select pg_temp.come(:b, :alice, :session);
select is(pg_temp.facts(), 'f 0 0 0 f -', 'RBAC-15: nor is it one in another organisation');
select pg_temp.come(:a, :alice, :key_a);
select is(pg_temp.facts(), 't 40 40 2 t -', 'a key''s facts are its own');
select set_config('app.credential_kind', 'api_key', true);
select pg_temp.become(:a, :alice, :session);
select is(pg_temp.facts(), 'f 40 0 0 f -', 'IDN-04: a session that calls itself a key is none');
select pg_temp.come(:a, :alice, :session);

savepoint usable;
update dp.session set expires_at = now() where id = :session;
select is(pg_temp.facts(), 'f 40 40 1 t -', 'IDN-09: an expired session is not valid');
rollback to savepoint usable;
update dp.session set auth_at = now() - interval '10 minutes' where id = :session;
select is(pg_temp.facts(), 't 40 40 1 f -', 'IDN-13: after ten minutes its authentication is not fresh');
update dp.session set auth_at = now() - interval '9 minutes' where id = :session;
select is(pg_temp.facts(), 't 40 40 1 t -', 'IDN-13: before, it is');
rollback to savepoint usable;
update dp.app_user set status = 'disabled' where id = :alice;
select is(pg_temp.facts(), 'f 40 40 1 t -', 'IDN-04: a disabled user has none');
select is(pg_temp.found('sha256(''c''), null', 'usable'), 'f', 'and cannot use it');
rollback to savepoint usable;
insert into dp.org_member (org_id, user_id, role) values (:a, :bob, 'organization_admin');
delete from dp.org_member where org_id = :a and user_id = :alice;
select is(pg_temp.facts(), 'f 0 40 1 t -', 'IDN-04: who has left has none');
select is(pg_temp.found('sha256(''c''), null', 'id'), null, 'and it cannot be found');
rollback to savepoint usable;
update dp.org set deleted_at = now() where id = :a;
select is(pg_temp.facts(), 'f 40 40 1 t -', 'IDN-04: a deleted organisation has none');
rollback to savepoint usable;

-- Finding one.
select is(pg_temp.found('sha256(''c''), null', 'id, org_id, user_id, auth_level, usable, plan'),
          concat_ws(' ', :session, :a, :alice, 1, true, 0), 'IDN-04: a session is found by its cookie');
select is(pg_temp.found(format('null, %L', :other), 'id, auth_level'), concat_ws(' ', :other, 2),
          'IDN-04: or by its id');
select is(pg_temp.found('sha256(''d''), null', 'id'), null, 'an unknown cookie finds none');
select is(pg_temp.found('null, null', 'id'), null, 'nor does nothing');
select is(pg_temp.found('sha256(''c''), null', 'generation'), pg_temp.generation()::text,
          'the generation is that of the snapshot');
select is(pg_temp.run('dp_system', format($$ select concat_ws(' ', id, user_id, auth_level, usable, coalesce(scopes, '-'))
                                               from app.api_key_find(%L, %L) $$, :key_a, :a)),
          concat_ws(' ', :key_a, :alice, 2, true, '-'), 'KEY-02: a key is found by its id, too');
select is(pg_temp.run('dp_system', format('select id from app.api_key_find(%L, %L)', :key_a, :b)), null,
          'RBAC-15: in its own organisation');

-- What edges are told.
select pg_temp.generation() as before \gset
savepoint told;
update dp.session set last_seen_at = now(), expires_at = expires_at + interval '1 minute' where id = :session;
select is(pg_temp.generation(), :before, 'a session that is used is no news');
update dp.session set revoked_at = now(), revoke_reason = 'test' where id = :session;
select ok(pg_temp.revoked_since(:session, :before), 'IDN-04: that it is revoked is told');
select is(pg_temp.facts(), 'f 40 40 1 t -', 'and it is not valid any more');
select is(pg_temp.found('sha256(''c''), null', 'usable'), 'f', 'nor usable');
select throws_ok(format('update dp.session set revoked_at = null, revoke_reason = null where id = %L', :session),
                 'DP403', null, 'IDN-04: for ever');
rollback to savepoint told;
update dp.session set auth_level = 2 where id = :session;
select ok(pg_temp.revoked_since(:session, :before), 'IDN-13: that its level changed is told');
rollback to savepoint told;
insert into dp.org_member (org_id, user_id, role) values (:b, :alice, 'viewer');
select is(pg_temp.run('dp_api', format('select app.session_set_org(%L)', :b)), '1', 'IDN-14: it moves to another organisation');
select ok(pg_temp.revoked_since(:session, :before), 'which is told');
select pg_temp.come(:b, :alice, :session);
select is(pg_temp.facts(), 't 10 40 1 t -', 'and has its user''s role there');
rollback to savepoint told;
select is(pg_temp.run('dp_api', format('select app.session_set_org(%L)', :b)), '0',
          'IDN-07: not to one that its user is no member of');
update dp.session set expires_at = expires_at - interval '1 minute' where id = :session;
select ok(pg_temp.revoked_since(:session, :before), 'IDN-09: that it ends earlier is told');
rollback to savepoint told;
delete from dp.session where id = :session;
select ok(pg_temp.revoked_since(:session, :before), 'that it is gone is told');
rollback to savepoint told;

-- Being used.
create function pg_temp.use(p_at timestamptz)
returns text
language sql
as $$
    select pg_temp.run('dp_system', format('select app.sessions_used(%L, 86400)',
               json_build_array(json_build_object('id', 'd0000000-0000-4000-8000-000000000001',
                                                  'at', (extract(epoch from p_at) * 1000000)::bigint))))
$$;
create function pg_temp.lasts()
returns text
language sql
as $$
    select concat_ws(' ', last_seen_at - now(), expires_at - now())
      from dp.session where id = 'd0000000-0000-4000-8000-000000000001'
$$;

select is(pg_temp.use(now() + interval '1 hour'), 'true', 'IDN-09: use is recorded');
select is(pg_temp.lasts(), '01:00:00 1 day 01:00:00', 'and lets it last for a day from then');
select is(pg_temp.use(now()), 'true', 'an earlier use');
select is(pg_temp.lasts(), '01:00:00 1 day 01:00:00', 'changes nothing');
update dp.session set absolute_expires_at = now() + interval '26 hours' where id = :session;
select pg_temp.use(now() + interval '10 hours') \g /dev/null
select is(pg_temp.lasts(), '10:00:00 1 day 02:00:00', 'IDN-09: not beyond its absolute end');
select pg_temp.use(now() + interval '30 hours') \g /dev/null
select is(pg_temp.lasts(), '10:00:00 1 day 02:00:00', 'IDN-09: and it does not come back to life');
select throws_ok(format($$ update dp.session set expires_at = absolute_expires_at + interval '1 second'
                            where id = %L $$, :session),
                 '23514', null, 'IDN-09: the absolute end is the end');

-- What a user may do with his own.
select is(pg_temp.run('dp_api', $$ select concat_ws(' ', id, transport, email, org_slug, rank)
                                     from app.actor_session(null) $$),
          concat_ws(' ', :session, 'cookie', 'alice@tap.invalid', 'tap-a', 40), 'IDN-09: he sees the one he came with');
select is(pg_temp.run('dp_api', format('select id from app.actor_session(%L)', :b)), null,
          'IDN-07: not as one of an organisation that is not his');
select is(pg_temp.run('dp_api', $$ select string_agg(id::text, ' ') from
                                     app.actor_sessions('infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 10) $$),
          concat_ws(' ', :other, :session), 'IDN-09: he lists all of them, the newest first');
select is(pg_temp.run('dp_api', format('select app.sessions_revoke(%L, %L)', :foreign, 'test')), null,
          'IDN-08: nobody revokes somebody else''s');
select is(pg_temp.run('dp_api', format('select app.sessions_revoke(%L, %L)', :other, 'test')), '1',
          'IDN-09: he revokes one');
select is(pg_temp.run('dp_api', format('select app.sessions_revoke(%L, %L)', :other, 'test')), '0', 'once');
select is(pg_temp.run('dp_api', $$ select string_agg(id::text, ' ') from
                                     app.actor_sessions('infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 10) $$),
          :session, 'IDN-09: which is listed no more');
select is(pg_temp.run('dp_api', $$ select app.sessions_revoke(null, 'test') $$), '1', 'IDN-09: he revokes all');

-- Who may look.
select is(has_any_column_privilege(r, t, 'select'), false, format('IDN-11: %s may not read %s', r, t))
  from unnest(array['dp_api', 'dp_ro']) r, unnest(array['dp.session', 'dp.refresh_token']) t;
select is(has_column_privilege('dp_ops', 'dp.session', 'cookie_digest', 'select'), false,
          'IDN-11: nor an operator the cookie''s digest');

-- What is forgotten.
select is(pg_temp.run('dp_system', 'select app.sessions_reap(100, 90)'), '1', 'the tokens of ended sessions are deleted');
update dp.session set expires_at = now() - interval '91 days' where id = :foreign;
insert into dp.one_time_token (digest, purpose, expires_at) values (sha256('o'), 'oauth', now() - interval '2 days');
insert into dp.login_failure (account, origin, failures, since) values (sha256('a'), 'net', 1, now() - interval '2 hours');
insert into dp.device (id, user_id, digest, last_seen_at) values (gen_random_uuid(), :bob, sha256('d'), now() - interval '2 years');
select is(pg_temp.run('dp_system', 'select app.sessions_reap(100, 90)'), '1', 'what ended long ago is deleted');
select is((select count(*) from dp.session where id = :foreign)
          + (select count(*) from dp.one_time_token) + (select count(*) from dp.login_failure)
          + (select count(*) from dp.device), 0::bigint, 'all of it');

select * from finish();
rollback;
