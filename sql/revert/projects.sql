-- Revert devpilot:projects from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.project_slug_free(text);
drop table dp.project_member;
drop table dp.project;

commit;
