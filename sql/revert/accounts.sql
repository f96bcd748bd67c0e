-- Revert devpilot:accounts from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

revoke insert
    on dp.org, dp.org_member, dp.subscription
  from dp_system;

revoke select (email), insert, update (status)
    on dp.app_user
  from dp_system;

drop view dp.member_profile;
drop table dp.login_failure;
drop table dp.one_time_token;
drop table dp.device;
drop table dp.user_credential;

commit;
