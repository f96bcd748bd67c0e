-- Verify devpilot:signing_keys on pg

begin;

select kid, purpose, alg, state, sealed, not_before, rotate_due, grace_until, purge_after, ended_at
  from dp.signing_key
 where false;

do $$
begin
    assert app.control_keys(1, 1) is null;
    assert has_function_privilege(
        'dp_system', 'app.signing_key_rotate(text, text, bytea, boolean, text, text)', 'execute');
    assert has_function_privilege(
        'dp_ops', 'app.signing_key_revoke(text, text, bytea, text, text)', 'execute');
    assert not has_column_privilege('dp_api', 'dp.signing_key', 'sealed', 'select');
    assert (select count(*) = 4
              from dp.fsm_transition
             where machine = 'signing_key');
end
$$;

rollback;
