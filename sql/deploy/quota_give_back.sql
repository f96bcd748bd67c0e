-- Deploy devpilot:quota_give_back to pg
-- phase: expand
-- Giving back what was taken: of a project that is deleted, for one.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.quota_give_back(p_metric text, p_n bigint)
returns boolean
language plpgsql
as $$
begin
    update dp.quota_usage q
       set used = greatest(q.used - p_n, 0)
      from app.quota_now(p_metric) n
     where q.org_id = app.current_org()
       and q.metric = p_metric
       and q.period_start = n.period_start;

    return found;
end
$$;

comment on function app.quota_give_back(text, bigint) is
'Does: takes from the tenant''s counter of the current period, never below 0.  Parameters: metric,
how much.  Returns: false when there is no such counter, and so nothing to give back.  Locks the
counter''s row until the transaction ends: call it last.  Touches: subscription, plan_limit,
quota_usage.';

grant execute
    on function app.quota_give_back(text, bigint)
    to dp_api, dp_billing;

commit;
