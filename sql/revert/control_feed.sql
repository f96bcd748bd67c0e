-- Revert devpilot:control_feed from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.kill_switches_expire();
drop function app.control_catch_up(bigint);
drop function app.control_read(bigint);

drop trigger subscription_made_control on dp.subscription;
drop trigger subscription_control on dp.subscription;
drop trigger org_control on dp.org;
drop trigger app_user_control on dp.app_user;
drop trigger project_member_deleted_control on dp.project_member;
drop trigger project_member_control on dp.project_member;
drop trigger org_member_deleted_control on dp.org_member;
drop trigger org_member_control on dp.org_member;
drop trigger api_key_deleted_control on dp.api_key;
drop trigger api_key_control on dp.api_key;
drop trigger plan_control on dp.plan;
drop trigger kill_switch_control on dp.kill_switch;

drop function app.control_changed();
drop function app.control_move(bigint);

alter table dp.plan
    drop constraint plan_rates_not_negative,
    drop column user_burst,
    drop column user_per_minute,
    drop column project_burst,
    drop column project_per_minute;

drop table dp.control_revocation;
drop table dp.control_state;

commit;
