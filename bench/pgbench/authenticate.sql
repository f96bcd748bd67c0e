-- What a request's credential costs: the statements of
-- worker/identity/authenticate.c, one by one.

begin isolation level read committed read only;

select pg_catalog.set_config('role', 'dp_system', true),
       pg_catalog.set_config('app.org_id', '', true),
       pg_catalog.set_config('app.actor_id', '', true),
       pg_catalog.set_config('app.credential_id', '', true),
       pg_catalog.set_config('app.request_id', coalesce(gen_random_uuid()::text, ''), true),
       pg_catalog.set_config('statement_timeout', 5000::int4::text, true),
       pg_catalog.set_config('lock_timeout', '2000', true);

select * from app.api_key_find(:key_prefix::text);

commit;
