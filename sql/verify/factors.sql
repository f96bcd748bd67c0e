-- Verify devpilot:factors on pg

begin;

select id, user_id, sealed, last_step, created_at, confirmed_at
  from dp.mfa_factor
 where false;
select user_id, digest, created_at, used_at
  from dp.recovery_code
 where false;
select email, status, factor_id, sealed, last_step, pending_id, pending_sealed, recovery, mandatory
  from app.mfa_lock('00000000-0000-0000-0000-000000000000');
select app.mfa_step_use('00000000-0000-0000-0000-000000000000', 0),
       app.recovery_code_use('00000000-0000-0000-0000-000000000000', '');
select 'app.factor_enrol(uuid, bytea)'::regprocedure,
       'app.recovery_codes_replace(bytea)'::regprocedure,
       'app.factor_confirm(uuid, bigint)'::regprocedure,
       'app.factor_remove()'::regprocedure,
       'app.mfa_mandatory(uuid)'::regprocedure,
       'app.password_reset_offer(text, bytea)'::regprocedure,
       'app.password_change(text, text)'::regprocedure,
       'app.attempt_lock(bytea, text)'::regprocedure,
       'app.attempt_fail(bytea, text, integer, timestamptz, integer, timestamptz)'::regprocedure,
       'app.attempt_forget(bytea, text)'::regprocedure;

do $$
begin
    assert not has_table_privilege('dp_api', 'dp.mfa_factor', 'select');
    assert not has_table_privilege('dp_api', 'dp.recovery_code', 'select');
end
$$;

rollback;
