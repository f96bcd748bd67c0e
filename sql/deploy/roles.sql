-- Deploy devpilot:roles to pg
-- phase: expand
-- The roles of the platform.  Roles belong to the cluster, not to the database:
-- another database may have made them already, perhaps at this very moment.

begin;
set local lock_timeout = '2s';

do $$
declare
    name text;
begin
    foreach name in array
        array['dp_owner', 'dp_api', 'dp_billing', 'dp_system', 'dp_ops', 'dp_ro']
    loop
        begin
            execute format('create role %I nologin noinherit', name);
        exception
            when duplicate_object or unique_violation then null;
        end;
    end loop;

    begin
        create role dp_worker login noinherit;
    exception
        when duplicate_object or unique_violation then null;
    end;
end
$$;

grant dp_api, dp_billing, dp_system, dp_ops, dp_ro to dp_worker;

commit;
