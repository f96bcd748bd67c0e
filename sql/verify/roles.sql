-- Verify devpilot:roles on pg

begin;

do $$
begin
    assert (select count(*) from pg_roles
             where rolname in ('dp_owner', 'dp_worker', 'dp_api', 'dp_billing',
                               'dp_system', 'dp_ops', 'dp_ro')
               and not rolsuper and not rolbypassrls and not rolcreaterole and not rolcreatedb
               and not rolinherit and rolcanlogin = (rolname = 'dp_worker')) = 7;
    assert pg_has_role('dp_worker', 'dp_api', 'member');
end
$$;

rollback;
