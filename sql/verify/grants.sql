-- Verify devpilot:grants on pg

begin;

do $$
begin
    assert has_table_privilege('dp_api', 'dp.project', 'select, insert');
    assert not has_table_privilege('dp_api', 'dp.audit_event', 'insert');
    assert not has_column_privilege('dp_api', 'dp.api_key', 'digest', 'select');
    assert has_column_privilege('dp_ops', 'dp.kill_switch', 'enabled', 'update');
end
$$;

rollback;
