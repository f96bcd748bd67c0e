-- Verify devpilot:issuers on pg

begin;

select name, issuer, metadata, keys, entry, fetched_at, tried_at
  from dp.issuer
 where false;

select id, issuer, subject, user_id, email, created_at, last_login_at
  from dp.user_identity
 where false;

do $$
begin
    assert app.control_issuers(1, 1) is null;
    assert has_function_privilege('dp_system', 'app.issuer_try(text, text, integer)', 'execute');
    assert has_function_privilege(
        'dp_system', 'app.issuer_store(text, text, json, bytea, bytea)', 'execute');
    assert has_function_privilege('dp_system', 'app.issuers_settle(text[], integer)', 'execute');
end
$$;

rollback;
