-- Revert devpilot:quota from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.quota_take(text, bigint);
drop function app.quota_now(text);
drop function app.quota_period_start(text, timestamptz);

commit;
