-- Revert devpilot:issuers from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.control_issuers(bigint, bigint);
drop function app.issuers_settle(text[], integer);
drop function app.issuer_store(text, text, json, bytea, bytea);
drop function app.issuer_try(text, text, integer);
drop table dp.user_identity;
drop table dp.issuer;

commit;
