-- The audit trail: it only grows, details can be erased, leaf hashes are those of
-- docs/audit-format.md.

begin;
\ir lib/fixture.psql
select plan(34);

select pg_temp.become(:a, :alice, :key_a);

create function pg_temp.note(p_action text, p_detail text, p_trace text)
returns bigint
language sql
as $$
    select pg_temp.run('dp_api', format(
        $f$ select app.audit(%L, 'project', 'p1', 'success', null, %L, 'api_key', %L) $f$,
        p_action, p_detail, p_trace))::bigint
$$;

create temporary table noted on commit drop as
select pg_temp.note('project.created', '{"name" :  "Tap"}',
                    '\x000102030405060708090a0b0c0d0e0f') as full_one,
       pg_temp.note('project.renamed', null, null) as bare_one;

select results_eq(
    $$ select e.org_id, e.chain_id, e.actor_type, e.actor_id, e.credential_id, e.action,
              e.target_type, e.target_id, e.outcome, e.code, e.request_id, e.trace_id
         from dp.audit_event e join noted n on n.full_one = e.seq $$,
    format($$ values (%L::uuid, %L::uuid, 'api_key', %L::uuid, %L::uuid, 'project.created',
                      'project', 'p1', 'success', null, %L::uuid,
                      '\x000102030405060708090a0b0c0d0e0f'::bytea) $$,
           :a, :a, :alice, :key_a, :request),
    'AUD-01: an event says who did what to what, in which request');

select is((select d.detail::text from dp.audit_detail d join noted n on n.full_one = d.seq),
          '{"name" :  "Tap"}', 'AUD-01: its detail is kept byte for byte');
select is((select octet_length(d.salt) from dp.audit_detail d join noted n on n.full_one = d.seq), 16,
          'AUD-01: with a salt');
select isnt((select d.salt from dp.audit_detail d join noted n on n.full_one = d.seq),
            (select salt from dp.audit_detail
              where seq = pg_temp.note('project.created', '{"name" :  "Tap"}', null)),
            'AUD-01: that differs from event to event');
select is((select count(*)::int from dp.audit_detail d join noted n on n.bare_one = d.seq), 0,
          'AUD-01: an event without detail has none');
select is((select e.at = date_trunc('microseconds', e.at) and e.at > now()
             from dp.audit_event e join noted n on n.full_one = e.seq),
          true, 'AUD-01: its time is the moment, not the transaction''s');

-- The leaf, computed another way: as hexadecimal text.
create function pg_temp.field(p_hex text)
returns text
language sql
as $$ select coalesce(lpad(to_hex(length(p_hex) / 2), 8, '0') || p_hex, 'ffffffff') $$;

create function pg_temp.words(p_text text)
returns text
language sql
as $$ select encode(convert_to(p_text, 'UTF8'), 'hex') $$;

create function pg_temp.leaf(p_event dp.audit_event)
returns text
language sql
as $$
    select encode(sha256(decode(
               '00' || pg_temp.words('devpilot.audit.v1') || string_agg(pg_temp.field(f), '' order by n),
               'hex')), 'hex')
      from unnest(array[
               replace(p_event.id::text, '-', ''),
               replace(p_event.chain_id::text, '-', ''),
               replace(p_event.org_id::text, '-', ''),
               lpad(to_hex(date_part('day', p_event.at - 'epoch')::bigint * 86400000000
                           + date_part('hour', p_event.at - 'epoch')::bigint * 3600000000
                           + date_part('minute', p_event.at - 'epoch')::bigint * 60000000
                           + date_part('microseconds', p_event.at - 'epoch')::bigint), 16, '0'),
               pg_temp.words(p_event.actor_type),
               replace(p_event.actor_id::text, '-', ''),
               replace(p_event.credential_id::text, '-', ''),
               pg_temp.words(p_event.action),
               pg_temp.words(p_event.target_type),
               pg_temp.words(p_event.target_id),
               pg_temp.words(p_event.outcome),
               pg_temp.words(p_event.code),
               replace(p_event.request_id::text, '-', ''),
               encode(p_event.trace_id, 'hex'),
               encode(p_event.detail_hash, 'hex')]) with ordinality as t (f, n)
$$;

select is(encode(e.leaf_hash, 'hex'), pg_temp.leaf(e), 'AUD-01: leaf hash of ' || e.action)
  from dp.audit_event e join noted n on e.seq in (n.full_one, n.bare_one)
 order by e.seq;
select is(e.detail_hash, sha256(d.salt || convert_to(d.detail::text, 'UTF8')),
          'AUD-01: the leaf commits to the salted detail')
  from dp.audit_event e join dp.audit_detail d using (seq) join noted n on n.full_one = e.seq;

create temporary table vector on commit drop as
select (null::dp.audit_event).*;
delete from vector;
insert into vector (id, chain_id, org_id, at, actor_type, actor_id, action, target_type, target_id,
                    outcome, request_id, trace_id, detail_hash)
