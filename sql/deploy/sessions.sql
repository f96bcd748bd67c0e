-- Deploy devpilot:sessions to pg
-- phase: expand
-- Sessions: what a person who has logged in comes with, in one organisation at a time.
-- A session ends when it was not used for a while, at the latest at its absolute end, or
-- when it is revoked, which edges are told.  Its tokens are digests here.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.session (
    id uuid not null,
    user_id uuid not null,
    org_id uuid not null,
    transport text not null,
    auth_level smallint not null,
    auth_at timestamptz(6) not null default now(),
    cookie_digest bytea,
    created_at timestamptz(6) not null default now(),
    last_seen_at timestamptz(6) not null default now(),
    expires_at timestamptz(6) not null,
    absolute_expires_at timestamptz(6) not null,
    revoked_at timestamptz(6),
    revoke_reason text,
    address text,
    user_agent text,
    device_id uuid,
    constraint session_pkey primary key (id),
    constraint session_cookie_digest_key unique (cookie_digest),
    constraint session_user_fkey foreign key (user_id) references dp.app_user,
    constraint session_org_fkey foreign key (org_id) references dp.org,
    constraint session_device_fkey foreign key (device_id) references dp.device on delete set null,
    constraint session_transport_known check (transport in ('token', 'cookie')),
    constraint session_cookie_is_its_transport
        check ((transport = 'cookie') = (cookie_digest is not null)),
    constraint session_cookie_digest_is_sha256 check (octet_length(cookie_digest) = 32),
    constraint session_auth_level_known check (auth_level in (1, 2)),
    constraint session_expires_in_time check (expires_at <= absolute_expires_at),
    constraint session_revoked_says_why check ((revoked_at is null) = (revoke_reason is null)),
    constraint session_user_agent_length check (length(user_agent) <= 256)
);

create index session_page_idx on dp.session (user_id, created_at, id);

create index session_end_idx on dp.session (coalesce(revoked_at, expires_at));

create index session_device_idx on dp.session (device_id);

comment on column dp.session.auth_at is
'When its user last proved who he is.';

comment on column dp.session.expires_at is
'Moves on as the session is used.';

create table dp.refresh_token (
    digest bytea not null,
    session_id uuid not null,
    created_at timestamptz(6) not null default now(),
    expires_at timestamptz(6) not null,
    used_at timestamptz(6),
    constraint refresh_token_pkey primary key (digest),
    constraint refresh_token_session_fkey
        foreign key (session_id) references dp.session on delete cascade,
    constraint refresh_token_digest_is_sha256 check (octet_length(digest) = 32)
);

create index refresh_token_session_idx on dp.refresh_token (session_id);

comment on column dp.refresh_token.used_at is
'When its successor was given out.  Used again much later it is a stolen one.';

create trigger session_revoked_is_immutable
    after update on dp.session
    for each row
    when (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at)
    execute function app.immutable_row();

create constraint trigger session_control
    after update on dp.session
    deferrable initially deferred
    for each row
    when ((old.revoked_at, old.org_id, old.auth_level, old.auth_at)
          is distinct from (new.revoked_at, new.org_id, new.auth_level, new.auth_at)
          or new.expires_at < old.expires_at)
    execute function app.control_changed('id');

create constraint trigger session_deleted_control
    after delete on dp.session
    deferrable initially deferred
    for each row
    when (old.revoked_at is null and old.expires_at > now())
    execute function app.control_changed('id');

do $$
declare
    name text;
