-- Verify devpilot:ownership on pg

begin;

do $$
begin
    assert has_function_privilege('dp_api', 'app.ownership_violated(json)', 'execute');
    assert not has_function_privilege('dp_api', 'app.resource_is_foreign(text, uuid)', 'execute');
end
$$;

rollback;
