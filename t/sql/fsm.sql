-- State machines: what the triggers allow is what fsm_transition says.

begin;
\ir lib/fixture.psql
select plan(17);

select pg_temp.become(:a, :alice, :key_a);
select pg_temp.make_project(:project_a, :revision_a, 'machines');

select is_empty(
    $$ select machine, entity_id from dp.fsm_history
        where org_id = app.current_org() and machine <> 'subscription' $$,
    'the first state of a row is no transition');

-- Every ordered pair of states of every machine, tried on a real row that does not stay.
\set empty '\'a0000000-0000-4000-8000-000000000102\''
insert into dp.project (org_id, id, name, slug, template, template_version, created_by)
values (:a, :empty, 'Empty', 'empty', 'platform', 1, :alice);
delete from dp.subscription where org_id = :a;
select set_config('tap.empty', :empty, true), set_config('tap.project', :project_a, true),
       set_config('tap.revision', :revision_a, true) \g /dev/null

create function pg_temp.kid(p_entity uuid)
returns text
language sql
as $$ select right(replace(p_entity::text, '-', ''), 16) $$;

create function pg_temp.row_in_state(p_machine text, p_kind text, p_state text)
returns uuid
language plpgsql
as $$
declare
    entity uuid := gen_random_uuid();
    empty uuid := current_setting('tap.empty');
    project uuid := current_setting('tap.project');
    revision uuid := current_setting('tap.revision');
    done boolean := p_state in ('completed', 'superseded');
begin
    set local session_replication_role = replica;

    if p_machine = 'environment' and p_kind = 'core' then
        insert into dp.environment (org_id, id, project_id, kind, name, state)
        values (app.current_org(), entity, empty, 'core', 'dev', p_state);
    elsif p_machine = 'environment' then
        insert into dp.environment (org_id, id, project_id, kind, name, state, branch_slug,
                                    preview_slot, expires_at)
        values (app.current_org(), entity, empty, 'preview', 'preview-x', p_state, 'x', 1, now());
    elsif p_machine = 'revision' then
        insert into dp.revision (org_id, id, project_id, number, state, completed_at, content_hash)
        values (app.current_org(), entity, empty, 1, p_state, case when done then now() end,
                case when done then '\x00'::bytea end);
    elsif p_machine = 'step' then
        insert into dp.step (org_id, id, project_id, revision_id, ordinal, state, data, data_hash,
                             locked_at)
        values (app.current_org(), entity, project, revision, 99, p_state, '{}', '\x00',
                case when p_state = 'locked' then now() end);
    elsif p_machine = 'subscription' then
        insert into dp.subscription (org_id, id, state)
        values (app.current_org(), entity, p_state);
    elsif p_machine = 'job' then
        insert into dp.job (org_id, id, kind, version, payload, priority, turn, switches, max_attempts)
        values (app.current_org(), entity, 'tap', 1, '{}', 1, 0, 0, 1);
        perform pg_temp.change_state(p_machine, entity, p_state);
    elsif p_machine = 'breaker' then
        insert into dp.circuit_breaker (provider, scope_id, org_id)
        values ('tap', entity, app.current_org());
        perform pg_temp.change_state(p_machine, entity, p_state);
    elsif p_machine = 'signing_key' then
        insert into dp.signing_key (kid, purpose, sealed)
        values (pg_temp.kid(entity), 'jwt', '\x00');
        perform pg_temp.change_state(p_machine, entity, p_state);
    end if;

    set local session_replication_role = origin;
    return entity;
end
$$;

create function pg_temp.change_state(p_machine text, p_entity uuid, p_state text)
returns void
language plpgsql
as $$
begin
    execute case p_machine
            when 'revision' then
                'update dp.revision
                    set state = $2,
                        completed_at = case when $2 in (''completed'', ''superseded'')
                                       then coalesce(completed_at, now()) end,
                        content_hash = case when $2 in (''completed'', ''superseded'')
                                       then coalesce(content_hash, ''\x00'') end
                  where id = $1'
            when 'step' then
                'update dp.step
                    set state = $2, locked_at = case when $2 = ''locked'' then now() end
                  where id = $1'
            when 'job' then
                'update dp.job
                    set state = $2,
                        code = ''INTERNAL'',
                        lease_owner = case when $2 = ''running'' then ''me'' end,
                        lease_until = case when $2 = ''running'' then now() end,
                        finished_at = case when $2 in (''done'', ''dead'') then now() end
                  where id = $1'
            when 'breaker' then
                'update dp.circuit_breaker
                    set state = $2, probe_owner = case when $2 = ''half_open'' then scope_id end
                  where scope_id = $1'
            when 'signing_key' then
                'update dp.signing_key
                    set state = $2,
                        sealed = case when $2 in (''active'', ''grace'') then ''\x00''::bytea end,
                        ended_at = case when $2 in (''retired'', ''revoked'') then now() end,
                        grace_until = now(),
                        purge_after = now()
                  where kid = pg_temp.kid($1)'
            else format('update dp.%I set state = $2 where id = $1', p_machine)
            end
      using p_entity, p_state;
end
$$;

