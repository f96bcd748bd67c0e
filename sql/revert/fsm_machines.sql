-- Revert devpilot:fsm_machines from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

delete from dp.fsm_transition
 where machine in ('subscription', 'revision', 'step', 'environment');
delete from dp.fsm_state
 where machine in ('subscription', 'revision', 'step', 'environment');

commit;