values ('00112233-4455-4677-8899-aabbccddeeff', :a, :a, '2025-11-20 10:15:30.123456+00', 'api_key',
        :alice, 'project.created', 'project', 'zürich', 'success', :request,
        '\x000102030405060708090a0b0c0d0e0f',
        sha256('\x00112233445566778899aabbccddeeff'::bytea || convert_to('{"name": "A"}', 'UTF8')));
select is(
    (select encode(app.audit_leaf((v.seq, v.id, v.chain_id, v.org_id, v.xid, v.at, v.actor_type,
                                   v.actor_id, v.credential_id, v.action, v.target_type, v.target_id,
                                   v.outcome, v.code, v.request_id, v.trace_id, v.detail_hash,
                                   v.leaf_hash)::dp.audit_event), 'hex')
       from vector v),
    'af254f1ec8e8410de23afa68183239118cb75d8f4c36f18917b68620e9166924',
    'AUD-01: the vector of docs/audit-format.md');

select results_eq(
    $$ select u.chain_id, u.xid from dp.audit_unsealed u join noted n on n.full_one = u.seq $$,
    format($$ values (%L::uuid, pg_current_xact_id()) $$, :a),
    'AUD-01: the event waits for its seal');

select pg_temp.become(null, null, null);
select results_eq(
    format($$ select chain_id, org_id, actor_id from dp.audit_event where seq = %s $$,
           pg_temp.run('dp_system', $$ select app.audit('auth.failed', 'api_key', 'unknown0', 'denied',
                                                        'AUTH_KEY_INVALID', null, 'edge', null) $$)),
    $$ values ('00000000-0000-0000-0000-000000000000'::uuid, null::uuid, null::uuid) $$,
    'AUD-02: an event of no tenant is recorded in a chain of its own');
select pg_temp.become(:a, :alice, :key_a);

-- Nobody takes anything back.
select throws_ok(format('select pg_temp.change(%L, %L)', 'dp_api', s), '42501', null,
                 'AUD-01: dp_api cannot: ' || s)
  from unnest(array[
           'insert into dp.audit_event (seq) values (1)',
           'update dp.audit_event set action = ''x''',
           'delete from dp.audit_event',
           'truncate dp.audit_event',
           'update dp.audit_detail set detail = ''{}''']) s;
select throws_ok(format('select pg_temp.change(%L, %L)', 'dp_owner', s), 'DP403', null,
                 'AUD-01: nor can the owner: ' || s)
  from unnest(array[
           'update dp.audit_event set action = ''x''',
           'delete from dp.audit_event',
           'truncate dp.audit_event, dp.audit_detail',
           'truncate dp.audit_event_0',
           'truncate dp.audit_detail_0',
           'update dp.audit_detail set detail = ''{}''']) s;
select throws_ok('delete from dp.audit_event_0', 'DP403', null,
                 'AUD-01: nor a superuser, past the parent');
select lives_ok(
    format('select pg_temp.change(%L, %L)', 'dp_owner',
           format('delete from dp.audit_detail where seq = %s', (select full_one from noted))),
    'BAK-11: a detail can be erased');
select is((select count(*)::int from dp.audit_detail d join noted n on n.full_one = d.seq), 0,
          'BAK-11: is gone');
select is(encode(e.leaf_hash, 'hex'), pg_temp.leaf(e), 'BAK-11: and the leaf stays valid')
  from dp.audit_event e join noted n on e.seq = n.full_one;

select throws_ok(
    $$ select app.audit('x', null, null, 'maybe', null, null, 'user', null) $$,
    '23514', null, 'an outcome is one of four');

-- Partitions.
select is(app.audit_partition_add(), 30000000::bigint, 'a partition can be added');
select is(
    (select count(*)::int from pg_class c
      where c.relname in ('audit_event_2', 'audit_detail_2')
        and c.relrowsecurity and c.relforcerowsecurity),
    2, 'and is as closed as the others');
drop table dp.audit_event_0, dp.audit_detail_0;
select is(app.audit_partition_add(), 40000000::bigint,
          'and the next one, when retention has dropped the oldest');
select has_table('dp', 'audit_event_3', 'is numbered after the newest');
select lives_ok(
    $$ insert into dp.audit_event (seq, id, chain_id, at, actor_type, action, outcome, leaf_hash)
       values (30000000, gen_random_uuid(), gen_random_uuid(), now(), 'system', 'x', 'success', '\x00') $$,
    'and takes its events');
select lives_ok(
    $$ insert into dp.audit_event (seq, id, chain_id, at, actor_type, action, outcome, leaf_hash)
       values (9000000000000000000, gen_random_uuid(), gen_random_uuid(), now(), 'system', 'x',
               'success', '\x00') $$,
    'an event beyond all partitions is recorded, too');

select * from finish();
rollback;
