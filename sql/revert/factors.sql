-- Revert devpilot:factors from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.attempt_forget(bytea, text);
drop function app.attempt_fail(bytea, text, integer, timestamptz, integer, timestamptz);
drop function app.attempt_lock(bytea, text);
drop function app.password_change(text, text);
drop function app.password_reset_offer(text, bytea);
drop function app.factor_remove();
drop function app.factor_confirm(uuid, bigint);
drop function app.recovery_codes_replace(bytea);
drop function app.factor_enrol(uuid, bytea);
drop function app.recovery_code_use(uuid, bytea);
drop function app.mfa_step_use(uuid, bigint);
drop function app.mfa_lock(uuid);
drop function app.mfa_mandatory(uuid);
drop table dp.recovery_code;
drop table dp.mfa_factor;

commit;
