-- Deploy devpilot:invitations to pg
-- phase: expand
-- Invitations into an organisation.  The mail has a token, the database its digest;
-- whoever comes with it must have the invited address as his verified one.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.invitation (
    org_id uuid not null,
    id uuid not null,
    email text not null,
    scope text not null default 'org',
    role text not null,
    digest bytea not null,
    invited_by uuid not null,
    created_at timestamptz(6) not null default now(),
    expires_at timestamptz(6) not null default now() + interval '7 days',
    accepted_at timestamptz(6),
    accepted_by uuid,
    revoked_at timestamptz(6),
    constraint invitation_pkey primary key (org_id, id),
    constraint invitation_id_key unique (id),
    constraint invitation_digest_key unique (digest),
    constraint invitation_org_fkey foreign key (org_id) references dp.org,
    constraint invitation_role_fkey foreign key (scope, role) references dp.role,
    constraint invitation_inviter_fkey foreign key (invited_by) references dp.app_user,
    constraint invitation_accepter_fkey foreign key (accepted_by) references dp.app_user,
    constraint invitation_scope_is_org check (scope = 'org'),
    constraint invitation_email_length check (length(email) between 3 and 320),
    constraint invitation_digest_is_sha256 check (octet_length(digest) = 32),
    constraint invitation_accepted_by_somebody check ((accepted_at is null) = (accepted_by is null)),
    constraint invitation_ended_once check (accepted_at is null or revoked_at is null)
);

create unique index invitation_open_key
    on dp.invitation (org_id, lower(email))
 where accepted_at is null and revoked_at is null;

create index invitation_page_idx on dp.invitation (org_id, created_at, id);

create index invitation_inviter_idx on dp.invitation (invited_by);

create index invitation_accepter_idx on dp.invitation (accepted_by);

comment on column dp.invitation.email is
'Personal: it goes with the row.';

alter table dp.invitation enable row level security;
alter table dp.invitation force row level security;

create policy tenant on dp.invitation to dp_api, dp_billing, dp_ro
    using (org_id = (select app.current_org()))
    with check (org_id = (select app.current_org()));

create policy platform on dp.invitation to dp_system, dp_ops, dp_owner
    using (true)
    with check (true);

grant select (org_id, id, email, role, invited_by, created_at, expires_at, accepted_at, revoked_at),
      insert (org_id, id, email, role, digest, invited_by), update (revoked_at)
   on dp.invitation
   to dp_api;

create function app.member_has_email(p_email text)
returns boolean
language plpgsql stable security definer
set search_path = pg_catalog
as $$
begin
    return exists (select
                     from dp.app_user u
                     join dp.org_member m on m.user_id = u.id and m.org_id = app.current_org()
                    where lower(u.email) = lower(p_email));
end
$$;

comment on function app.member_has_email(text) is
'Returns: whether a member of this transaction''s tenant has that address.  Touches: app_user,
org_member, as their owner.';

create function app.invitation_find(p_digest bytea)
returns table (
    invitation_id uuid,
    id uuid,
    slug text,
    name text,
    kind text,
    created_at timestamptz,
    role text,
    is_member boolean
)
language plpgsql security definer rows 1
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    return query
    select i.id, o.id, o.slug, o.name, o.kind, o.created_at, i.role,
           exists (select
                     from dp.org_member m
                    where m.org_id = i.org_id
                      and m.user_id = u.id)
      from dp.invitation i
      join dp.org o on o.id = i.org_id
      join dp.app_user u on u.id = app.current_actor()
     where i.digest = p_digest
       and i.accepted_at is null
       and i.revoked_at is null
       and i.expires_at > now()
       and o.deleted_at is null
       and u.status = 'active'
       and lower(u.email) = lower(i.email)
       for no key update of i;
end
$$;

comment on function app.invitation_find(bytea) is
'Does: finds the open invitation of a token for this transaction''s user, whose address, which is
verified as long as he is active, must be the invited one; its row stays locked.  Parameter: SHA-256
of the token.  Returns: one row or none; the invitation''s id, its organisation, the role, and whether
he is a member already.  Touches: invitation, org, app_user, org_member, as their owner.';

create function app.invitation_accept(p_digest bytea, p_actor_type text, p_trace_id bytea)
returns void
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    found_one record;
begin
    select * into strict found_one from app.invitation_find(p_digest);

    insert into dp.org_member (org_id, user_id, role)
    values (found_one.id, app.current_actor(), found_one.role);

    update dp.invitation i
       set accepted_at = now(),
           accepted_by = app.current_actor()
     where i.id = found_one.invitation_id;

    perform app.audit_in(found_one.id, 'invitation.accepted', 'invitation', found_one.invitation_id::text,
                         json_build_object('role', found_one.role), p_actor_type, p_trace_id);
end
$$;

comment on function app.invitation_accept(bytea, text, bytea) is
'Does: makes this transaction''s user a member by the invitation that invitation_find() finds, with the
event in that organisation''s trail.  Parameters: SHA-256 of the token; type of actor and trace id, as
audit().  Touches: invitation, org_member, audit_event, audit_detail, audit_unsealed, as their owner.';

create function app.invitations_reap(p_limit integer, p_days integer)
returns integer
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    reaped integer;
begin
    if app.enter_write(1 | 8) <> 0 then
        return null;
    end if;

    delete from dp.invitation
     where id in (select i.id
                    from dp.invitation i
                   where i.expires_at < now() - p_days * interval '1 day'
                   limit p_limit
                     for update skip locked);

    get diagnostics reaped = row_count;

    return reaped;
end
$$;

comment on function app.invitations_reap(integer, integer) is
'Does: deletes invitations that expired so many days ago, accepted ones as well.  Parameters: how many
at most, days.  Returns: how many; null, with nothing done, under GLOBAL_WRITE or BACKGROUND_JOBS.
Touches: invitation, as its owner.';

grant execute
    on function app.member_has_email(text), app.invitation_find(bytea),
                app.invitation_accept(bytea, text, bytea)
    to dp_api;

grant execute
    on function app.invitations_reap(integer, integer)
    to dp_system;

commit;
