-- Revert devpilot:audit from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.audit_partition_add();
drop function app.audit_partition_make(text, text);
drop table dp.audit_unsealed;
drop table dp.audit_detail;
drop table dp.audit_event;
drop sequence dp.audit_seq;

commit;
