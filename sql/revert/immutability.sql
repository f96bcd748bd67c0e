-- Revert devpilot:immutability from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop trigger step_revision_open_update on dp.step;
drop trigger step_revision_open_insert on dp.step;
drop function app.step_revision_open();
drop trigger step_is_never_deleted on dp.step;
drop trigger step_locked_is_immutable on dp.step;
drop trigger revision_is_never_deleted on dp.revision;
drop trigger revision_completed_is_immutable on dp.revision;
drop function app.immutable_row();

commit;
