-- Deploy devpilot:idempotency to pg
-- phase: expand
-- Stored responses.  A key belongs to a user of a tenant, not to the credential he
-- came with: a retry after a key rotation is still a retry.  Of those that come without
-- one, all keys are nobody's.  The row is written by
-- the transaction that did the work, so a crash leaves no key behind.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.idempotency_key (
    org_id uuid not null,
    principal_id uuid not null,
    key text collate "C" not null,
    operation_id text not null,
    fingerprint bytea not null,
    status integer not null,
    content_type text not null,
    location text,
    etag text,
    body bytea not null,
    sealed boolean not null default false,
    created_at timestamptz(6) not null default now(),
    expires_at timestamptz(6) not null default now() + interval '24 hours',
    constraint idempotency_key_pkey primary key (org_id, principal_id, key),
    constraint idempotency_key_length check (length(key) between 16 and 255),
    constraint idempotency_key_fingerprint_is_sha256 check (octet_length(fingerprint) = 32),
    constraint idempotency_key_status_is_success check (status between 200 and 299)
);

create index idempotency_key_expires_idx on dp.idempotency_key (expires_at);

comment on column dp.idempotency_key.sealed is
'The body holds a secret and is encrypted.';

create function app.nobody()
returns uuid
language sql immutable parallel safe
as $$ select '00000000-0000-0000-0000-000000000000'::uuid $$;

comment on function app.nobody() is
'Stands for the tenant and the user of who comes without a credential.';

create function app.idempotency_claim(p_key text, p_operation text, p_fingerprint bytea)
returns table (
    verdict text,
    status integer,
    content_type text,
    location text,
    etag text,
    body bytea,
    sealed boolean
)
language plpgsql
as $$
declare
    org uuid := coalesce(app.current_org(), app.nobody());
    principal uuid := coalesce(app.current_actor(), app.nobody());
    stored dp.idempotency_key;
begin
    if not pg_try_advisory_xact_lock(
               hashtextextended(concat_ws(' ', 'idempotency', org, principal, p_key), 0)) then
        verdict := 'in_progress';
        return next;
        return;
    end if;

    -- The next statement's snapshot is younger than the lock.
    select k.*
      into stored
      from dp.idempotency_key k
     where k.org_id = org
       and k.principal_id = principal
       and k.key = p_key
       and k.expires_at > statement_timestamp();

    if not found then
        verdict := 'execute';
    elsif stored.operation_id <> p_operation or stored.fingerprint <> p_fingerprint then
        verdict := 'mismatch';
    else
        verdict := 'replay';
        status := stored.status;
        content_type := stored.content_type;
        location := stored.location;
        etag := stored.etag;
        body := stored.body;
        sealed := stored.sealed;
    end if;

    return next;
end
$$;

comment on function app.idempotency_claim(text, text, bytea) is
'Does: claims a key of this tenant and user until the transaction ends, without ever waiting.
Parameters: the key, the operationId, SHA-256 of what was asked.  Returns: one row; verdict execute;
replay, with the stored response; mismatch: the key was used for something else; in_progress:
another transaction has it.  An expired key counts as absent.  Needs READ COMMITTED.  Touches:
idempotency_key, an advisory lock.';

create function app.idempotency_finish(
    p_key text,
    p_operation text,
    p_fingerprint bytea,
    p_status integer,
    p_content_type text,
    p_location text,
    p_etag text,
    p_body bytea,
    p_sealed boolean
)
returns void
language plpgsql
as $$
begin
    insert into dp.idempotency_key as k (
        org_id, principal_id, key, operation_id, fingerprint,
        status, content_type, location, etag, body, sealed
    )
    values (
        coalesce(app.current_org(), app.nobody()), coalesce(app.current_actor(), app.nobody()),
        p_key, p_operation, p_fingerprint,
        p_status, p_content_type, p_location, p_etag, p_body, p_sealed
    )
    on conflict on constraint idempotency_key_pkey do update
    set operation_id = excluded.operation_id,
        fingerprint = excluded.fingerprint,
        status = excluded.status,
        content_type = excluded.content_type,
        location = excluded.location,
        etag = excluded.etag,
        body = excluded.body,
        sealed = excluded.sealed,
        created_at = excluded.created_at,
        expires_at = excluded.expires_at
    where k.expires_at <= statement_timestamp();

    if not found then
        raise exception 'the key was not claimed' using errcode = 'DP500';
    end if;
end
$$;

comment on function
    app.idempotency_finish(text, text, bytea, integer, text, text, text, bytea, boolean) is
'Does: stores a 2xx response under a key that this transaction has claimed, in place of an expired
one if need be.  Fails (DP500) when a live response is stored already.  Touches: idempotency_key.';

grant execute
    on function app.nobody(),
                app.idempotency_claim(text, text, bytea),
                app.idempotency_finish(text, text, bytea, integer, text, text, text, bytea, boolean)
    to dp_api, dp_billing, dp_system;

commit;
