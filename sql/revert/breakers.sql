-- Revert devpilot:breakers from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.breakers_list();
drop function app.breaker_reset(text, uuid, text, text);
drop function app.breaker_write(text, uuid, uuid, bigint, text, text, bigint, bigint, uuid, bigint);
drop function app.breaker_audit(text, uuid, uuid, text, json);
drop function app.breakers_read(text, uuid);
drop table dp.circuit_breaker;

delete from dp.fsm_transition
 where machine = 'breaker';

delete from dp.fsm_state
 where machine = 'breaker';

commit;
