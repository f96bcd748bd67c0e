-- What the schema is made of, and the rules that all of it follows.

begin;
\ir lib/fixture.psql
select plan(11);

select tables_are('dp', array[
    'abuse_block', 'api_key', 'app_user', 'audit_detail', 'audit_detail_0', 'audit_detail_1',
    'audit_detail_default', 'audit_event', 'audit_event_0', 'audit_event_1', 'audit_event_default',
    'audit_seal', 'audit_unsealed', 'audit_verification', 'blueprint_template', 'circuit_breaker', 'control_revocation',
    'control_state', 'device', 'environment',
    'fsm_history', 'fsm_state', 'fsm_transition', 'idempotency_key', 'invitation', 'issuer', 'job', 'kill_switch',
    'kill_switch_source', 'login_failure', 'mfa_factor', 'one_time_token', 'org', 'org_member', 'outbox', 'permission',
    'plan', 'plan_limit', 'project', 'project_member', 'quota_usage', 'recovery_code', 'refresh_token', 'revision', 'role',
    'role_permission', 'schedule', 'session',
    'signing_key', 'step', 'step_definition', 'subscription', 'user_credential', 'user_identity'
], 'the tables of schema dp');

select is_empty(
    $$ select c.relname from pg_class c
        where c.relnamespace = 'dp'::regnamespace and c.relkind in ('r', 'p')
          and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'p') $$,
    'every table has a primary key');

select is_empty(
    $$ select c.oid::regclass from pg_class c
        where c.relnamespace in ('dp'::regnamespace, 'app'::regnamespace)
          and c.relowner <> 'dp_owner'::regrole
        union all
       select p.oid::regprocedure::oid::regclass from pg_proc p
        where p.pronamespace = 'app'::regnamespace and p.proowner <> 'dp_owner'::regrole $$,
    'MIG-01: dp_owner owns everything');

select is_empty(
    $$ select k.conrelid::regclass, k.conname from pg_constraint k
        where k.connamespace = 'dp'::regnamespace and k.conislocal
          and k.conname !~ ('^' || (select relname from pg_class where oid = k.conrelid) || '_') $$,
    'every constraint is named after its table');

select is_empty(
    $$ select p.oid::regprocedure from pg_proc p
        where p.pronamespace = 'app'::regnamespace
          and obj_description(p.oid, 'pg_proc') is null $$,
    'every function says what it does');

select is_empty(
    $$ select p.oid::regprocedure from pg_proc p
        where p.pronamespace = 'app'::regnamespace and p.prosecdef
          and not coalesce('search_path=pg_catalog' = any (p.proconfig), false) $$,
    'every security definer function has a fixed search_path');

select is_empty(
    $$ select p.oid::regprocedure from pg_proc p
        where p.pronamespace = 'app'::regnamespace
          and has_function_privilege('public', p.oid, 'execute') $$,
    'no function is public');

select is_empty(
    $$ select k.conname from pg_constraint k
         join pg_class child on child.oid = k.conrelid
         join pg_class parent on parent.oid = k.confrelid
        where k.contype = 'f' and k.connamespace = 'dp'::regnamespace
          and exists (select from pg_attribute where attrelid = child.oid and attname = 'org_id')
          and exists (select from pg_attribute where attrelid = parent.oid and attname = 'org_id')
          and not (select attnum from pg_attribute
                    where attrelid = child.oid and attname = 'org_id') = any (k.conkey) $$,
    'RBAC-15: a reference between tenant tables carries the tenant');

select is_empty(
    $$ select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'dp'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0
          and a.atttypid = 'timestamptz'::regtype and a.atttypmod <> 6 $$,
    'AUD-01: times are kept at the microseconds that are hashed');

select col_type_is('dp', 'step', 'data', 'json', 'BP: the data of a step is kept byte for byte');

select is(
    (select app.schema_has('readiness') and not app.schema_has('no_such_change')),
    true,
    'a program can ask whether a change is deployed');

select * from finish();
rollback;
