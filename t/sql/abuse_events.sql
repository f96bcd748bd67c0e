-- What edges tell of abuse: each id is recorded once, blocks are control state, and
-- an operator's word ends them.

begin;
\ir lib/fixture.psql
select plan(43);

-- An event of 203.0.113.7 as the worker writes it, with what is different.
create function pg_temp.event(p_other jsonb)
returns jsonb
language sql
as $$
    select jsonb_build_object(
        'id', gen_random_uuid(), 'at', (extract(epoch from now()) * 1000000)::bigint,
        'action', 'abuse.tier_escalated', 'subject_kind', 'address',
        'subject', '00000000000000000000ffffcb007107', 'name', '203.0.113.7', 'org_id', null,
        'tier_from', 'THROTTLE', 'tier_to', 'BLOCK', 'signal', 'auth', 'level', 1, 'score', 40,
        'signals', '{"auth": 40}'::jsonb,
        'until', (extract(epoch from now() + interval '15 minutes') * 1000000)::bigint,
        'shadow', false, 'request_id', 'c0000000-0000-4000-8000-000000000001',
        'instance', 'edge-1') || p_other
$$;

create function pg_temp.store(variadic p_events jsonb[])
returns text
language sql
as $$ select pg_temp.run('dp_system', format('select app.abuse_events_store(%L)', to_jsonb(p_events))) $$;

create temporary table told on commit drop as
select pg_temp.event('{}') as escalated,
       pg_temp.event('{"action": "abuse.enforced", "tier_from": "BLOCK"}') as enforced,
       pg_temp.event('{"action": "abuse.block_expired", "tier_from": "BLOCK", "tier_to": "THROTTLE"}')
           as expired;

-- One id, one event

select is(pg_temp.store(escalated, enforced), '2', 'ABU-05: events are recorded') from told;
select is(pg_temp.store(escalated, enforced), '0', 'ABU-05: once') from told;
select is(pg_temp.store(escalated, escalated, pg_temp.event('{}')), '1',
          'ABU-05: with those that are known already a new one is')
  from told;

select results_eq(
    $$ select e.action, e.actor_type, e.target_type, e.target_id, e.outcome, e.code, e.request_id,
              e.org_id, e.chain_id
         from dp.audit_event e, told t
        where e.id = (t.enforced ->> 'id')::uuid $$,
    $$ values ('abuse.enforced', 'edge', 'address', null, 'denied', 'ABUSE_BLOCKED',
               'c0000000-0000-4000-8000-000000000001'::uuid, null::uuid,
               '00000000-0000-0000-0000-000000000000'::uuid) $$,
    'ABU-05: an address stands in no fact of the event');
select is(d.detail::jsonb - 'until',
          '{"subject": "203.0.113.7", "from": "BLOCK", "to": "BLOCK", "signal": "auth", "score": 40,
            "signals": {"auth": 40}, "level": 1, "shadow": false, "instance": "edge-1"}'::jsonb,
          'ABU-05: but in its detail, with the reason')
  from dp.audit_detail d
  join dp.audit_event e using (seq), told t
 where e.id = (t.enforced ->> 'id')::uuid;
select is(e.leaf_hash, app.audit_leaf(e), 'AUD-02: it has a leaf hash')
  from dp.audit_event e, told t
 where e.id = (t.escalated ->> 'id')::uuid;
select is(e.at, now(), 'ABU-05: it is of the time when it happened')
  from dp.audit_event e, told t
 where e.id = (t.escalated ->> 'id')::uuid;

select pg_temp.store(pg_temp.event(format(
    '{"id": "d0000000-0000-4000-8000-000000000001", "subject_kind": "credential", "subject": "%s",
      "name": %s, "org_id": %s}',
    replace(:key_a, '-', ''), to_jsonb(:key_a::text), to_jsonb(:a::text))::jsonb)) \g /dev/null
select results_eq(
    $$ select target_type, target_id, credential_id, org_id, chain_id
         from dp.audit_event
        where id = 'd0000000-0000-4000-8000-000000000001' $$,
    format($$ values ('credential', %1$L, %1$L::uuid, %2$L::uuid, %2$L::uuid) $$, :key_a, :a),
    'ABU-06: a credential''s is of its organisation');

-- Blocks

create function pg_temp.blocks(p_known bigint)
returns bytea
language sql
as $$ select app.control_blocks(p_known, (select generation from dp.control_state)) $$;

create function pg_temp.generation()
returns bigint
language sql
as $$ select generation from dp.control_state $$;

select is(octet_length(pg_temp.blocks(0)), 2 * 40, 'ABU-04: blocks are control state');
select is(encode(substr(pg_temp.blocks(0), 1, 24), 'hex'),
          '0001' || '0003' || '0001' || '0000' || '00000000000000000000ffffcb007107',
          'ABU-04: kind, tier, level, signal and subject of one');
select is(pg_temp.blocks(pg_temp.generation()), null, 'ABU-04: who knows the generation is told none');

create temporary table seen on commit drop as
select pg_temp.generation() as generation;

create function pg_temp.moved()
returns boolean
language sql
as $$
    with now as (
        update seen
           set generation = pg_temp.generation()
         where generation <> pg_temp.generation()
        returning 1
    )
    select exists (select from now)
$$;

select is(pg_temp.store(enforced, pg_temp.event('{"action": "abuse.enforced"}')), '1', 'an enforcement')
  from told;
select ok(not pg_temp.moved(), 'ABU-05: moves no generation');
select is(pg_temp.store(pg_temp.event('{"tier_to": "THROTTLE", "tier_from": "WARN", "until": 0}')), '1',
          'a throttling');
