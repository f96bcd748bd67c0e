-- Revert devpilot:plans from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop table dp.quota_usage;
drop table dp.subscription;
drop table dp.plan_limit;
drop table dp.plan;

commit;
