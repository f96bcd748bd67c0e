-- Deploy devpilot:memberships to pg
-- phase: expand
-- How organisations come and go, and how their members change.  What reaches beyond the
-- caller's tenant is done by functions of the owner; that an organisation keeps an
-- administrator is held here, whatever a statement forgets.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create index org_member_page_idx on dp.org_member (org_id, created_at, user_id);

create function app.org_keeps_admin()
returns trigger
language plpgsql
as $$
begin
    if current_user in ('dp_system', 'dp_ops') then
        return null;
    end if;

    -- One at a time, and the next statement's snapshot is younger than the lock.
    perform
       from dp.org o
      where o.id = old.org_id
        for no key update;

    perform
       from dp.org_member m
      where m.org_id = old.org_id
        and m.role = 'organization_admin';

    if not found then
        raise exception 'the organisation would have no administrator' using errcode = 'DP409';
    end if;

    return null;
end
$$;

comment on function app.org_keeps_admin() is
'Trigger, after an administrator becomes something else or leaves.  Does: refuses what leaves an
organisation without one (DP409); dp_system and dp_ops may.  Needs READ COMMITTED.  Touches:
org_member; org, whose row stays locked until the transaction ends.';

create trigger org_member_demoted_keeps_admin
    after update on dp.org_member
    for each row
    when (old.role = 'organization_admin' and new.role <> 'organization_admin')
    execute function app.org_keeps_admin();

create trigger org_member_removed_keeps_admin
    after delete on dp.org_member
    for each row
    when (old.role = 'organization_admin')
    execute function app.org_keeps_admin();

create function app.audit_in(
    p_org uuid,
    p_action text,
    p_target_type text,
    p_target_id text,
    p_detail json,
    p_actor_type text,
    p_trace_id bytea
)
returns void
language plpgsql
as $$
declare
    event dp.audit_event;
begin
    event.id := gen_random_uuid();
    event.org_id := p_org;
    event.at := clock_timestamp();
    event.actor_type := p_actor_type;
    event.actor_id := app.current_actor();
    event.credential_id := app.current_credential();
    event.action := p_action;
    event.target_type := p_target_type;
    event.target_id := p_target_id;
    event.outcome := 'success';
    event.request_id := app.request_id();
    event.trace_id := p_trace_id;

    perform app.audit_record(event, p_detail);
end
$$;

comment on function app.audit_in(uuid, text, text, text, json, text, bytea) is
'Does: as audit(), for a change in another tenant than the caller''s: it belongs into that one''s
trail.  For functions of the owner only.';

create function app.actor_orgs(p_before timestamptz, p_before_id uuid, p_limit bigint)
returns table (
    id uuid,
    slug text,
    name text,
    kind text,
    created_at timestamptz,
    role text
)
language plpgsql stable security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    return query
    select o.id, o.slug, o.name, o.kind, o.created_at, m.role
      from dp.org_member m
      join dp.org o on o.id = m.org_id
     where m.user_id = app.current_actor()
       and (o.id = app.current_org() or app.current_credential_kind() in ('session', 'external'))
       and o.deleted_at is null
       and (o.created_at, o.id) < (p_before, p_before_id)
     order by o.created_at desc, o.id desc
     limit p_limit;
end
$$;

comment on function app.actor_orgs(timestamptz, uuid, bigint) is
'Returns: the living organisations of this transaction''s user with his role in each, the newest first,
behind the given one; with an API key the one that it is for.  Touches: org_member, org, as their
owner.';

create function app.org_slug_free(p_base text)
returns text
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    candidate text := p_base;
begin
    for suffix in 2 .. 10 loop
        if pg_try_advisory_xact_lock(hashtextextended('slug ' || candidate, 0)) then
            -- This statement's snapshot is younger than the lock.
            perform
               from dp.org o
              where o.slug = candidate;

            if not found then
                return candidate;
            end if;
        end if;

        candidate := rtrim(left(p_base, 57), '-') || '-' || suffix;
    end loop;

    return rtrim(left(p_base, 47), '-') || '-'
           || left(encode(uuid_send(gen_random_uuid()), 'hex'), 12);
end
$$;

comment on function app.org_slug_free(text) is
'Does: as project_slug_free(), among all organisations, deleted ones included: org_slug_key is the last
word.  Needs READ COMMITTED.  Touches: org, as its owner; advisory locks.';

create function app.org_create(
    p_id uuid,
    p_name text,
    p_slug text,
    p_actor_type text,
    p_trace_id bytea
)
returns void
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    insert into dp.org (id, slug, name)
    values (p_id, p_slug, p_name);

    insert into dp.org_member (org_id, user_id, role)
    values (p_id, app.current_actor(), 'organization_admin');

    insert into dp.subscription (org_id)
    values (p_id);

    perform app.audit_in(p_id, 'org.created', 'org', p_id::text,
                         json_build_object('name', p_name, 'slug', p_slug), p_actor_type, p_trace_id);
end
$$;

comment on function app.org_create(uuid, text, text, text, bytea) is
'Does: makes an organisation that this transaction''s user administers, on the free plan, and the first
event of its trail.  Parameters: id, name, slug; type of actor and trace id, as audit().  Touches:
org, org_member, subscription, audit_event, audit_detail, audit_unsealed, as their owner.';

create function app.member_remove(p_user uuid)
returns integer
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    removed integer;
begin
    delete from dp.project_member
     where org_id = app.current_org()
       and user_id = p_user;

    update dp.api_key
       set revoked_at = now()
     where org_id = app.current_org()
       and created_by = p_user
       and revoked_at is null;

    update dp.session
       set revoked_at = now(),
           revoke_reason = 'member_removed'
     where org_id = app.current_org()
       and user_id = p_user
       and revoked_at is null
       and expires_at > now();

    delete from dp.org_member
     where org_id = app.current_org()
       and user_id = p_user;

    get diagnostics removed = row_count;

    return removed;
end
$$;

comment on function app.member_remove(uuid) is
'Does: ends a user''s membership in this transaction''s tenant, with his roles in its projects, his API
keys and his sessions there, which edges are told.  Returns: 1, or 0: he was none.  Touches:
project_member, api_key, session, org_member, as their owner.';

grant update (name, deleted_at)
   on dp.org
   to dp_api;

grant update (role)
   on dp.org_member, dp.project_member
   to dp_api;

grant delete
   on dp.project_member
   to dp_api;

grant execute
    on function app.actor_orgs(timestamptz, uuid, bigint), app.org_slug_free(text),
                app.org_create(uuid, text, text, text, bytea), app.member_remove(uuid)
    to dp_api;

commit;
