-- Verify devpilot:memberships on pg

begin;

do $$
begin
    assert has_column_privilege('dp_api', 'dp.org', 'name', 'update');
    assert not has_column_privilege('dp_api', 'dp.org', 'slug', 'update');
    assert not has_table_privilege('dp_api', 'dp.org_member', 'delete');
    assert has_function_privilege('dp_api', 'app.member_remove(uuid)', 'execute');
    assert (select count(*) from pg_trigger
             where tgfoid = 'app.org_keeps_admin()'::regprocedure and tgenabled = 'O') = 2;
end
$$;

rollback;
