-- Verify devpilot:fsm_machines on pg

begin;

do $$
begin
    assert (select count(*) from dp.fsm_state
             where machine in ('subscription', 'revision', 'step', 'environment')) = 28;
    assert (select count(*) from dp.fsm_transition
             where machine in ('subscription', 'revision', 'step', 'environment')) = 57;
end
$$;

rollback;
