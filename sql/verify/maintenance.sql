-- Verify devpilot:maintenance on pg

begin;

select app.idempotency_reap(0), app.job_prune(0, 30);
select 'app.audit_partition_ensure()'::regprocedure;

rollback;
