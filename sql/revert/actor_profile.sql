-- Revert devpilot:actor_profile from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.actor_rename(text);
drop function app.actor_profile_lock();
drop function app.actor_profile();

commit;
