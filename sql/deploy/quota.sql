-- Deploy devpilot:quota to pg
-- phase: expand
-- What a tenant has used, and the taking of more: exact whatever is concurrent, since
-- the counter's row is changed only while it stays within the limit.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.quota_period_start(p_period text, p_anchor timestamptz)
returns timestamptz
language sql stable
as $$
    select case p_period
           when 'none' then timestamptz 'epoch'
           when 'day' then date_trunc('day', now(), 'UTC')
           else (p_anchor at time zone 'UTC'
                 + date_trunc('month', age(now() at time zone 'UTC', p_anchor at time zone 'UTC')))
                at time zone 'UTC'
           end
$$;

comment on function app.quota_period_start(text, timestamptz) is
'Returns: when the current period of a limit began.  Parameters: plan_limit.period; a time at which
a month of the subscription began.';

create function app.quota_now(p_metric text)
returns table (
    period_start timestamptz,
    used bigint,
    max_value bigint
)
language sql stable
as $$
    select app.quota_period_start(l.period, s.current_period_start),
           coalesce(q.used, 0),
           l.max_value
      from dp.subscription s
      join dp.plan_limit l on l.plan = s.plan and l.metric = p_metric
      left join dp.quota_usage q
             on q.org_id = s.org_id
            and q.metric = p_metric
            and q.period_start = app.quota_period_start(l.period, s.current_period_start)
     where s.org_id = app.current_org()
$$;

comment on function app.quota_now(text) is
'Returns: one row with the tenant''s use and limit of a metric; none when the tenant has no
subscription or its plan does not know the metric.  Touches: subscription, plan_limit, quota_usage.';

create function app.quota_take(p_metric text, p_n bigint)
returns table (
    taken boolean,
    used bigint,
    max_value bigint
)
language plpgsql
as $$
declare
    quota record;
begin
    select * into quota from app.quota_now(p_metric);
    used := coalesce(quota.used, 0);
    max_value := coalesce(quota.max_value, 0);

    insert into dp.quota_usage as q (org_id, metric, period_start, used)
    select app.current_org(), p_metric, quota.period_start, p_n
     where p_n <= max_value
    on conflict on constraint quota_usage_pkey do update
    set used = q.used + excluded.used
    where q.used + excluded.used <= max_value
    returning q.used into quota.used;

    taken := found;
    if taken then
        used := quota.used;
    else
        -- A fresh snapshot: whoever took the rest may have committed meanwhile.
        select n.used into used from app.quota_now(p_metric) n;
        used := coalesce(used, 0);
    end if;

    return next;
end
$$;

comment on function app.quota_take(text, bigint) is
'Does: adds to the tenant''s counter if its plan''s limit allows.  Parameters: metric, how much.
Returns: one row; taken; used, after it when taken, about now when not; the limit.  Locks the
counter''s row until the transaction ends: call it last.  Touches: subscription, plan_limit,
quota_usage.';

grant execute
    on function app.quota_period_start(text, timestamptz), app.quota_now(text),
                app.quota_take(text, bigint)
    to dp_api, dp_billing;

commit;
