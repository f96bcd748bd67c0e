-- Finding a credential, what its principal may be in a transaction, and its end.

begin;
\ir lib/fixture.psql
select plan(27);

create function pg_temp.facts()
returns text
language plpgsql
as $$
declare
    result text;
begin
    perform set_config('role', 'dp_api', true);
    select concat_ws(' ', valid, org_rank, max_rank) into result from app.principal_facts();
    perform set_config('role', 'none', true);
    return result;
end
$$;

create function pg_temp.usable(p_prefix text)
returns boolean
language sql
as $$ select usable from app.principal_find(p_prefix) $$;

select is(
    pg_temp.run('dp_system',
                $$ select concat_ws(' ', id, org_id, user_id, digest, auth_level, expires_at, usable)
                     from app.principal_find('tapKeyAA') $$),
    concat_ws(' ', :key_a, :a, :alice, sha256('a'), 2, true),
    'IDN: authentication finds a key by its prefix');
select is_empty($$ select * from app.principal_find('unknown0') $$, 'an unknown prefix finds nothing');

select pg_temp.become(:a, :alice, :key_a);
select is(pg_temp.facts(), 't 40 40', 'RBAC-02: the administrator with an unrestricted key');

update dp.api_key set max_role = 'viewer' where id = :key_a;
select is(pg_temp.facts(), 't 40 10', 'RBAC-03: a key''s ceiling is told beside the role');

insert into dp.org_member (org_id, user_id, role) values (:a, :bob, 'organization_admin');
update dp.org_member set role = 'developer' where org_id = :a and user_id = :alice;
select is(pg_temp.facts(), 't 20 10', 'RBAC-02: a changed role counts at once');

savepoint before_revocation;
update dp.api_key set revoked_at = now() where id = :key_a;
select is(pg_temp.facts(), 'f 20 10', 'RBAC-13: a revoked key is no longer valid');
select is(pg_temp.usable('tapKeyAA'), false, 'and cannot be used');
select throws_ok(format('update dp.api_key set revoked_at = %s where id = %L', r, :key_a), 'DP403', null,
                 format('KEY-02: a revocation is for ever (%s)', r))
  from unnest(array['null', 'now() + interval ''1 hour''']) r;
select lives_ok(format('update dp.api_key set name = ''B'' where id = %L', :key_a),
                'though other columns of the key may change');
rollback to savepoint before_revocation;

update dp.api_key set expires_at = now() - interval '1 second' where id = :key_a;
select is(pg_temp.facts(), 'f 20 10', 'RBAC-13: nor is an expired one');
select is(pg_temp.usable('tapKeyAA'), false, 'and cannot be used');
update dp.api_key set expires_at = now() + interval '1 hour' where id = :key_a;
select is(pg_temp.facts(), 't 20 10', 'one that expires later still is');

update dp.app_user set status = 'disabled' where id = :alice;
select is(pg_temp.facts(), 'f 20 10', 'RBAC-13: a disabled user has no key');
select is(pg_temp.usable('tapKeyAA'), false, 'and cannot be used');
update dp.app_user set status = 'active' where id = :alice;

update dp.org set deleted_at = now() where id = :a;
select is(pg_temp.facts(), 'f 20 10', 'RBAC-13: a deleted organisation has none');
update dp.org set deleted_at = null where id = :a;

delete from dp.org_member where org_id = :a and user_id = :alice;
select is(pg_temp.facts(), 'f 0 10', 'RBAC-13: who has left has none');
select is_empty($$ select * from app.principal_find('tapKeyAA') $$, 'and cannot be found');

select pg_temp.become(:a, :carol, :key_b);
select is(pg_temp.facts(), 'f 20 0', 'RBAC-15: another tenant''s key says nothing here');

-- What a tenant may change of its keys.
select pg_temp.become(:a, :alice, :key_a);
select pg_temp.change('dp_api', 'update dp.api_key set revoked_at = now()');
select is((select revoked_at from dp.api_key where id = :key_a), now(),
          'KEY-02: a tenant revokes its keys');
select is((select revoked_at from dp.api_key where id = :key_b), null,
          'RBAC-15: never another tenant''s');
select throws_ok($$ select pg_temp.change('dp_api', 'update dp.api_key set max_role = max_role') $$,
                 '42501', null, 'RBAC-13: and changes nothing else of them');

select pg_temp.change('dp_api', 'update dp.api_key set expires_at = now() + interval ''30 minutes''');
select is((select expires_at from dp.api_key where id = :key_a), now() + interval '30 minutes',
          'KEY-04: a tenant lets its keys end earlier');
select throws_ok($$ select pg_temp.change('dp_api',
                                          'update dp.api_key set expires_at = now() + interval ''2 hours''') $$,
                 'DP403', null, 'KEY-04: never later');
select throws_ok(
    format($$ select pg_temp.change('dp_api', 'insert into dp.api_key
                  (org_id, id, prefix, digest, name, created_by, max_role)
              values (''%s'', gen_random_uuid(), ''%s'', sha256(''%s''), ''%s'', ''%s'', ''%s'')') $$,
           :a, 'tapKeyZZ', 'z', 'Z', :carol, 'viewer'),
    '42501', null, 'KEY-02: and makes them for the one who asks only');

select throws_ok(
    format($$ insert into dp.api_key (org_id, prefix, digest, name, created_by, max_role)
              values (%L, 'tapKeyAA', sha256('c'), 'C', %L, 'viewer') $$, :a, :carol),
    '23505', null, 'a prefix names one key');
select throws_ok(
    format($$ insert into dp.api_key (org_id, prefix, digest, name, created_by, max_role)
              values (%L, 'tapKeyCC', 'plain text', 'C', %L, 'viewer') $$, :a, :carol),
    '23514', null, 'what is kept of a key is a digest');

select * from finish();
rollback;
