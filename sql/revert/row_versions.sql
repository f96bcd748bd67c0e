-- Revert devpilot:row_versions from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop trigger project_row_version on dp.project;
drop trigger app_user_row_version on dp.app_user;
drop trigger org_row_version on dp.org;
drop function app.row_version_next();

alter table dp.app_user
    drop column row_version;

alter table dp.org
    drop column row_version;

commit;
