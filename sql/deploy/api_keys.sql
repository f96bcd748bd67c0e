-- Deploy devpilot:api_keys to pg
-- phase: expand
-- API keys: the database keeps the prefix (8 characters, to find the row) and SHA-256
-- of the whole key text, never the key.  Only api_key_find() shows the digest.

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

comment on column dp.api_key.auth_level is
'1: one factor, 2: counts as multi-factor.';

create function app.api_key_usable(
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

comment on function app.api_key_usable(timestamptz, timestamptz, text, timestamptz) is
'Does: judges an API key of a member, its user and its organisation by their columns: not revoked,
not expired, user active, organisation alive.  The one place that says so; inlined where it is
called.';

create function app.api_key_find(p_prefix text)
returns table (
    id uuid,
    org_id uuid,
    user_id uuid,
    digest bytea,
    auth_level smallint,
    expires_at timestamptz,
    usable boolean
)
language plpgsql stable security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    -- in SQL it would be planned anew at each call: a definer's function is not inlined
    return query
    select k.id,
           k.org_id,
           k.created_by,
           k.digest,
           k.auth_level,
           k.expires_at,
           app.api_key_usable(k.revoked_at, k.expires_at, u.status, o.deleted_at)
      from dp.api_key k
      join dp.org o on o.id = k.org_id
      join dp.app_user u on u.id = k.created_by
      join dp.org_member m on m.org_id = k.org_id and m.user_id = k.created_by
     where k.prefix = p_prefix;
end
$$;

comment on function app.api_key_find(text) is
'Does: finds an API key, for authentication.  Parameter: the 8 characters after dp_.  Returns: one
row or none; digest is SHA-256 of the key text, which the caller compares in constant time before
it looks at usable (api_key_usable()); a user who is no member any more has no key.  Touches: api_key, org, app_user, org_member, all as their owner.  For
dp_system only.';

create function app.principal_facts()
returns table (
    valid boolean,
    org_rank smallint,
    max_rank smallint
)
language sql stable
as $$
    select coalesce(k.id is not null
                    and r.rank is not null
                    and app.api_key_usable(k.revoked_at, k.expires_at, u.status, o.deleted_at),
                    false),
           coalesce(r.rank, 0::smallint),
           coalesce(c.rank, 0::smallint)
      from (select app.current_org() as org_id,
                   app.current_actor() as user_id,
                   app.current_credential() as credential_id) me
      left join dp.org o on o.id = me.org_id
      left join dp.app_user u on u.id = me.user_id
      left join dp.org_member m on m.org_id = me.org_id and m.user_id = me.user_id
      left join dp.role r on r.scope = m.scope and r.name = m.role
      left join dp.api_key k on k.org_id = me.org_id
                            and k.id = me.credential_id
                            and k.created_by = me.user_id
      left join dp.role c on c.scope = k.max_role_scope and c.name = k.max_role
$$;

comment on function app.principal_facts() is
'Does: reads again, in the request''s own transaction, what the principal may be.  Returns: always
one row; valid: the key is usable (api_key_usable()) and its user a member; org_rank: rank of the user''s role in the organisation; max_rank: the key''s
ceiling.  Effective rank = least(max_rank, greatest(org_rank, rank in the project)).  Touches: org,
app_user, org_member, role, api_key.';

grant execute
    on function app.api_key_usable(timestamptz, timestamptz, text, timestamptz)
    to dp_api;

grant execute on function app.api_key_find(text) to dp_system;
grant execute on function app.principal_facts() to dp_api;

commit;
