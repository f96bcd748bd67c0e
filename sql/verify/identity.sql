-- Verify devpilot:identity on pg

begin;

select id, email, display_name, status, mfa_required, created_at, erased_at
  from dp.app_user
 where false;

rollback;
