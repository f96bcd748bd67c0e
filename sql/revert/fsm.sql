-- Revert devpilot:fsm from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.fsm_transition();
drop function app.fsm_guard();
drop function app.fsm_event(text, text, text, text);
drop function app.fsm_initial();
drop table dp.fsm_history;
drop table dp.fsm_transition;
drop table dp.fsm_state;

commit;
