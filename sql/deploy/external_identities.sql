-- Deploy devpilot:external_identities to pg
-- phase: expand
-- Tokens of other issuers: who of theirs is which principal of ours.  Such a token acts
-- in one organisation, the user's own before others, as it has no session that could
-- change it; it counts as one factor, and never as fresh.  With these, all kinds of
-- credentials are there that a principal can have.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create constraint trigger user_identity_control
    after update on dp.user_identity
    deferrable initially deferred
    for each row
    when ((old.issuer, old.subject, old.user_id) is distinct from (new.issuer, new.subject, new.user_id))
    execute function app.control_changed('id');

create constraint trigger user_identity_deleted_control
    after delete on dp.user_identity
    deferrable initially deferred
    for each row
    execute function app.control_changed('id');

create function app.identity_find(p_issuer text, p_subject text)
returns table (
    id uuid,
    org_id uuid,
    user_id uuid,
    auth_level smallint,
    usable boolean,
    plan smallint,
    generation bigint
)
language plpgsql stable security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    return query
    select i.id,
           m.org_id,
           i.user_id,
           1::smallint,
           app.credential_usable(null, null, m.status, m.org_deleted_at),
           m.plan,
           c.generation
      from dp.user_identity i
      join dp.member_profile m on m.user_id = i.user_id
     cross join dp.control_state c
     where i.issuer = p_issuer
       and i.subject = p_subject
     order by m.org_deleted_at is not null, m.org_kind <> 'personal', m.created_at, m.org_id
     limit 1;
end
$$;

comment on function app.identity_find(text, text) is
'Does: finds whom a verified token of an issuer names, for authentication.  Parameters: its claims iss
and sub.  Returns: one row, or none for who never logged in by that issuer; the organisation is the
user''s own, else the one that he has been in for longest.  Touches: user_identity, member_profile,
control_state, as their owner.  For dp_system only.';

create function app.identity_facts(p_identity uuid)
returns table (
    id uuid
)
language plpgsql stable strict security definer rows 1
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    return query
    select i.id
      from dp.user_identity i
     where i.id = p_identity
       and i.user_id = app.current_actor();
end
$$;

comment on function app.identity_facts(uuid) is
'Returns: the identity at an issuer, if it is this transaction''s user''s; else no row.  Touches:
user_identity, as its owner.';

create function app.principal_facts()
returns table (
    valid boolean,
    org_rank smallint,
    max_rank smallint,
    scopes text,
    auth_level smallint,
    fresh boolean
)
language sql stable
as $$
    select coalesce(coalesce(k.id, s.id, i.id) is not null
                    and r.rank is not null
                    and app.credential_usable(coalesce(k.revoked_at, s.revoked_at),
                                              coalesce(k.expires_at, s.expires_at),
                                              u.status, o.deleted_at),
                    false),
           coalesce(r.rank, 0::smallint),
           coalesce(c.rank, case when coalesce(s.id, i.id) is not null then 40 else 0 end)::smallint,
           app.api_key_scopes(k.scopes),
           coalesce(k.auth_level, s.auth_level, case when i.id is not null then 1 else 0 end)::smallint,
           coalesce(k.id is not null or s.auth_at > now() - interval '10 minutes', false)
      from (select app.current_org() as org_id,
                   app.current_actor() as user_id,
                   app.current_credential() as credential_id,
                   app.current_credential_kind() as kind) me
      left join dp.org o on o.id = me.org_id
      left join dp.app_user u on u.id = me.user_id
      left join dp.org_member m on m.org_id = me.org_id and m.user_id = me.user_id
      left join dp.role r on r.scope = m.scope and r.name = m.role
      left join dp.api_key k on k.org_id = me.org_id
                            and k.id = me.credential_id
                            and k.created_by = me.user_id
      left join dp.role c on c.scope = k.max_role_scope and c.name = k.max_role
      left join app.session_facts(case me.kind when 'session' then me.credential_id end) s on true
      left join app.identity_facts(case me.kind when 'external' then me.credential_id end) i on true
$$;

comment on function app.principal_facts() is
'Does: reads again, in the request''s own transaction, what the principal may be.  Returns: always
one row; valid: the credential is usable (credential_usable()) and its user a member; org_rank: rank
of the user''s role in the organisation; max_rank: the credential''s ceiling, a session has none;
scopes: of api_key_scopes(); auth_level: 2 counts as multi-factor; fresh: a session''s user proved who
he is in the last ten minutes, of a key that cannot be asked.  Effective rank = least(max_rank, greatest(org_rank, rank in the
project)).  Touches: org, app_user, org_member, role, api_key, session,
user_identity.';

grant execute
    on function app.identity_find(text, text)
    to dp_system;

grant execute
    on function app.identity_facts(uuid), app.principal_facts()
    to dp_api;

commit;
