-- Revert devpilot:job_leases from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.job_counts();
drop function app.job_expire();
drop function app.job_fail(uuid, bigint, text, text, integer);
drop function app.job_release(uuid, bigint);
drop function app.job_done(uuid, bigint);
drop function app.job_renew(text, integer);

commit;
