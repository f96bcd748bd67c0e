-- Revert devpilot:living_projects from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop trigger environment_project_living_delete on dp.environment;
drop trigger project_member_project_living_delete on dp.project_member;
drop trigger environment_project_living_update on dp.environment;
drop trigger environment_project_living_insert on dp.environment;
drop trigger step_project_living_update on dp.step;
drop trigger step_project_living_insert on dp.step;
drop trigger revision_project_living_update on dp.revision;
drop trigger revision_project_living_insert on dp.revision;
drop trigger project_member_project_living_update on dp.project_member;
drop trigger project_member_project_living_insert on dp.project_member;
drop function app.project_living();

commit;
