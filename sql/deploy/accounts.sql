-- Deploy devpilot:accounts to pg
-- phase: expand
-- What people prove themselves with.  Of every token the database keeps SHA-256 only,
-- of an address that somebody tried to log in with a keyed digest; passwords are kept
-- as their hashes say.  The platform's role reads all this, no tenant's does.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.user_credential (
    user_id uuid not null,
    password_hash text collate "C" not null,
    changed_at timestamptz(6) not null default now(),
    constraint user_credential_pkey primary key (user_id),
    constraint user_credential_user_fkey foreign key (user_id) references dp.app_user,
    constraint user_credential_hash_is_slow
        check (password_hash ~ '^\$(argon2id\$|2[aby]\$)' and length(password_hash) <= 128)
);

create table dp.device (
    id uuid not null,
    user_id uuid not null,
    digest bytea not null,
    created_at timestamptz(6) not null default now(),
    last_seen_at timestamptz(6) not null default now(),
    constraint device_pkey primary key (id),
    constraint device_digest_user_key unique (digest, user_id),
    constraint device_user_fkey foreign key (user_id) references dp.app_user,
    constraint device_digest_is_sha256 check (octet_length(digest) = 32)
);

create index device_user_idx on dp.device (user_id);

create index device_last_seen_idx on dp.device (last_seen_at);

comment on table dp.device is
'Browsers that a user has logged in with: their cookie tells them from a stranger''s.';

create table dp.one_time_token (
    digest bytea not null,
    purpose text not null,
    user_id uuid,
    data json,
    sealed bytea,
    created_at timestamptz(6) not null default now(),
    expires_at timestamptz(6) not null,
    used_at timestamptz(6),
    attempts smallint not null default 0,
    constraint one_time_token_pkey primary key (digest),
    constraint one_time_token_user_fkey foreign key (user_id) references dp.app_user,
    constraint one_time_token_digest_is_sha256 check (octet_length(digest) = 32),
    constraint one_time_token_purpose_known
        check (purpose in ('verify_email', 'reset_password', 'mfa', 'oauth')),
    constraint one_time_token_attempts_not_negative check (attempts >= 0)
);

create index one_time_token_user_idx on dp.one_time_token (user_id, purpose);

create index one_time_token_expires_idx on dp.one_time_token (expires_at);

comment on column dp.one_time_token.data is
'What whoever comes back with it will need, without secrets.';

comment on column dp.one_time_token.sealed is
'Likewise what is secret, encrypted.';

comment on column dp.one_time_token.attempts is
'How often something was tried with it and failed.';

create table dp.login_failure (
    account bytea not null,
    origin text collate "C" not null,
    failures integer not null,
    since timestamptz(6) not null default now(),
    locks integer not null default 0,
    locked_until timestamptz(6),
    constraint login_failure_pkey primary key (account, origin),
    constraint login_failure_account_is_digest check (octet_length(account) = 32),
    constraint login_failure_counts_not_negative check (failures >= 0 and locks >= 0)
);

create index login_failure_since_idx on dp.login_failure (coalesce(locked_until, since));

comment on column dp.login_failure.account is
'Keyed digest of the address that was given, whether there is such an account or not.';

comment on column dp.login_failure.origin is
'Where the attempts came from: a device that the account knows, or a network.';

comment on column dp.login_failure.locks is
'How often in a row the origin was locked out: each time for twice as long.';

do $$
declare
    name text;
begin
    foreach name in array array['user_credential', 'device', 'one_time_token', 'login_failure'] loop
        execute format('alter table dp.%I enable row level security', name);
        execute format('alter table dp.%I force row level security', name);
        execute format('create policy platform on dp.%I to dp_system, dp_owner
                            using (true)
                            with check (true)', name);
    end loop;
end
$$;

create view dp.member_profile as
select m.user_id,
       m.org_id,
       u.email,
       u.display_name,
       u.status,
       o.slug as org_slug,
       o.name as org_name,
       o.kind as org_kind,
       o.deleted_at as org_deleted_at,
       m.role,
       r.rank,
       coalesce(p.rank, 0::smallint) as plan,
       m.created_at
  from dp.org_member m
  join dp.app_user u on u.id = m.user_id
  join dp.org o on o.id = m.org_id
  join dp.role r on r.scope = m.scope and r.name = m.role
  left join dp.subscription s on s.org_id = m.org_id
  left join dp.plan p on p.name = s.plan;

comment on view dp.member_profile is
'Who a user is in each of his organisations; plan: its rank, 0 without a subscription.';

grant select, insert, update
   on dp.user_credential
   to dp_system;

grant select, insert, update, delete
   on dp.device, dp.one_time_token, dp.login_failure
   to dp_system;

grant select
   on dp.member_profile
   to dp_system;

grant select (email), insert, update (status)
   on dp.app_user
   to dp_system;

grant insert
   on dp.org, dp.org_member, dp.subscription
   to dp_system;

commit;
