-- Verify devpilot:quota on pg

begin;

select period_start, used, max_value from app.quota_now('projects');
select 'app.quota_take(text, bigint)'::regprocedure;

rollback;
