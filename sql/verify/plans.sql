-- Verify devpilot:plans on pg

begin;

select org_id, id, plan, state, provider_ref, provider_version, snapshot, current_period_start,
       current_period_end, synced_at
  from dp.subscription
 where false;
select org_id, metric, period_start, used from dp.quota_usage where false;

do $$
begin
    assert (select count(*) from dp.plan) >= 3;
    assert (select count(*) from dp.plan_limit) >= 9;
end
$$;

rollback;
