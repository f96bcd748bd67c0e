-- Verify devpilot:actor_profile on pg

begin;

do $$
begin
    assert has_function_privilege('dp_api', 'app.actor_profile()', 'execute');
    assert has_function_privilege('dp_api', 'app.actor_profile_lock()', 'execute');
    assert has_function_privilege('dp_api', 'app.actor_rename(text)', 'execute');
    assert not has_column_privilege('dp_api', 'dp.app_user', 'email', 'select');
end
$$;

rollback;
