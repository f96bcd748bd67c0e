-- Seals of the audit trail: each event in one, one after the other, for ever.  What needs
-- two transactions is in concurrency.t.

begin;
\ir lib/fixture.psql
select plan(23);

create function pg_temp.seal(p_no bigint, p_seqs bigint[])
returns text
language sql
as $$
    select pg_temp.run('dp_system', format(
        'select app.audit_seal_add(%L, %s, now(), %L, sha256(''root''), sha256(''previous''),'
        ' sha256(''hash''), sha256(''mac''), ''01234567'')',
        'a0000000-0000-4000-8000-000000000001', p_no, p_seqs))
$$;

select pg_temp.become(:a, :alice, :key_a);
create temporary table noted on commit drop as
select app.audit('x.one', null, null, 'success', null, null, 'user', null) as one,
       app.audit('x.two', null, null, 'success', null, null, 'user', null) as two,
       app.audit('x.three', null, null, 'success', null, null, 'user', null) as three;

select is(pg_temp.run('dp_system', 'select unsealed from app.audit_counts()')::int,
          (select count(*)::int from dp.audit_unsealed), 'AUD-01: what waits for a seal is counted');
select is((select pg_temp.seal(1, array[one, two]) from noted), 'true', 'AUD-01: a seal is added');
select is((select (org_id, leaf_count, first_seq, last_seq)::text from dp.audit_seal where chain_id = :a),
          (select format('(%s,2,%s,%s)', 'a0000000-0000-4000-8000-000000000001', one, two) from noted),
          'it knows its tenant and its events');
select is((select array_agg(u.seq) from dp.audit_unsealed u where u.chain_id = :a), (select array[three] from noted),
          'AUD-01: which wait no more');
select is((select pg_temp.seal(1, array[three]) from noted), 'false', 'AUD-01: a number is given once');
select is((select count(*)::int from dp.audit_unsealed where chain_id = :a), 1, 'and nothing is done');
select throws_ok(format('select pg_temp.seal(2, array[%s, %s])', two, three), 'DP409', null,
                 'AUD-01: no event is sealed twice')
  from noted;
select throws_ok('select pg_temp.seal(2, array[]::bigint[])', '23502', null, 'AUD-01: no seal covers nothing');
select is((select pg_temp.seal(2, array[three]) from noted), 'true', 'the next seal');

select throws_ok(format('select pg_temp.change(%L, %L)', role, s), code, null, format('AUD-01: %s cannot: %s', role, s))
  from (values ('dp_system', '42501'), ('dp_owner', 'DP403')) r (role, code),
       unnest(array[
           'update dp.audit_seal set hash = root',
           'delete from dp.audit_seal',
           'truncate dp.audit_seal']) s;

select is(pg_temp.run('dp_api', 'select count(*) from dp.audit_seal'), '2', 'a tenant reads its seals');
select pg_temp.become(:b, :bob, :key_b);
select is(pg_temp.run('dp_api', 'select count(*) from dp.audit_seal'), '0', 'RBAC-15: and no other''s');
select is(pg_temp.run('dp_api', 'select count(*) from dp.audit_event'), '0', 'RBAC-15: nor its events');
select throws_ok($$ select pg_temp.run('dp_api', 'select 1 from dp.audit_verification') $$, '42501', null,
                 'a tenant does not read what verifications found');

update dp.kill_switch set enabled = true, reason = 'test' where name = 'GLOBAL_WRITE';
select is((select pg_temp.seal(3, array[three]) from noted), null, 'KS-02: nothing is sealed under GLOBAL_WRITE');
update dp.kill_switch set enabled = false where name = 'GLOBAL_WRITE';

select is(app.audit_floor(), 0::bigint, 'C32: everything is kept');
drop table dp.audit_event_0, dp.audit_detail_0;
select is(app.audit_floor(), 10000000::bigint, 'C32: until retention drops a partition');
select is((select count(*)::int from dp.audit_seal where chain_id = :a), 2, 'C32: the seals stay');

select * from finish();
rollback;
