-- Revert devpilot:readiness from pg

begin;
set local lock_timeout = '2s';

drop function app.schema_has(text);

revoke select on sqitch.changes from dp_owner;
revoke usage on schema sqitch from dp_owner;

commit;
