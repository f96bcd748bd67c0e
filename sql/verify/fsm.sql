-- Verify devpilot:fsm on pg

begin;

select machine, kind, state, is_initial, is_terminal from dp.fsm_state where false;
select machine, kind, from_state, to_state, event, source from dp.fsm_transition where false;
select id, org_id, machine, entity_id, from_state, to_state, event, request_id, at
  from dp.fsm_history
 where false;
select 'app.fsm_event(text, text, text, text)'::regprocedure;
select 'app.fsm_initial()'::regprocedure, 'app.fsm_transition()'::regprocedure,
       'app.fsm_guard()'::regprocedure;

rollback;
