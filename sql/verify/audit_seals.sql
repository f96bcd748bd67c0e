-- Verify devpilot:audit_seals on pg

begin;

select chain_id, no, org_id, at, leaf_count, first_seq, last_seq, seqs, root, previous, hash, mac, key_id
  from dp.audit_seal
 where false;
select chain_id, org_id, at, seals, events, fault, fault_seal, fault_seq
  from dp.audit_verification
 where false;
select app.audit_floor();
select unsealed, oldest_s, broken, verified_s from app.audit_counts();
select 'app.audit_seal_add(uuid, bigint, timestamptz, bigint[], bytea, bytea, bytea, bytea, text)'::regprocedure;
select 'app.audit_verified(uuid, bigint, bigint, text, bigint, bigint)'::regprocedure;

do $$
begin
    assert has_table_privilege('dp_api', 'dp.audit_event', 'select');
end
$$;

rollback;
