-- Verify devpilot:outbox on pg

begin;

select xid, seq, org_id, topic, key, payload, trace_id, at from dp.outbox where false;

rollback;
