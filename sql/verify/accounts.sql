-- Verify devpilot:accounts on pg

begin;

select user_id, password_hash, changed_at
  from dp.user_credential
 where false;
select id, user_id, digest, created_at, last_seen_at
  from dp.device
 where false;
select digest, purpose, user_id, data, sealed, created_at, expires_at, used_at, attempts
  from dp.one_time_token
 where false;
select account, origin, failures, since, locks, locked_until
  from dp.login_failure
 where false;
select user_id, org_id, email, display_name, status, org_slug, org_name, org_kind, org_deleted_at,
       role, rank, plan, created_at
  from dp.member_profile
 where false;

do $$
begin
    assert has_column_privilege('dp_system', 'dp.app_user', 'email', 'select');
    assert not has_table_privilege('dp_api', 'dp.user_credential', 'select');
end
$$;

rollback;