select ok(not pg_temp.moved(), 'ABU-05: nor does it');
select is(pg_temp.store(pg_temp.event('{"shadow": true, "until": 9999999999000000}')), '1',
          'what is decided in shadow mode');
select ok(not pg_temp.moved(), 'ABU-05: blocks nobody');
select is(pg_temp.store(pg_temp.event('{"until": 1700000000000000}')), '1', 'a shorter block');
select ok(not pg_temp.moved(), 'ABU-04: does not end a longer one');
select is(pg_temp.store(pg_temp.event('{"level": 2, "until": 4000000000000000}')), '1', 'a longer one');
select ok(pg_temp.moved(), 'ABU-04: takes its place');
select is(level || ' ' || extract(epoch from until)::bigint, '2 4000000000', 'ABU-04: with its level')
  from dp.abuse_block
 where subject_kind = 'address';

-- Their end

update dp.abuse_block set until = now() - interval '1 second' where subject_kind = 'address';
select is(octet_length(pg_temp.blocks(0)), 40, 'ABU-04: what is over is not told');
select pg_temp.moved() \g /dev/null
select is(pg_temp.store(expired), '1', 'ABU-05: the first edge to tell of the end is recorded') from told;
select is(pg_temp.store(pg_temp.event('{"action": "abuse.block_expired", "tier_from": "BLOCK"}')), '0',
          'ABU-05: others that had the same block are not');
select is(pg_temp.store(pg_temp.event('{"action": "abuse.block_expired", "shadow": true}')), '1',
          'ABU-05: what ends in shadow mode is its own');
select ok(not pg_temp.moved(), 'ABU-05: an end is no news to edges');
select pg_temp.store(pg_temp.event('{}')) \g /dev/null
select is(expired, false, 'ABU-04: a new block has a new end')
  from dp.abuse_block
 where subject_kind = 'address';

-- Lifting

select pg_temp.moved() \g /dev/null
select is(pg_temp.run('dp_ops', $$ select app.abuse_lift('address', '\x00000000000000000000ffffcb007107',
                                                         '203.0.113.7', 'a mistake', 'root') $$),
          pg_temp.generation()::text, 'ABU-04: lifting returns the generation to be reached');
select ok(pg_temp.moved(), 'ABU-04: which is a new one');
select is(encode(substr(pg_temp.blocks(0), 41, 24), 'hex'),
          '0001' || '0000' || '0000' || '0000' || '00000000000000000000ffffcb007107',
          'ABU-04: edges are told that it is NORMAL');
select is(d.detail::jsonb ->> 'actor' || ', ' || (d.detail::jsonb ->> 'reason') || ', '
          || (d.detail::jsonb ->> 'before'),
          'root, a mistake, BLOCK', 'ABU-05: it is recorded who said so, and why')
  from dp.audit_detail d
  join dp.audit_event e using (seq)
 where e.action = 'abuse.block_lifted';
select isnt(pg_temp.run('dp_ops', $$ select app.abuse_lift('address', '\x20010db8000000010000000000000000',
                                                           '2001:db8:0:1::/64', 'unknown here', 'root') $$),
            null, 'ABU-04: what the database has not heard of is lifted, too');
select isnt(pg_temp.run('dp_ops', format('select app.abuse_lift(''credential'', %L, %L, ''its owner'', ''root'')',
                                         uuid_send(:key_a), :key_a)),
            null, 'ABU-04: a credential is lifted');
select results_eq(
    $$ select target_type, target_id, credential_id, org_id, chain_id
         from dp.audit_event
        where action = 'abuse.block_lifted' and target_type = 'credential' $$,
    format($$ values ('credential', %1$L, %1$L::uuid, %2$L::uuid, %2$L::uuid) $$, :key_a, :a),
    'ABU-06: that is in the trail of its organisation');
select is(pg_temp.store(pg_temp.event('{}')), '1', 'an offence before that which is told of later');
select is(tier, 'NORMAL', 'ABU-04: blocks nobody')
  from dp.abuse_block
 where name = '203.0.113.7';
select is(pg_temp.store(pg_temp.event('{"at": 3900000000000000, "until": 4000000000000000}')), '1',
          'a new offence');
select is(tier, 'BLOCK', 'ABU-04: blocks again')
  from dp.abuse_block
 where name = '203.0.113.7';

-- Bounds

insert into dp.abuse_block (subject_kind, subject, name, tier, level, until, reason)
select 'address', decode(lpad(to_hex(n), 32, '0'), 'hex'), n::text, 'BLOCK', 0,
       now() + interval '1 hour', 'auth'
  from generate_series(1, 1024) n;
update dp.abuse_block set level = 1, reason = 'honeypot' where name = '5';
select is(encode(substr(b.blocks, 1 + (position('\x00000000000000000000000000000005'::bytea in b.blocks) - 9), 8), 'hex'),
          '0001' || '0003' || '0001' || '0003', 'ABU-05: each with the signal that decided')
  from (select pg_temp.blocks(0)) b (blocks);
select is(octet_length(pg_temp.blocks(0)), 1024 * 40, 'at most 1024 are told');
update dp.abuse_block set until = now() - interval '8 days' where name = '77';
select pg_temp.store(variadic array[]::jsonb[]) \g /dev/null
select is((select count(*) from dp.abuse_block where name = '77'), 0::bigint, 'a week after its end a block is gone');

select throws_ok($$ select pg_temp.run('dp_api', 'select app.abuse_events_store(''[]'')') $$, '42501', null,
                 'a tenant''s role cannot write it');

select * from finish();
rollback;
