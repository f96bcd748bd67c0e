-- Revert devpilot:audit_seals from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.audit_counts();
drop function app.audit_verified(uuid, bigint, bigint, text, bigint, bigint);
drop function app.audit_floor();
drop function app.audit_seal_add(uuid, bigint, timestamptz, bigint[], bytea, bytea, bytea, bytea, text);
drop table dp.audit_verification;
drop table dp.audit_seal;

revoke select
    on dp.audit_event, dp.audit_detail
  from dp_api;

commit;
