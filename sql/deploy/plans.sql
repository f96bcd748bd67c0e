-- Deploy devpilot:plans to pg
-- phase: expand
-- Plans and their limits, a tenant's subscription (the last state the provider told)
-- and the counters of what was used.  subscription, not its provider, is what
-- decisions are made from.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.plan (
    name text not null,
    rank smallint not null,
    constraint plan_pkey primary key (name),
    constraint plan_rank_key unique (rank)
);

create table dp.plan_limit (
    plan text not null,
    metric text not null,
    period text not null,
    max_value bigint not null,
    constraint plan_limit_pkey primary key (plan, metric),
    constraint plan_limit_plan_fkey foreign key (plan) references dp.plan,
    constraint plan_limit_period_known check (period in ('none', 'day', 'month')),
    constraint plan_limit_not_negative check (max_value >= 0)
);

comment on column dp.plan_limit.period is
'When counting begins anew: never (what exists is counted), each UTC day, each month of the
subscription.';

insert into dp.plan (name, rank)
values ('free', 0),
       ('pro', 10),
       ('enterprise', 20);

insert into dp.plan_limit (plan, metric, period, max_value)
values ('free', 'projects', 'none', 3),
       ('free', 'exports', 'month', 10),
       ('free', 'ai_requests', 'month', 50),
       ('pro', 'projects', 'none', 25),
       ('pro', 'exports', 'month', 200),
       ('pro', 'ai_requests', 'month', 1000),
       ('enterprise', 'projects', 'none', 1000),
       ('enterprise', 'exports', 'month', 5000),
       ('enterprise', 'ai_requests', 'month', 20000);

create table dp.subscription (
    org_id uuid not null,
    id uuid not null default gen_random_uuid(),
    plan text not null default 'free',
    state text not null default 'none',
    provider_ref text,
    provider_version timestamptz(6) not null default 'epoch',
    snapshot json not null default '{}',
    current_period_start timestamptz(6) not null default now(),
    current_period_end timestamptz(6),
    synced_at timestamptz(6) not null default now(),
    constraint subscription_pkey primary key (org_id),
    constraint subscription_id_key unique (id),
    constraint subscription_provider_ref_key unique (provider_ref),
    constraint subscription_org_fkey foreign key (org_id) references dp.org,
    constraint subscription_plan_fkey foreign key (plan) references dp.plan
);

comment on column dp.subscription.provider_version is
'Of the last state applied; older news is ignored.';

create trigger subscription_fsm_initial
    after insert on dp.subscription
    for each row when (new.state <> 'none')
    execute function app.fsm_initial('subscription');

create trigger subscription_fsm_transition
    after update on dp.subscription
    for each row when (old.state <> new.state)
    execute function app.fsm_transition('subscription');

create table dp.quota_usage (
    org_id uuid not null,
    metric text not null,
    period_start timestamptz(6) not null,
    used bigint not null,
    constraint quota_usage_pkey primary key (org_id, metric, period_start),
    constraint quota_usage_org_fkey foreign key (org_id) references dp.org,
    constraint quota_usage_not_negative check (used >= 0)
)
-- One row takes all updates of a tenant: leave them room on its page.
with (fillfactor = 20);

commit;
