-- Deploy devpilot:api_keys to pg
-- phase: expand
-- API keys: the database keeps the prefix (8 characters, to find the row) and SHA-256
-- of the whole key text, never the key.  Only principal_find() shows the digest.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.api_key (
    org_id uuid not null,
    id uuid not null default gen_random_uuid(),
    prefix text collate "C" not null,
    digest bytea not null,
    name text not null,
    created_by uuid not null,
    max_role_scope text not null default 'org',
    max_role text not null,
    scopes text[] not null default '{}',
    auth_level smallint not null default 1,
    created_at timestamptz(6) not null default now(),
    expires_at timestamptz(6),
    revoked_at timestamptz(6),
    rotated_from uuid,
    last_used_at timestamptz(6),
    constraint api_key_pkey primary key (org_id, id),
    constraint api_key_prefix_key unique (prefix),
    constraint api_key_org_fkey foreign key (org_id) references dp.org,
    constraint api_key_creator_fkey foreign key (created_by) references dp.app_user,
    constraint api_key_max_role_fkey foreign key (max_role_scope, max_role) references dp.role,
    constraint api_key_rotated_from_fkey foreign key (org_id, rotated_from) references dp.api_key,
    constraint api_key_prefix_syntax check (prefix ~ '^[A-Za-z0-9]{8}$'),
    constraint api_key_digest_is_sha256 check (octet_length(digest) = 32),
    constraint api_key_max_role_is_of_org check (max_role_scope = 'org'),
    constraint api_key_auth_level_known check (auth_level in (1, 2))
);

comment on column dp.api_key.max_role is
'The key acts with its creator''s role, but never above this one, neither in the organisation nor
in a project.';

comment on column dp.api_key.scopes is
'Names of what the key is confined to; empty: not confined.';

comment on column dp.api_key.last_used_at is
'Of the last request that was executed with it, or somewhat before: written by api_keys_used().';

comment on column dp.api_key.auth_level is
'1: one factor, 2: counts as multi-factor.';

create function app.credential_usable(
    p_revoked_at timestamptz,
    p_expires_at timestamptz,
    p_user_status text,
    p_org_deleted_at timestamptz
)
returns boolean
language sql stable parallel safe
as $$
    select p_revoked_at is null
           and (p_expires_at is null or p_expires_at > now())
           and p_user_status = 'active'
           and p_org_deleted_at is null
$$;

comment on function app.credential_usable(timestamptz, timestamptz, text, timestamptz) is
'Does: judges the credential of a member, its user and its organisation by their columns: not
revoked, not expired, user active, organisation alive.  The one place that says so; inlined where it
is called.';

create function app.api_key_scopes(p_scopes text[])
returns text
language sql immutable parallel safe
as $$
    select case when cardinality(p_scopes) > 0 then array_to_string(p_scopes, ',') end
$$;

comment on function app.api_key_scopes(text[]) is
'Returns: the names of what a key is confined to, with commas between them; null when it is not
confined.';

grant execute
    on function app.credential_usable(timestamptz, timestamptz, text, timestamptz),
                app.api_key_scopes(text[])
    to dp_api;

commit;
