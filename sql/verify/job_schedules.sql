-- Verify devpilot:job_schedules on pg

begin;

select kind, next_at, last_at from dp.schedule where false;
select app.job_requeue(gen_random_uuid(), 'nobody', 'none'),
       app.job_cancel(gen_random_uuid(), 'nobody', 'none');
select 'app.job_event(dp.job, text, text, text)'::regprocedure,
       'app.keeper_lead()'::regprocedure,
       'app.schedules_fire(json)'::regprocedure;

rollback;
