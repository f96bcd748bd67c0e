-- What never changes again: locked steps and completed revisions.

begin;
\ir lib/fixture.psql
select plan(13);

select pg_temp.become(:a, :alice, :key_a);
select pg_temp.make_project(:project_a, :revision_a, 'immutable');

update dp.step
   set state = 'draft', data = '{"b":1, "a":1.0}', data_hash = sha256('{"b":1, "a":1.0}')
 where revision_id = :revision_a;
select is((select data::text from dp.step where revision_id = :revision_a and ordinal = 1),
          '{"b":1, "a":1.0}', 'BP: data comes back as it was written');
select throws_ok(
    format($$ update dp.step set state = 'locked'
               where revision_id = %L and ordinal = 1 $$, :revision_a),
    '23514', null, 'BP: a lock has its time');
update dp.step
   set state = 'locked', locked_at = now(), locked_by = :alice
 where revision_id = :revision_a;
select throws_ok(
    format($$ update dp.step set data = '{}', data_hash = sha256('{}')
               where revision_id = %L and ordinal = 1 $$, :revision_a),
    'DP403', null, 'BP: a locked step does not change');
select throws_ok(format($$ delete from dp.step where revision_id = %L $$, :revision_a),
                 'DP403', null, 'BP: a step is never deleted');

select throws_ok(
    format($$ insert into dp.revision (org_id, id, project_id, number)
              values (%L, gen_random_uuid(), %L, 2) $$, :a, :project_a),
    '23505', null, 'BP: one revision of a project is active');
select throws_ok(
    format($$ update dp.revision set state = 'completed' where id = %L $$, :revision_a),
    '23514', null, 'BP: a completed revision has its time and its hash');
update dp.revision
   set state = 'completed', completed_at = now(), content_hash = sha256('content')
 where id = :revision_a;
select is((select is_complete from dp.revision where id = :revision_a), true,
          'BP: what exists for completed revisions only can refer to that');
select throws_ok(
    format($$ update dp.revision set content_hash = sha256('other') where id = %L $$, :revision_a),
    'DP403', null, 'BP: a completed revision does not change');
select throws_ok(
    format($$ update dp.step set state = 'pending', locked_at = null, locked_by = null
               where revision_id = %L and ordinal = 8 $$, :revision_a),
    'DP403', null, 'BP: nor do its steps, not even by a legal transition');
select throws_ok(
    format($$ insert into dp.step (org_id, project_id, revision_id, ordinal)
              values (%L, %L, %L, 9) $$, :a, :project_a, :revision_a),
    'DP403', null, 'BP: nor does it get another');
select lives_ok(
    format($$ update dp.revision set state = 'superseded', is_active = false
               where id = %L $$, :revision_a),
    'BP: it can be superseded');
select throws_ok(format($$ delete from dp.revision where id = %L $$, :revision_a),
                 null, null, 'BP: but never deleted');
select is(
    (select string_agg(to_state, ' ' order by id) from dp.fsm_history
      where entity_id = :revision_a),
    'completed superseded', 'AUD-03: its transitions are on record');

select * from finish();
rollback;
