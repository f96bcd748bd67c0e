-- Verify devpilot:audit on pg

begin;

select seq, id, chain_id, org_id, xid, at, actor_type, actor_id, credential_id, action, target_type,
       target_id, outcome, code, request_id, trace_id, detail_hash, leaf_hash
  from dp.audit_event
 where false;
select seq, org_id, salt, detail from dp.audit_detail where false;
select chain_id, seq, xid from dp.audit_unsealed where false;
select 'app.audit_partition_add()'::regprocedure;

do $$
begin
    assert (select count(*) from pg_inherits where inhparent = 'dp.audit_event'::regclass) >= 3;
end
$$;

rollback;