begin
    foreach name in array array['session', 'refresh_token'] loop
        execute format('alter table dp.%I enable row level security', name);
        execute format('alter table dp.%I force row level security', name);
        execute format('create policy platform on dp.%I to dp_system, dp_ops, dp_owner
                            using (true)
                            with check (true)', name);
    end loop;
end
$$;

create policy tenant on dp.session to dp_api, dp_billing, dp_ro
    using (org_id = (select app.current_org()))
    with check (org_id = (select app.current_org()));

grant select, insert, update
   on dp.session, dp.refresh_token
   to dp_system;

grant select
   on dp.control_state
   to dp_system;

grant select (id, user_id, org_id, transport, auth_level, auth_at, created_at, last_seen_at,
              expires_at, absolute_expires_at, revoked_at, revoke_reason, device_id)
   on dp.session
   to dp_ops;

create function app.session_find(p_cookie bytea, p_id uuid)
returns table (
    id uuid,
    org_id uuid,
    user_id uuid,
    auth_level smallint,
    expires_at timestamptz,
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
    select s.id,
           s.org_id,
           s.user_id,
           s.auth_level,
           s.expires_at,
           app.credential_usable(s.revoked_at, s.expires_at, m.status, m.org_deleted_at),
           m.plan,
           c.generation
      from dp.session s
      join dp.member_profile m on m.org_id = s.org_id and m.user_id = s.user_id
     cross join dp.control_state c
     where s.id = coalesce(p_id, (select k.id
                                    from dp.session k
                                   where k.cookie_digest = p_cookie));
end
$$;

comment on function app.session_find(bytea, uuid) is
'Does: finds a session, for authentication.  Parameters: digest of its cookie, or its id.  Returns:
one row or none, as principal_find(): usable: of credential_usable(); generation: of the control
state, in the snapshot of the rest.  Who is no member of its organisation any more has no session.
Touches: session, member_profile, control_state, all as their owner.  For dp_system only.';

create function app.api_key_find(p_id uuid, p_org uuid)
returns table (
    id uuid,
    org_id uuid,
    user_id uuid,
    auth_level smallint,
    expires_at timestamptz,
    usable boolean,
    plan smallint,
    generation bigint,
    scopes text
)
language plpgsql stable security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    return query
    select k.id,
           k.org_id,
           k.created_by,
           k.auth_level,
           k.expires_at,
           app.credential_usable(k.revoked_at, k.expires_at, m.status, m.org_deleted_at),
           m.plan,
           c.generation,
           app.api_key_scopes(k.scopes)
      from dp.api_key k
      join dp.member_profile m on m.org_id = k.org_id and m.user_id = k.created_by
     cross join dp.control_state c
     where k.org_id = p_org
       and k.id = p_id;
end
$$;

comment on function app.api_key_find(uuid, uuid) is
'Does: finds the API key that an access token was issued for.  Parameters: its id and organisation.
Returns: one row or none, as session_find(); scopes: of api_key_scopes().  Touches: api_key,
member_profile, control_state, all as their owner.  For dp_system only.';

create function app.session_facts(p_session uuid)
returns table (
    id uuid,
    revoked_at timestamptz,
    expires_at timestamptz,
    auth_level smallint,
    auth_at timestamptz
)
language plpgsql stable strict security definer rows 1
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    return query
    select s.id, s.revoked_at, s.expires_at, s.auth_level, s.auth_at
      from dp.session s
     where s.id = p_session
       and s.user_id = app.current_actor()
       and s.org_id = app.current_org();
end
$$;

comment on function app.session_facts(uuid) is
'Returns: what principal_facts() judges a session of this transaction''s user and tenant by; no row
when there is none.  Touches: session, as its owner.';

create function app.sessions_used(p_used json, p_idle_s integer)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    if app.enter_write(1) <> 0 then
        return false;
    end if;

    -- in one order, so that workers that write the same sessions do not wait in a circle
    perform
       from dp.session s
       join json_to_recordset(p_used) u (id uuid) on u.id = s.id
      order by s.id
        for no key update of s;

    update dp.session s
       set last_seen_at = u.used_at,
           expires_at = greatest(s.expires_at,
                                 least(u.used_at + p_idle_s * interval '1 second',
                                       s.absolute_expires_at))
      from (select r.id,
                   timestamptz 'epoch' + r.at * interval '1 microsecond' as used_at
              from json_to_recordset(p_used) r (id uuid, at bigint)) u
     where s.id = u.id
       and s.revoked_at is null
       and s.expires_at > u.used_at
       and s.last_seen_at < u.used_at;

    return true;
end
$$;

comment on function app.sessions_used(json, integer) is
'Does: records when sessions were used, and lets them last for a while from then, not beyond their
absolute end.  Parameters: an array of {id, at}, at in microseconds since 1970; seconds.  Returns:
false, with nothing done, under GLOBAL_WRITE.  Touches: session, as its owner; kill_switch and its advisory lock.
For dp_system only.';

create function app.actor_session(p_org uuid)
returns table (
    id uuid,
    transport text,
    auth_level smallint,
    auth_at timestamptz,
    expires_at timestamptz,
    absolute_expires_at timestamptz,
    user_id uuid,
    email text,
    display_name text,
    org_id uuid,
    org_slug text,
    org_name text,
    org_kind text,
    rank smallint,
    plan smallint,
    generation bigint
)
language plpgsql stable security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    return query
    select s.id, s.transport, s.auth_level, s.auth_at, s.expires_at, s.absolute_expires_at,
           m.user_id, m.email, m.display_name, m.org_id, m.org_slug, m.org_name, m.org_kind, m.rank,
           m.plan, c.generation
      from dp.session s
      join dp.member_profile m on m.user_id = s.user_id and m.org_id = coalesce(p_org, s.org_id)
     cross join dp.control_state c
     where s.id = app.current_credential()
       and s.user_id = app.current_actor()
       and m.org_deleted_at is null;
end
$$;

comment on function app.actor_session(uuid) is
'Returns: the session that this transaction''s user came with, as it is or, with the id of another of
his organisations, would be there; no row when he is no member of it, or came without a session.
Touches: session, member_profile, control_state, as their owner.';

create function app.actor_sessions(p_before timestamptz, p_before_id uuid, p_limit bigint)
returns table (
    id uuid,
    org_id uuid,
    transport text,
    auth_level smallint,
    auth_at timestamptz,
    created_at timestamptz,
    last_seen_at timestamptz,
    expires_at timestamptz,
    absolute_expires_at timestamptz,
    address text,
    user_agent text
)
language plpgsql stable security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    return query
    select s.id, s.org_id, s.transport, s.auth_level, s.auth_at, s.created_at, s.last_seen_at,
           s.expires_at, s.absolute_expires_at, s.address, s.user_agent
      from dp.session s
     where s.user_id = app.current_actor()
       and s.revoked_at is null
       and s.expires_at > now()
       and (s.created_at, s.id) < (p_before, p_before_id)
     order by s.created_at desc, s.id desc
     limit p_limit;
end
$$;

comment on function app.actor_sessions(timestamptz, uuid, bigint) is
'Returns: the sessions of this transaction''s user that have not ended, in all his organisations, the
newest first, behind the given one.  Touches: session, as its owner.';

create function app.sessions_revoke(p_id uuid, p_reason text)
returns integer
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    revoked integer;
begin
    if p_id is not null
       and not exists (select
                         from dp.session
                        where id = p_id
                          and user_id = app.current_actor()) then
        return null;
    end if;

    update dp.session
       set revoked_at = now(),
           revoke_reason = p_reason
     where user_id = app.current_actor()
       and id = coalesce(p_id, id)
       and revoked_at is null
       and expires_at > now();

    get diagnostics revoked = row_count;

    return revoked;
end
$$;

comment on function app.sessions_revoke(uuid, text) is
'Does: ends sessions of this transaction''s user.  Parameters: the id of one, null: all; why.
Returns: how many of them had not ended; null: he never had that one.  Touches: session, as its
owner.';

create function app.session_set_org(p_org uuid)
returns integer
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    moved integer;
begin
    update dp.session s
       set org_id = p_org
     where s.id = app.current_credential()
       and s.user_id = app.current_actor()
       and s.revoked_at is null
       and exists (select
                     from dp.org_member m
                    where m.org_id = p_org
                      and m.user_id = s.user_id);

    get diagnostics moved = row_count;

    return moved;
end
$$;

comment on function app.session_set_org(uuid) is
'Does: lets the session that this transaction''s user came with act in another of his organisations.
Returns: 1, or 0: it has ended, or he is no member.  Touches: session, as its owner.';

create function app.sessions_reap(p_limit integer, p_days integer)
returns integer
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    reaped integer;
    total integer := 0;
begin
    if app.enter_write(1 | 8) <> 0 then
        return null;
    end if;

    delete from dp.refresh_token
     where digest in (select r.digest
                        from dp.refresh_token r
                        join dp.session s on s.id = r.session_id
                       where coalesce(s.revoked_at, s.expires_at) <= now()
                       limit p_limit
                         for update of r skip locked);
    get diagnostics reaped = row_count;
    total := greatest(total, reaped);

    delete from dp.session
     where id in (select s.id
                    from dp.session s
                   where coalesce(s.revoked_at, s.expires_at) < now() - p_days * interval '1 day'
                   limit p_limit
                     for update skip locked);
    get diagnostics reaped = row_count;
    total := greatest(total, reaped);

    delete from dp.one_time_token
     where digest in (select t.digest
                        from dp.one_time_token t
                       where t.expires_at < now() - interval '1 day'
                       limit p_limit
                         for update skip locked);
    get diagnostics reaped = row_count;
    total := greatest(total, reaped);

    delete from dp.login_failure
     where (account, origin) in (select f.account, f.origin
                                   from dp.login_failure f
                                  where coalesce(f.locked_until, f.since) < now() - interval '1 hour'
                                  limit p_limit
                                    for update skip locked);
    get diagnostics reaped = row_count;
    total := greatest(total, reaped);

    delete from dp.device
     where id in (select d.id
                    from dp.device d
                   where d.last_seen_at < now() - interval '1 year'
                   limit p_limit
                     for update skip locked);
    get diagnostics reaped = row_count;

    return greatest(total, reaped);
end
$$;

comment on function app.sessions_reap(integer, integer) is
'Does: deletes sessions that ended so many days ago, the refresh tokens of those that ended, one-time
tokens a day after their end, failures of logins that count no more, and devices not seen for a year.
Parameters: how many of each at most, days.  Returns: how many of the most frequent; null, with
nothing done, under GLOBAL_WRITE or BACKGROUND_JOBS.  Touches: refresh_token, session,
one_time_token, login_failure, device, as their owner.';

grant execute
    on function app.credential_usable(timestamptz, timestamptz, text, timestamptz),
                app.session_find(bytea, uuid), app.api_key_find(uuid, uuid), app.sessions_used(json, integer),
                app.sessions_reap(integer, integer)
    to dp_system;

grant execute
    on function app.session_facts(uuid), app.actor_session(uuid),
                app.actor_sessions(timestamptz, uuid, bigint), app.sessions_revoke(uuid, text),
                app.session_set_org(uuid)
    to dp_api;

commit;
