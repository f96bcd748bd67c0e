-- Revert devpilot:external_identities from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create or replace function app.principal_facts()
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
    select coalesce(coalesce(k.id, s.id) is not null
                    and r.rank is not null
                    and app.credential_usable(coalesce(k.revoked_at, s.revoked_at),
                                              coalesce(k.expires_at, s.expires_at),
                                              u.status, o.deleted_at),
                    false),
           coalesce(r.rank, 0::smallint),
           coalesce(c.rank, case when s.id is not null then 40 else 0 end)::smallint,
           app.api_key_scopes(k.scopes),
           coalesce(k.auth_level, s.auth_level, 0::smallint),
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
$$;

drop function app.identity_facts(uuid);
drop function app.identity_find(text, text);
drop trigger user_identity_deleted_control on dp.user_identity;
drop trigger user_identity_control on dp.user_identity;

commit;
