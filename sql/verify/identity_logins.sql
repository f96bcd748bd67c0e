-- Verify devpilot:identity_logins on pg

begin;

do $$
begin
    assert has_function_privilege(
        'dp_system',
        'app.identity_login(text, text, text, text, smallint, smallint, uuid, uuid, uuid)',
        'execute');
end
$$;

rollback;
