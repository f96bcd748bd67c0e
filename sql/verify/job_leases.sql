-- Verify devpilot:job_leases on pg

begin;

select id, fence from app.job_renew('nobody', 1);
select app.job_done(gen_random_uuid(), 0),
       app.job_release(gen_random_uuid(), 0),
       app.job_fail(gen_random_uuid(), 0, 'INTERNAL', null, null);
select 'app.job_expire()'::regprocedure;
select ready, delayed, running, dead, oldest_ready_s from app.job_counts();

rollback;
