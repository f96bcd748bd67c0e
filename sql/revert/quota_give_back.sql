-- Revert devpilot:quota_give_back from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.quota_give_back(text, bigint);

commit;