create function pg_temp.allows(p_machine text, p_kind text, p_from text, p_to text)
returns boolean
language plpgsql
as $$
begin
    perform pg_temp.change_state(p_machine, pg_temp.row_in_state(p_machine, p_kind, p_from), p_to);
    raise exception using errcode = 'TAP00';
exception
    when sqlstate 'TAP00' then
        return true;
    when sqlstate 'DP409' or sqlstate 'DP403' then
        return false;
end
$$;

select is_empty(
    $$ select f.machine, f.kind, f.state, t.state
         from dp.fsm_state f
         join dp.fsm_state t on t.machine = f.machine and t.kind = f.kind and t.state <> f.state
        where pg_temp.allows(f.machine, f.kind, f.state, t.state)
              <> exists (select from dp.fsm_transition x
                          where x.machine = f.machine and x.kind = f.kind
                            and x.from_state = f.state and x.to_state = t.state) $$,
    'ENV-03: each ordered pair of states is allowed exactly if it is a row of fsm_transition');

select is_empty(
    $$ select machine, kind, state from dp.fsm_state s
        where s.is_terminal <> not exists (
            select from dp.fsm_transition t
             where t.machine = s.machine and t.kind = s.kind and t.from_state = s.state) $$,
    'a terminal state is one that nothing leaves');

select is_empty(
    $$ select machine, kind from dp.fsm_state group by machine, kind
       having count(*) filter (where is_initial) <> 1 $$,
    'a machine begins in one state');

select throws_ok(
    format($$ insert into dp.environment (org_id, id, project_id, kind, name, state)
              values (%L, gen_random_uuid(), %L, 'core', 'dev', 'active') $$, :a, :empty),
    'DP409', null, 'a core environment cannot begin as active');
select throws_ok(
    format($$ insert into dp.environment (org_id, id, project_id, kind, name, state, branch_slug,
                                          preview_slot, expires_at)
              values (%L, gen_random_uuid(), %L, 'preview', 'preview-x', 'pending', 'x', 1, now()) $$,
           :a, :project_a),
    'DP409', null, 'a preview cannot begin as a core environment does');
select lives_ok(
    format($$ insert into dp.environment (org_id, id, project_id, kind, name, state, branch_slug,
                                          preview_slot, expires_at)
              values (%L, gen_random_uuid(), %L, 'preview', 'preview-x', 'provisioning', 'x', 1,
                      now()) $$, :a, :project_a),
    'a preview begins as provisioning');
select throws_ok(
    format($$ insert into dp.step (org_id, project_id, revision_id, ordinal, state)
              values (%L, %L, %L, 9, 'draft') $$, :a, :project_a, :revision_a),
    'DP409', null, 'a step cannot begin as draft');
select throws_ok(
    format($$ insert into dp.revision (org_id, id, project_id, number, state, is_active)
              values (%L, gen_random_uuid(), %L, 2, 'abandoned', false) $$, :a, :project_a),
    'DP409', null, 'a revision cannot begin as abandoned');
select throws_ok(
    $$ update dp.environment set state = 'unheard_of' where name = 'dev' $$,
    'DP409', null, 'an unknown state is no state');

update dp.environment
   set state = 'provisioning'
 where project_id = :project_a and name = 'dev';

select results_eq(
    format($$ select h.machine, h.from_state, h.to_state, h.event, h.request_id
                from dp.fsm_history h
                join dp.environment e on e.id = h.entity_id
               where e.project_id = %L and e.name = 'dev' $$, :project_a),
    format($$ values ('environment', 'pending', 'provisioning', 'provision', %L::uuid) $$, :request),
    'OBS: a transition leaves one row of history, with its event and its request');

update dp.environment
   set state = 'active'
 where project_id = :project_a and name = 'dev';

select set_config('app.fsm_event', 'teleport', true) \g /dev/null
select throws_ok(
    format($$ update dp.environment set state = 'updating'
               where project_id = %L and name = 'dev' $$, :project_a),
    'DP409', null, 'an event that does not lead there is refused');

select set_config('app.fsm_event', 'rollback', true) \g /dev/null
update dp.environment
   set state = 'updating'
 where project_id = :project_a and name = 'dev';

select is(
    (select h.event from dp.fsm_history h join dp.environment e on e.id = h.entity_id
      where e.project_id = :project_a and e.name = 'dev' order by h.id desc limit 1),
    'rollback',
    'of several possible events the named one is recorded');

update dp.environment
   set url = 'https://dev.invalid'
 where project_id = :project_a and name = 'dev';

select is(
    (select count(*)::int from dp.fsm_history h join dp.environment e on e.id = h.entity_id
      where e.project_id = :project_a and e.name = 'dev'),
    3,
    'a change of something else is no transition');

select throws_ok($$ update dp.fsm_history set event = 'x' $$, 'DP403', null,
                 'history cannot be rewritten');
select throws_ok($$ delete from dp.fsm_history $$, 'DP403', null, 'nor deleted');
select throws_ok($$ truncate dp.fsm_history $$, 'DP403', null, 'nor truncated');

select * from finish();
rollback;
