-- Deploy devpilot:context to pg
-- phase: expand
-- Who is asking, in transaction-local settings that the worker's first statement
-- makes.  Outside a request they are null.  A setting that was ever SET LOCAL in a
-- session reads '' afterwards, not null, hence nullif.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.current_org()
returns uuid
language sql stable parallel safe
as $$ select nullif(current_setting('app.org_id', true), '')::uuid $$;

comment on function app.current_org() is
'The tenant of this transaction.  Null: none, and then row security shows nothing.';

create function app.current_actor()
returns uuid
language sql stable parallel safe
as $$ select nullif(current_setting('app.actor_id', true), '')::uuid $$;

comment on function app.current_actor() is
'The user of this transaction.';

create function app.current_credential()
returns uuid
language sql stable parallel safe
as $$ select nullif(current_setting('app.credential_id', true), '')::uuid $$;

comment on function app.current_credential() is
'The credential that the user came with.';

create function app.current_credential_kind()
returns text
language sql stable parallel safe
as $$ select nullif(current_setting('app.credential_kind', true), '') $$;

comment on function app.current_credential_kind() is
'What that credential is: api_key, session or external.';

create function app.request_id()
returns uuid
language sql stable parallel safe
as $$ select nullif(current_setting('app.request_id', true), '')::uuid $$;

comment on function app.request_id() is
'The request that this transaction serves.';

grant execute
    on function app.current_org(), app.current_actor(), app.current_credential(),
                app.current_credential_kind(), app.request_id()
    to dp_api, dp_billing, dp_system, dp_ops, dp_ro;

commit;
