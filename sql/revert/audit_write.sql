-- Revert devpilot:audit_write from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.audit(text, text, text, text, text, json, text, bytea);
drop function app.audit_record(dp.audit_event, json);
drop function app.audit_leaf(dp.audit_event);
drop function app.audit_field(bytea);

commit;
