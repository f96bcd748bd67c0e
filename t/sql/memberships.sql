-- Organisations, their members, invitations and roles: what the database holds by
-- itself.

begin;
\ir lib/fixture.psql
select plan(25);

select pg_temp.become(:a, :alice, :key_a);
select pg_temp.make_project(:project_a, :revision_a, 'of-a');

-- the last administrator

select throws_ok(
    format('select pg_temp.change(%L, %L)', 'dp_api',
           format($$ update dp.org_member set role = 'viewer' where user_id = %L $$, :alice)),
    'DP409', null, 'C01: the last administrator stays one');
select throws_ok(
    format($$ delete from dp.org_member where org_id = %L and user_id = %L $$, :b, :bob),
    'DP409', null, 'C01: and is not removed, whoever tries');
select lives_ok(
    format('select pg_temp.change(%L, %L)', 'dp_api',
           format($$ update dp.org_member set role = 'organization_admin' where user_id = %L $$, :carol)),
    'there may be two');
select lives_ok(
    format('select pg_temp.change(%L, %L)', 'dp_api',
           format($$ update dp.org_member set role = 'developer' where user_id = %L $$, :alice)),
    'of whom one may step down');
select throws_ok(
    format('select pg_temp.change(%L, %L)', 'dp_api',
           format($$ delete from dp.org_member where user_id = %L $$, :victor)),
    '42501', null, 'a member is removed by member_remove() alone');
select throws_ok(
    format('select pg_temp.change(%L, %L)', 'dp_api', $$ update dp.org set slug = 'x' $$),
    '42501', null, 'a slug stays');

-- removal

select is(pg_temp.run('dp_api', format('select app.member_remove(%L)', :bob)), '0',
          'RBAC-15: a member of another tenant is none');
select is(pg_temp.run('dp_api', format('select app.member_remove(%L)', :alice)), '1', 'R26: a member is removed');
select is((select count(*) from dp.project_member where user_id = :alice), 0::bigint, 'R26: with his roles in projects');
select is((select revoked_at is not null from dp.api_key where id = :key_a), true, 'R26: and his keys');

-- whose organisations

select pg_temp.become(:a, :carol, :key_a);
insert into dp.org_member (org_id, user_id, role) values (:b, :carol, 'viewer');
select set_config('app.credential_kind', 'api_key', true);
select is(
    pg_temp.run('dp_api', $$ select string_agg(slug || ' ' || role, ', ' order by slug)
                               from app.actor_orgs('infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 9) $$),
    'tap-a organization_admin', 'IDN-08: an API key shows its organisation');
select set_config('app.credential_kind', 'session', true);
select is(
    pg_temp.run('dp_api', $$ select string_agg(slug || ' ' || role, ', ' order by slug)
                               from app.actor_orgs('infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 9) $$),
    'tap-a organization_admin, tap-b viewer', 'C01: a session those of its user');
select set_config('app.credential_kind', '', true);
select is(
    pg_temp.run('dp_api', $$ select string_agg(slug, ', ')
                               from app.actor_orgs('infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 9) $$),
    'tap-a', 'RBAC-13: what is not known does not show more');

-- invitations

select pg_temp.become(:a, :carol, :key_a);
select lives_ok(
    format('select pg_temp.change(%L, %L)', 'dp_api',
           format($$ insert into dp.invitation (org_id, id, email, role, digest, invited_by)
                     values (%L, %L, 'Bob@tap.invalid', 'viewer', sha256('token'), %L) $$, :a, :request, :carol)),
    'a tenant invites');
select throws_ok(
    format('select pg_temp.change(%L, %L)', 'dp_api',
           format($$ insert into dp.invitation (org_id, id, email, role, digest, invited_by)
                     values (%L, gen_random_uuid(), 'bob@TAP.invalid', 'viewer', sha256('other'), %L) $$, :a, :carol)),
    '23505', null, 'an address once at a time');
select throws_ok(
    $$ select pg_temp.run('dp_api', 'select digest from dp.invitation') $$,
    '42501', null, 'no tenant reads a digest');
select throws_ok(
    format('select pg_temp.change(%L, %L)', 'dp_api',
           $$ update dp.invitation set expires_at = now() + interval '1 year' $$),
    '42501', null, 'or prolongs one');
select is(pg_temp.run('dp_api', $$ select count(*) from app.invitation_find(sha256('token')) $$), '0',
          'IDN-08: it is for nobody else');
select is(pg_temp.run('dp_api', $$ select app.member_has_email('CAROL@tap.invalid')::text $$), 'true',
          'a member''s address is known');
select is(pg_temp.run('dp_api', $$ select app.member_has_email('bob@tap.invalid')::text $$), 'false',
          'IDN-08: one of another tenant''s is not');

select pg_temp.become(:b, :bob, :key_b);
select is(pg_temp.run('dp_api', 'select count(*) from dp.invitation'), '0', 'RBAC-15: other tenants do not see it');
select is(pg_temp.run('dp_api', $$ select id::text from app.invitation_find(sha256('token')) $$), :a,
          'but whom it is for finds it');

-- whose a resource is

select is(
    pg_temp.run('dp_api', format('select type || id from app.ownership_violated(%L)',
                                 json_build_object('org', :b, 'project', :project_a))),
    'project' || :project_a, 'IDN-08: what is named and another tenant''s is found');
select is(
    pg_temp.run('dp_api', format('select count(*) from app.ownership_violated(%L)',
                                 json_build_object('org', :b, 'user', :bob, 'project', :request, 'x', :a))),
    '0', 'what is one''s own, or nobody''s, is not');

-- roles

select is_empty(
    $$ select p.name from dp.permission p
        where not exists (select from dp.role_permission g where g.permission = p.name)
        union all
       select g.permission from dp.role_permission g
         join dp.role r on r.scope = g.scope and r.name = g.role
         join dp.role above on above.scope = r.scope and above.rank > r.rank
        where not exists (select from dp.role_permission a
                           where a.permission = g.permission and a.scope = above.scope and a.role = above.name) $$,
    'RBAC-03: every permission is somebody''s, and a higher role has what a lower one has');

select * from finish();
rollback;
