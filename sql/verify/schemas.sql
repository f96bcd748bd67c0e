-- Verify devpilot:schemas on pg

begin;

do $$
begin
    assert has_schema_privilege('dp_api', 'dp', 'usage');
    assert has_schema_privilege('dp_api', 'app', 'usage');
    assert not has_schema_privilege('dp_api', 'dp', 'create');
    assert not has_database_privilege('dp_api', current_database(), 'temporary');
end
$$;

rollback;
