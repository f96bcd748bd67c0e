-- Tokens of other issuers: whom they name, what such a principal may be, and that
-- edges are told when it changes.

begin;
\ir lib/fixture.psql
select plan(12);

\set identity '\'e0000000-0000-4000-8000-000000000001\''

insert into dp.user_identity (id, issuer, subject, user_id)
values (:identity, 'https://login.example', 'user-7', :alice);
set constraints all immediate;

create function pg_temp.found(p_subject text)
returns text
language sql
as $$
    select pg_temp.run('dp_system', format(
        $q$ select concat_ws(' ', id, user_id, auth_level, usable, org_id)
              from app.identity_find('https://login.example', %L) $q$, p_subject))
$$;

create function pg_temp.facts(p_org uuid, p_actor uuid, p_identity uuid, p_kind text)
returns text
language sql
as $$
    select pg_temp.become(p_org, p_actor, p_identity), set_config('app.credential_kind', p_kind, true);
    select pg_temp.run('dp_api', $q$ select concat_ws(' ', valid, auth_level, fresh) from app.principal_facts() $q$)
$$;

select is(pg_temp.found('user-7'), concat_ws(' ', :identity, :alice, 1, 't', :a), 'IDN-14 the subject is a user, with one factor');
select is(pg_temp.found('user-8'), null, 'another is nobody');
select is(pg_temp.run('dp_system', $$ select count(*) from app.identity_find('https://other.example', 'user-7') $$), '0',
          'nor is the same one of another issuer');
select throws_ok($$ set local role dp_api; select app.identity_find('a', 'b') $$, '42501', null, 'a tenant asks for none');
reset role;

select is(pg_temp.facts(:a, :alice, :identity, 'external'), 't 1 f', 'it is valid, of one factor and never fresh');
select is(pg_temp.facts(:a, :bob, :identity, 'external'), 'f 0 f', 'not as another user');
select is(pg_temp.facts(:b, :alice, :identity, 'external'), 'f 1 f', 'not where the user is no member');
select is(pg_temp.facts(:a, :alice, :identity, 'session'), 'f 0 f', 'nor as a session');

update dp.app_user set status = 'locked' where id = :alice;
select is(split_part(pg_temp.found('user-7'), ' ', 4), 'f', 'a locked user''s is not usable');
select is(split_part(pg_temp.facts(:a, :alice, :identity, 'external'), ' ', 1), 'f', 'nor valid');

select is(generation, null, 'nothing was revoked yet')
  from (select max(generation) as generation from dp.control_revocation where subject = :identity) r;
delete from dp.user_identity where id = :identity;
select isnt(generation, null, 'IDN-04 edges are told of one that is gone')
  from (select max(generation) as generation from dp.control_revocation where subject = :identity) r;

select * from finish();
rollback;
