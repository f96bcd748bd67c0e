-- Verify devpilot:breakers on pg

begin;

select provider, scope_id, org_id, state, failures, opened_at, open_since, probe_owner, probe_until, version,
       changed_at
  from dp.circuit_breaker
 where false;

do $$
begin
    assert (select count(*) = 1 from app.breakers_read('none', null));
    assert (select count(*) = 5 from dp.fsm_transition where machine = 'breaker');
    assert has_function_privilege(
        'dp_system',
        'app.breaker_write(text, uuid, uuid, bigint, text, text, bigint, bigint, uuid, bigint)', 'execute');
    assert has_function_privilege(
        'dp_ops', 'app.breaker_reset(text, uuid, text, text)', 'execute');
end
$$;

rollback;
