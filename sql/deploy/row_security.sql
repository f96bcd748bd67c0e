-- Deploy devpilot:row_security to pg
-- phase: expand
-- Row-level security, the second line behind the statements' own org_id: a tenant's
-- roles see their tenant only, platform roles see all.  Forced, so that the owner,
-- as whom security definer functions run, needs its policy too.  The scalar
-- subquery makes the tenant a constant of the statement instead of a call per row.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

do $$
declare
    name text;
begin
    foreach name in array array[
        'org_member', 'api_key', 'fsm_history', 'audit_event', 'audit_detail', 'outbox',
        'idempotency_key', 'subscription', 'quota_usage', 'project', 'project_member', 'revision',
        'step', 'environment'
    ] loop
        execute format('alter table dp.%I enable row level security', name);
        execute format('alter table dp.%I force row level security', name);
        execute format('create policy tenant on dp.%I to dp_api, dp_billing, dp_ro
                            using (org_id = (select app.current_org()))
                            with check (org_id = (select app.current_org()))', name);
        execute format('create policy platform on dp.%I to dp_system, dp_ops, dp_owner
                            using (true)
                            with check (true)', name);
    end loop;
end
$$;

alter table dp.org enable row level security;
alter table dp.org force row level security;

create policy tenant on dp.org to dp_api, dp_billing, dp_ro
    using (id = (select app.current_org()))
    with check (id = (select app.current_org()));

create policy platform on dp.org to dp_system, dp_ops, dp_owner
    using (true)
    with check (true);

-- A user belongs to no tenant: a tenant sees those who are its members.
alter table dp.app_user enable row level security;
alter table dp.app_user force row level security;

create policy tenant on dp.app_user to dp_api, dp_billing, dp_ro
    using (exists (select
                     from dp.org_member m
                    where m.org_id = (select app.current_org())
                      and m.user_id = app_user.id));

create policy platform on dp.app_user to dp_system, dp_ops, dp_owner
    using (true)
    with check (true);

commit;
