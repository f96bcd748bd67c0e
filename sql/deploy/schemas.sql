-- Deploy devpilot:schemas to pg
-- phase: expand
-- Tables live in dp, functions in app; dp_owner owns both.  Nobody else may create
-- anything, temporary tables included, and a function is callable only by those
-- it is granted to.

begin;
set local lock_timeout = '2s';

create schema dp authorization dp_owner;
create schema app authorization dp_owner;

alter default privileges for role dp_owner revoke execute on functions from public;

do $$
begin
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to dp_worker', current_database());
end
$$;

revoke create on schema public from public;

grant usage on schema dp, app to dp_api, dp_billing, dp_system, dp_ops, dp_ro;

commit;
