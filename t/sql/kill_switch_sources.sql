-- Every change of a kill switch is recorded, once, whoever makes it.

begin;
\ir lib/fixture.psql
select plan(17);

create function pg_temp.last_event() returns text
language sql
as $$
    select concat_ws(' ', e.action, e.target_id, e.actor_type, d.detail ->> 'source',
                     d.detail ->> 'instance', d.detail ->> 'before', d.detail ->> 'after',
                     d.detail ->> 'actor', d.detail ->> 'reason', d.detail ->> 'note')
      from dp.audit_event e
      join dp.audit_detail d using (seq)
     order by e.seq desc
     limit 1
$$;

create function pg_temp.events() returns bigint
language sql
as $$ select count(*) from dp.audit_event where action like 'kill\_switch.%' $$;

select pg_temp.become(null, null, null);

select pg_temp.run('dp_ops', $$ select app.kill_switch_set('AI', true, 'too dear', 'root', 0) $$) as said \gset
select is(:said, (select generation from dp.control_state),
    'KS-07: an operator turns a switch, and learns the generation');
select is(pg_temp.last_event(), 'kill_switch.turned_on AI system database false true root too dear',
          'KS-07: the event says who, why, before and after');
select results_eq(
    $$ select enabled, reason, actor, epoch, expires_at from dp.kill_switch where name = 'AI' $$,
    $$ values (true, 'too dear', 'root', 1::bigint, null::timestamptz) $$,
    'KS-07: and so does the row');
select is((select (d.detail ->> 'epoch')::int from dp.audit_event e join dp.audit_detail d using (seq)
            order by e.seq desc limit 1), 1, 'KS-07: with its epoch');

select lives_ok($$ select pg_temp.run('dp_ops', 'select app.kill_switch_set(''AI'', true, ''dearer'',
                                                                            ''root'', 60)') $$,
                'KS-07: it may get another reason and an end');
select is(pg_temp.last_event(), 'kill_switch.changed AI system database true true root dearer',
          'KS-07: that is recorded as well');

update dp.kill_switch set expires_at = now() - interval '1 second' where name = 'AI';
select lives_ok($$ select pg_temp.run('dp_system', 'select app.kill_switches_expire()') $$, 'its time is over');
select alike(pg_temp.last_event(), 'kill_switch.expired AI system database true false %',
            'KS-07: and that is recorded');

select set_config('app.operator', '', true) \g /dev/null
update dp.kill_switch set enabled = true, reason = 'by hand' where name = 'BILLING';
select is(pg_temp.last_event(),
          'kill_switch.turned_on BILLING system database false true ' || session_user || ' by hand',
          'KS-07: an update by hand is recorded under the session''s user');

select throws_ok(
    $$ select pg_temp.run('dp_ops', 'select app.kill_switch_set(''AI'', true, '''', ''root'', 0)') $$,
    '23514', null, 'KS-07: not without a reason');
select throws_ok(
    $$ select pg_temp.run('dp_api', 'select app.kill_switch_set(''AI'', false, ''no'', ''me'', 0)') $$,
    '42501', null, 'KS-07: dp_api turns none');

select is(pg_temp.run('dp_ops', $$ select app.kill_switch_observe('edge-1', 'file', 1, 'disk full') $$),
          '1', 'KS-07: a switch that an instance has on by itself');
select is(pg_temp.last_event(), 'kill_switch.turned_on GLOBAL_WRITE system file edge-1 false true disk full',
          'KS-07: is recorded');
select is(pg_temp.run('dp_ops', $$ select app.kill_switch_observe('edge-1', 'file', 1, 'disk full') $$),
          '0', 'KS-07: once, whoever else sees it');
select is(pg_temp.run('dp_ops', $$ select app.kill_switch_observe('edge-2', 'file', 0, null) $$),
          '0', 'KS-07: another instance without it is no change');
select is(pg_temp.run('dp_ops', $$ select app.kill_switch_observe('edge-1', 'file', 4, null) $$),
          '2', 'KS-07: one goes off, another on');
select is(pg_temp.events(), 8::bigint, 'KS-07: nothing else is recorded');

select * from finish();
rollback;
