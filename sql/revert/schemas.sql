-- Revert devpilot:schemas from pg

begin;
set local lock_timeout = '2s';

do $$
begin
    execute format('revoke connect on database %I from dp_worker', current_database());
    execute format('grant connect, temporary on database %I to public', current_database());
end
$$;

alter default privileges for role dp_owner grant execute on functions to public;

drop schema app;
drop schema dp;

commit;
