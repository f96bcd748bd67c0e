-- Deploy devpilot:issuers to pg
-- phase: expand
-- Identity providers: what was fetched from each of them, for all workers, and who of
-- theirs is who of ours.  The keys that verify an issuer's tokens are control state.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.issuer (
    name text not null,
    issuer text not null,
    metadata json,
    keys bytea not null default '',
    entry bytea,
    fetched_at timestamptz(6),
    tried_at timestamptz(6) not null default now(),
    constraint issuer_pkey primary key (name),
    constraint issuer_issuer_key unique (issuer),
    constraint issuer_fetched_with_metadata check ((fetched_at is null) = (metadata is null))
);

comment on table dp.issuer is
'What the identity providers of the setting identity_providers said last.';

comment on column dp.issuer.keys is
'Their public keys, in the form of dp_control_issuer.h.';

comment on column dp.issuer.entry is
'Likewise the issuer as edges are told of it; null: its tokens are not taken.';

comment on column dp.issuer.tried_at is
'When it was asked last, with or without success.';

create constraint trigger issuer_made_control
    after insert on dp.issuer
    deferrable initially deferred
    for each row
    when (new.entry is not null)
    execute function app.control_changed();

create constraint trigger issuer_control
    after update on dp.issuer
    deferrable initially deferred
    for each row
    when (old.entry is distinct from new.entry)
    execute function app.control_changed();

create constraint trigger issuer_deleted_control
    after delete on dp.issuer
    deferrable initially deferred
    for each row
    when (old.entry is not null)
    execute function app.control_changed();

create table dp.user_identity (
    id uuid not null,
    issuer text not null,
    subject text collate "C" not null,
    user_id uuid not null,
    email text,
    created_at timestamptz(6) not null default now(),
    last_login_at timestamptz(6) not null default now(),
    constraint user_identity_pkey primary key (id),
    constraint user_identity_subject_key unique (issuer, subject),
    constraint user_identity_user_fkey foreign key (user_id) references dp.app_user,
    constraint user_identity_subject_length check (length(subject) between 1 and 255)
);

create index user_identity_user_idx on dp.user_identity (user_id);

comment on table dp.user_identity is
'Who of an identity provider''s is which user.  Made by a login, never by an address alone.';

do $$
declare
    name text;
begin
    foreach name in array array['issuer', 'user_identity'] loop
        execute format('alter table dp.%I enable row level security', name);
        execute format('alter table dp.%I force row level security', name);
        execute format('create policy platform on dp.%I to dp_system, dp_owner
                            using (true)
                            with check (true)', name);
    end loop;
end
$$;

create function app.issuer_try(p_name text, p_issuer text, p_pause_s integer)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    insert into dp.issuer as i (name, issuer)
    values (p_name, p_issuer)
    on conflict (name) do update
    set tried_at = now()
    where i.tried_at <= now() - p_pause_s * interval '1 second';

    return found;
end
$$;

comment on function app.issuer_try(text, text, integer) is
'Does: takes the turn to ask an identity provider, for one worker at a time.  Parameters: its name, its
issuer, seconds since anybody asked.  Returns: false when it is nobody''s turn.  Touches: issuer, as
its owner.';

create function app.issuer_store(
    p_name text,
    p_issuer text,
    p_metadata json,
    p_keys bytea,
    p_entry bytea
)
returns void
language sql security definer
set search_path = pg_catalog
as $$
    update dp.issuer
       set issuer = p_issuer,
           metadata = p_metadata,
           keys = p_keys,
           entry = p_entry,
           fetched_at = now()
     where name = p_name
$$;

comment on function app.issuer_store(text, text, json, bytea, bytea) is
'Does: keeps what an identity provider said; moves the generation of the control state when edges have
to know.  Parameters: columns of dp.issuer.  Touches: issuer, control_state, as their owner.';

create function app.issuers_settle(p_names text[], p_days integer)
returns void
language sql security definer
set search_path = pg_catalog
as $$
    delete from dp.issuer
     where name <> all (p_names);

    update dp.issuer
       set keys = '',
           entry = null,
           metadata = null,
           fetched_at = null
     where fetched_at < now() - p_days * interval '1 day'
$$;

comment on function app.issuers_settle(text[], integer) is
'Does: forgets issuers that are not configured any more, and what was fetched so many days ago and
could not be fetched again: its keys may have been withdrawn meanwhile.  Touches: issuer,
control_state, as their owner.';

create function app.control_issuers(p_known bigint, p_generation bigint)
returns bytea
language sql stable security definer
set search_path = pg_catalog
as $$
    select string_agg(i.entry, ''::bytea order by i.name)
      from dp.issuer i
     where p_known <> p_generation
       and i.entry is not null
$$;

comment on function app.control_issuers(bigint, bigint) is
'Parameters: the generation that the caller knows, and that of the state.  Returns: the issuers whose
tokens are taken, in the form of dp_control_issuer.h; null when the caller knows them.  Touches:
issuer, as its owner.';

grant select
   on dp.issuer
   to dp_system;

grant select, insert, update
   on dp.user_identity
   to dp_system;

grant execute
   on function app.issuer_try(text, text, integer),
               app.issuer_store(text, text, json, bytea, bytea),
               app.issuers_settle(text[], integer),
               app.control_issuers(bigint, bigint)
   to dp_system;

commit;
