-- Revert devpilot:maintenance from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.audit_partition_ensure();
drop function app.job_prune(integer, integer);
drop function app.idempotency_reap(integer);

commit;
