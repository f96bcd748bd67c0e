-- Deploy devpilot:factors to pg
-- phase: expand
-- The second factor: a secret of an authenticator app, sealed by the worker, and codes
-- for the day when the app is lost.  A code is good once: of the app's the last step
-- is kept, of the others that they were used.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.mfa_factor (
    id uuid not null,
    user_id uuid not null,
    sealed bytea not null,
    last_step bigint not null default 0,
    created_at timestamptz(6) not null default now(),
    confirmed_at timestamptz(6),
    constraint mfa_factor_pkey primary key (id),
    constraint mfa_factor_user_fkey foreign key (user_id) references dp.app_user
);

create unique index mfa_factor_user_key on dp.mfa_factor (user_id, (confirmed_at is null));

comment on table dp.mfa_factor is
'One per user counts; another one may wait until its first code confirms it.';

create table dp.recovery_code (
    user_id uuid not null,
    digest bytea not null,
    created_at timestamptz(6) not null default now(),
    used_at timestamptz(6),
    constraint recovery_code_pkey primary key (user_id, digest),
    constraint recovery_code_user_fkey foreign key (user_id) references dp.app_user,
    constraint recovery_code_digest_is_sha256 check (octet_length(digest) = 32)
);

do $$
declare
    name text;
begin
    foreach name in array array['mfa_factor', 'recovery_code'] loop
        execute format('alter table dp.%I enable row level security', name);
        execute format('alter table dp.%I force row level security', name);
        execute format('create policy platform on dp.%I to dp_system, dp_owner
                            using (true)
                            with check (true)', name);
    end loop;
end
$$;

grant select, insert, update, delete
   on dp.mfa_factor, dp.recovery_code
   to dp_system;

create function app.mfa_mandatory(p_user uuid)
returns boolean
language sql stable security definer
set search_path = pg_catalog
as $$
    select exists (select
                     from dp.org_member m
                     join dp.org o on o.id = m.org_id
                    where m.user_id = p_user
                      and m.role = 'organization_admin'
                      and o.kind <> 'personal'
                      and o.deleted_at is null)
           or exists (select
                        from dp.project_member m
                        join dp.project p on p.org_id = m.org_id and p.id = m.project_id
                        join dp.org o on o.id = m.org_id
                       where m.user_id = p_user
                         and m.role = 'Owner'
                         and o.kind <> 'personal'
                         and p.deleted_at is null)
           or exists (select
                        from dp.app_user u
                       where u.id = p_user
                         and u.mfa_required)
$$;

comment on function app.mfa_mandatory(uuid) is
'Returns: whether the user has to keep his second factor: he administers an organisation or owns a
project besides his personal ones, or somebody said so.  Touches: org_member, org, project_member,
project, app_user, as their owner.';

create function app.mfa_lock(p_user uuid)
returns table (
    email text,
    status text,
    factor_id uuid,
    sealed bytea,
    last_step bigint,
    pending_id uuid,
    pending_sealed bytea,
    recovery bytea,
    mandatory boolean
)
language plpgsql security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    perform
       from dp.app_user u
      where u.id = p_user
        for no key update;

    return query
    select u.email, u.status, f.id, f.sealed, f.last_step, w.id, w.sealed,
           (select string_agg(r.digest, '')
              from dp.recovery_code r
             where r.user_id = u.id
               and r.used_at is null),
           app.mfa_mandatory(u.id)
      from dp.app_user u
      left join dp.mfa_factor f on f.user_id = u.id and f.confirmed_at is not null
      left join dp.mfa_factor w on w.user_id = u.id
                               and w.confirmed_at is null
                               and w.created_at > now() - interval '1 hour'
     where u.id = p_user
       and u.id = coalesce(app.current_actor(), u.id);
end
$$;

comment on function app.mfa_lock(uuid) is
'Does: holds off every other change of the user''s factors until the transaction ends.  Returns: his
factor that counts, the one that waits for its first code if it is younger than an hour, and the
digests of the recovery codes that are left, one behind the other; no row for nobody, nor for
another than this transaction''s user, if it has one.  Needs READ COMMITTED.  Touches: app_user,
mfa_factor, recovery_code, as their owner.';

create function app.mfa_step_use(p_factor uuid, p_step bigint)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    update dp.mfa_factor
       set last_step = p_step
     where id = p_factor
       and confirmed_at is not null
       and last_step < p_step;

    return found;
end
$$;

comment on function app.mfa_step_use(uuid, bigint) is
'Does: uses up the codes of a factor up to and with a step.  Returns: false: this one was used
before.  Touches: mfa_factor, as its owner.';

create function app.recovery_code_use(p_user uuid, p_digest bytea)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    update dp.recovery_code
       set used_at = now()
     where user_id = p_user
       and digest = p_digest
       and used_at is null;

    return found;
end
$$;

comment on function app.recovery_code_use(uuid, bytea) is
'Does: uses up a recovery code.  Returns: false: the user has no such one, or had used it.  Touches:
recovery_code, as its owner.';

create function app.factor_enrol(p_id uuid, p_sealed bytea)
returns void
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    delete from dp.mfa_factor
     where user_id = app.current_actor()
       and confirmed_at is null;

    insert into dp.mfa_factor (id, user_id, sealed)
    values (p_id, app.current_actor(), p_sealed);
end
$$;

comment on function app.factor_enrol(uuid, bytea) is
'Does: lets a factor of this transaction''s user wait for its first code; another one that waited is
forgotten.  Touches: mfa_factor, as its owner.';

create function app.recovery_codes_replace(p_digests bytea)
returns void
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    delete from dp.recovery_code
     where user_id = app.current_actor();

    insert into dp.recovery_code (user_id, digest)
    select app.current_actor(), substring(p_digests from n * 32 + 1 for 32)
      from generate_series(0, octet_length(p_digests) / 32 - 1) n;
end
$$;

comment on function app.recovery_codes_replace(bytea) is
'Does: gives this transaction''s user new recovery codes; the old ones are void.  Parameter: their
digests, one behind the other.  Touches: recovery_code, as its owner.';

create function app.factor_confirm(p_id uuid, p_step bigint)
returns void
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    delete from dp.mfa_factor
     where user_id = app.current_actor()
       and id <> p_id;

    update dp.mfa_factor
       set confirmed_at = now(),
           last_step = p_step
     where user_id = app.current_actor()
       and id = p_id;

    update dp.session
       set auth_level = 2,
           auth_at = now()
     where id = app.current_credential()
       and user_id = app.current_actor();
end
$$;

comment on function app.factor_confirm(uuid, bigint) is
'Does: makes a factor the one that counts, and the session that this transaction''s user came with one
of two factors.  Touches: mfa_factor, session, as their owner.';

create function app.factor_remove()
returns void
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    delete from dp.mfa_factor
     where user_id = app.current_actor();

    delete from dp.recovery_code
     where user_id = app.current_actor();

    update dp.session
       set auth_level = 1
     where user_id = app.current_actor()
       and auth_level > 1
       and revoked_at is null;
end
$$;

comment on function app.factor_remove() is
'Does: takes the second factor and the recovery codes from this transaction''s user; his sessions are
of one factor from then on.  Touches: mfa_factor, recovery_code, session, as their owner.';

create function app.password_reset_offer(p_email text, p_digest bytea)
returns text
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    found_user dp.app_user;
begin
    if app.enter_write(1) <> 0 then
        return '';
    end if;

    select u.*
      into found_user
      from dp.app_user u
     where lower(u.email) = lower(p_email)
       and u.status = 'active'
       for no key update;

    insert into dp.one_time_token (digest, purpose, user_id, expires_at)
    select p_digest, 'reset_password', found_user.id, now() + interval '1 hour'
     where found_user.id is not null
       and not exists (select
                         from dp.one_time_token t
                        where t.user_id = found_user.id
                          and t.purpose = 'reset_password'
                          and t.created_at > now() - interval '1 minute')
        on conflict do nothing;

    return (select found_user.email
              from dp.one_time_token t
             where t.digest = p_digest
               and t.user_id = found_user.id
               and t.used_at is null);
end
$$;

comment on function app.password_reset_offer(text, bytea) is
'Does: makes a token for a new password good for an hour, if there is an account with that address
that may log in, and it was offered none within the last minute; asked again it does nothing more.
Parameters: the address, digest of the token.  Returns: the account''s own address; null: there is
none to write to; empty, with nothing done, under GLOBAL_WRITE.  Touches: app_user, one_time_token,
as their owner; kill_switch and its advisory lock.  For dp_system only.';

create function app.password_change(p_old text, p_new text)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    update dp.user_credential
       set password_hash = p_new,
           changed_at = now()
     where user_id = app.current_actor()
       and password_hash = p_old;

    if not found then
        return false;
    end if;

    update dp.session
       set revoked_at = now(),
           revoke_reason = 'password_changed'
     where user_id = app.current_actor()
       and id <> app.current_credential()
       and revoked_at is null
       and expires_at > now();

    update dp.one_time_token
       set used_at = now()
     where user_id = app.current_actor()
       and purpose in ('reset_password', 'mfa')
       and used_at is null;

    return true;
end
$$;

comment on function app.password_change(text, text) is
'Does: gives this transaction''s user another password, and ends his other sessions and logins that
wait.  Parameters: the hash that was verified, the new one.  Returns: false: it was changed since.
Touches: user_credential, session, one_time_token, as their owner.';

create function app.attempt_lock(p_account bytea, p_origin text)
returns table (
    failures integer,
    since timestamptz,
    locks integer,
    locked_until timestamptz
)
language plpgsql security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    return query
    insert into dp.login_failure as f (account, origin, failures)
    values (p_account, p_origin, 0)
        on conflict (account, origin) do update
       set origin = excluded.origin
    returning f.failures, f.since, f.locks, f.locked_until;
end
$$;

comment on function app.attempt_lock(bytea, text) is
'Does: holds off other attempts on an account from an origin until the transaction ends.  Returns:
what is known of earlier ones.  Touches: login_failure, as its owner.';

create function app.attempt_fail(
    p_account bytea,
    p_origin text,
    p_failures integer,
    p_since timestamptz,
    p_locks integer,
    p_locked_until timestamptz
)
returns void
language sql security definer
set search_path = pg_catalog
as $$
    update dp.login_failure
       set failures = p_failures,
           since = p_since,
           locks = p_locks,
           locked_until = p_locked_until
     where account = p_account
       and origin = p_origin
$$;

comment on function app.attempt_fail(bytea, text, integer, timestamptz, integer, timestamptz) is
'Does: writes down what an attempt has come to.  Touches: login_failure, as its owner.';

create function app.attempt_forget(p_account bytea, p_origin text)
returns void
language sql security definer
set search_path = pg_catalog
as $$
    delete from dp.login_failure
     where account = p_account
       and origin = p_origin
$$;

comment on function app.attempt_forget(bytea, text) is
'Does: forgets the failures on an account from an origin.  Touches: login_failure, as its owner.';

grant execute
    on function app.password_reset_offer(text, bytea)
    to dp_system;

grant execute
    on function app.password_change(text, text)
    to dp_api;

grant execute
    on function app.attempt_lock(bytea, text),
                app.attempt_fail(bytea, text, integer, timestamptz, integer, timestamptz),
                app.attempt_forget(bytea, text)
    to dp_api, dp_system;

grant execute
    on function app.mfa_lock(uuid), app.mfa_step_use(uuid, bigint), app.recovery_code_use(uuid, bytea),
                app.factor_enrol(uuid, bytea), app.recovery_codes_replace(bytea),
                app.factor_confirm(uuid, bigint), app.factor_remove()
    to dp_api;

grant execute
    on function app.mfa_lock(uuid), app.mfa_step_use(uuid, bigint), app.recovery_code_use(uuid, bytea)
    to dp_system;

commit;
