-- Verify devpilot:external_identities on pg

begin;

do $$
begin
    assert has_function_privilege('dp_system', 'app.identity_find(text, text)', 'execute');
    assert has_function_privilege('dp_api', 'app.identity_facts(uuid)', 'execute');
    assert not has_function_privilege('dp_api', 'app.identity_find(text, text)', 'execute');
end
$$;

select valid, org_rank, max_rank, scopes, auth_level, fresh from app.principal_facts();

rollback;
