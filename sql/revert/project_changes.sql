-- Revert devpilot:project_changes from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

revoke update (name, preview_ttl_hours, deleted_at)
    on dp.project
  from dp_api;

drop trigger project_deleted_is_immutable on dp.project;
drop function app.project_deleted();

commit;
