-- Revert devpilot:row_security from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

do $$
declare
    name text;
begin
    foreach name in array array[
        'app_user', 'org', 'org_member', 'api_key', 'fsm_history', 'audit_event', 'audit_detail', 'outbox',
        'idempotency_key', 'subscription', 'quota_usage', 'project', 'project_member', 'revision',
        'step', 'environment'
    ] loop
        execute format('drop policy platform on dp.%I', name);
        execute format('drop policy tenant on dp.%I', name);
        execute format('alter table dp.%I no force row level security', name);
        execute format('alter table dp.%I disable row level security', name);
    end loop;
end
$$;

commit;
