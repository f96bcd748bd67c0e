-- Revert devpilot:idempotency from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.idempotency_finish(text, text, bytea, integer, text, text, text, bytea, boolean);
drop function app.idempotency_claim(text, text, bytea);
drop function app.nobody();
drop table dp.idempotency_key;

commit;
