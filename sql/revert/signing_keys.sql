-- Revert devpilot:signing_keys from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.control_keys(bigint, bigint);
drop function app.signing_keys_purge();
drop function app.signing_key_revoke(text, text, bytea, text, text);
drop function app.signing_key_rotate(text, text, bytea, boolean, text, text);
drop function app.signing_key_begin(text, text);
drop function app.signing_key_told();
drop table dp.signing_key;
drop function app.signing_key_record();

delete from dp.fsm_transition where machine = 'signing_key';
delete from dp.fsm_state where machine = 'signing_key';

commit;
