-- The generation moves with every change of control state, and with nothing else.
-- Its triggers are deferred: here each statement runs them at once.

begin;
\ir lib/fixture.psql
set constraints all immediate;
select plan(47);

create temporary table seen on commit drop as
select generation
  from dp.control_state;

-- Whether the generation has moved since it was asked last.
create function pg_temp.moved()
returns boolean
language sql
as $$
    with now as (
        update seen
           set generation = s.generation
          from dp.control_state s
         where seen.generation <> s.generation
        returning 1
    )
    select exists (select from now)
$$;

-- Whose principals are to be asked for anew since the generation that moved() saw.
create function pg_temp.revoked()
returns text
language sql
as $$
    select string_agg(r.subject::text, ',' order by r.generation)
      from dp.control_revocation r, seen
     where r.generation > seen.generation
$$;

create function pg_temp.revokes_ok(p_statement text, p_subject text, p_name text)
returns setof text
language plpgsql
as $$
declare
    revoked text;
begin
    perform pg_temp.moved();
    execute p_statement;
    revoked := pg_temp.revoked();
    return next ok(pg_temp.moved(), p_name || ': the generation moves');
    return next is(revoked, p_subject, p_name || ': who is asked for anew');
end
$$;

create function pg_temp.stays_ok(p_statement text, p_name text)
returns setof text
language plpgsql
as $$
begin
    perform pg_temp.moved();
    execute p_statement;
    return next ok(not pg_temp.moved(), p_name || ' moves nothing');
end
$$;

select cmp_ok(generation, '>', 1700000000000000, 'the generation is a time')
  from dp.control_state;

-- What changes control state

select pg_temp.revokes_ok(
    $$ update dp.kill_switch set enabled = true, reason = 'drill' where name = 'AI' $$,
    null, 'KS-04: a switch');
select pg_temp.revokes_ok(
    $$ update dp.plan set user_burst = 240 where name = 'pro' $$,
    null, 'RL-01: the rate of a plan');
select pg_temp.revokes_ok(
    format($$ update dp.api_key set expires_at = now() + interval '1 hour' where id = %L $$, :key_a),
    :key_a, 'KEY-04: a key that expires earlier');
select pg_temp.revokes_ok(
    format($$ update dp.api_key set scopes = '{projects:read}' where id = %L $$, :key_a),
    :key_a, 'the scopes of a key');
select pg_temp.revokes_ok(
    format($$ update dp.api_key set revoked_at = now() where id = %L $$, :key_a),
    :key_a, 'KEY-02: a key that is revoked');
select pg_temp.revokes_ok(
    format($$ update dp.org_member set role = 'viewer' where user_id = %L $$, :carol),
    :carol, 'another role');
select pg_temp.revokes_ok(
    format($$ delete from dp.org_member where user_id = %L $$, :victor),
    :victor, 'a member who leaves');
select pg_temp.revokes_ok(
    format($$ update dp.app_user set status = 'disabled' where id = %L $$, :bob),
    :bob, 'a user who is disabled');
select pg_temp.revokes_ok(
    format($$ update dp.org set deleted_at = now() where id = %L $$, :b),
    :b, 'an organisation that is deleted');
select pg_temp.revokes_ok(
    format($$ update dp.subscription set plan = 'pro' where org_id = %L $$, :a),
    :a, 'another plan');

insert into dp.org (id, slug, name) values ('00000000-0000-4000-8000-0000000000ff', 'tap-new', 'New');
select pg_temp.revokes_ok(
    $$ insert into dp.subscription (org_id) values ('00000000-0000-4000-8000-0000000000ff') $$,
    '00000000-0000-4000-8000-0000000000ff', 'a first subscription');
select pg_temp.revokes_ok(
    format($$ delete from dp.api_key where id = %L $$, :key_a),
    :key_a, 'KEY-02: a key that is gone');

-- What does not

select pg_temp.become(:a, :alice, :key_b);
select pg_temp.stays_ok(
    format($$ select pg_temp.make_project(%L, %L, 'made') $$, :project_a, :revision_a),
    'createProject');
select pg_temp.stays_ok($$ update dp.org set name = 'Renamed' $$, 'another name');
select pg_temp.stays_ok($$ update dp.app_user set display_name = 'Renamed' $$, 'a user''s name');
select pg_temp.stays_ok($$ update dp.api_key set name = 'Renamed' $$, 'a key''s name');

-- A project's members

select pg_temp.revokes_ok(
    format($$ update dp.project_member set role = 'Viewer' where user_id = %L $$, :alice),
    :alice, 'another role in a project');
select pg_temp.revokes_ok(
    format($$ delete from dp.project_member where user_id = %L $$, :alice),
    :alice, 'a member who leaves a project');

-- What is told

select is(
    (select count(*) from app.control_read(0) where generation = (select generation from dp.control_state)
        and switches = 32 and not expired),
    1::bigint, 'the state is one row');
select is(
    (select encode(substr(plans, 19, 18), 'hex') from app.control_read(0)),
    '000a' || '000000f0' || '00000000' || '00000000' || '00000000',
    'RL-01: each plan with its rates');
select is(
    (select octet_length(revocations) % 24 from app.control_read(0)),
    0, 'each revocation with its generation');
select is(
    (select encode(substr(revocations, octet_length(revocations) - 23, 16), 'hex')
       from app.control_read(0)),
    replace(:alice, '-', ''), 'the newest one is the last');
select is(
    (select plans is null and revocations is null
       from app.control_read((select generation from dp.control_state))),
    true, 'who knows the generation is told less');

insert into dp.control_revocation (subject, generation)
select gen_random_uuid(), n
  from generate_series(1, 4096) n;
select is(
    (select octet_length(revocations) / 24 || ' ' || (floor = (select max(floor) from dp.control_state))
       from app.control_read(0)),
    '4096 true', 'at most 4096 revocations are told');

-- The floor

select pg_temp.revokes_ok(
    format($$ update dp.app_user set status = 'active' where id = %L $$, :bob),
    :bob, 'a user who is back');
select is(
    (select count(*) from dp.control_revocation where generation <= 4096),
    0::bigint, 'it takes away what is older than an hour');

-- After a restore

update dp.control_state set generation = 5000, floor = 5000;
select app.control_catch_up(4999) \g /dev/null
select is((select generation from dp.control_state), 5000::bigint, 'an edge that is behind moves nothing');
select app.control_catch_up(9000000000000000) \g /dev/null
select is((select generation || ' ' || (floor = generation) from dp.control_state),
          '9000000000000001 true', 'one that is ahead is passed, and asks for everything anew');

-- Time

update dp.kill_switch set expires_at = now() - interval '1 second' where name = 'AI';
select is((select expired from app.control_read(0)), true, 'a switch whose time is over is noticed');
select pg_temp.run('dp_system', 'select app.kill_switches_expire()') \g /dev/null
select is(
    (select switches || ' ' || expired from app.control_read(0)),
    '0 false', 'and turned off');
select is(
    (select count(*) from dp.audit_event where action = 'kill_switch.expired' and target_id = 'AI'),
    1::bigint, 'KS-07: which is recorded');

select * from finish();
rollback;
