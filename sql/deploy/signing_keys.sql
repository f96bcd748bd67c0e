-- Deploy devpilot:signing_keys to pg
-- phase: expand
-- The keys that access tokens and CSRF tokens are signed with.  One of each purpose
-- signs; its predecessors verify for another week.  Secrets are sealed by the worker
-- and go with the key's end.  All of it is control state, and every transition is on
-- record, whoever makes it.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

insert into dp.fsm_state (machine, kind, state, is_initial, is_terminal)
values ('signing_key', '*', 'active', true, false),
       ('signing_key', '*', 'grace', false, false),
       ('signing_key', '*', 'retired', false, true),
       ('signing_key', '*', 'revoked', false, true);

insert into dp.fsm_transition (machine, kind, from_state, to_state, event, source)
values ('signing_key', '*', 'active', 'grace', 'rotate', 'SEC-01'),
       ('signing_key', '*', 'grace', 'retired', 'purge', 'SEC-01'),
       ('signing_key', '*', 'active', 'revoked', 'compromise', 'SEC-12'),
       ('signing_key', '*', 'grace', 'revoked', 'compromise', 'SEC-12');

create table dp.signing_key (
    kid text collate "C" not null,
    purpose text not null,
    alg text not null default 'HS256',
    state text not null default 'active',
    sealed bytea,
    not_before timestamptz(6) not null default now(),
    rotate_due timestamptz(6) not null default now() + interval '90 days',
    grace_until timestamptz(6),
    purge_after timestamptz(6),
    ended_at timestamptz(6),
    constraint signing_key_pkey primary key (kid),
    constraint signing_key_kid_syntax check (kid ~ '^[0-9a-f]{16}$'),
    constraint signing_key_purpose_known check (purpose in ('jwt', 'csrf')),
    constraint signing_key_alg_known check (alg = 'HS256'),
    constraint signing_key_secret_until_its_end
        check ((state in ('active', 'grace')) = (sealed is not null)
               and (sealed is null) = (ended_at is not null)),
    constraint signing_key_grace_has_its_ends
        check (state <> 'grace' or (grace_until is not null and purge_after >= grace_until))
);

comment on column dp.signing_key.sealed is
'The secret of 32 bytes, sealed for (signing_key, kid, secret) by the worker.';

comment on column dp.signing_key.grace_until is
'Until when it verifies, once it has a successor.';

create unique index signing_key_active_idx on dp.signing_key (purpose) where state = 'active';

create constraint trigger signing_key_initial
    after insert on dp.signing_key
    for each row
    when (new.state <> 'active')
    execute function app.fsm_initial('signing_key');

create trigger signing_key_transition
    after update on dp.signing_key
    for each row
    when (old.state <> new.state)
    execute function app.fsm_guard('signing_key');

create constraint trigger signing_key_control
    after insert or update or delete on dp.signing_key
    deferrable initially deferred
    for each row
    execute function app.control_changed();

create function app.signing_key_record()
returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    perform app.audit('signing_key.' || case new.state when 'active' then 'activated'
                                                       when 'grace' then 'superseded'
                                                       when 'retired' then 'purged'
                                                       else 'revoked' end,
                      'signing_key', new.kid, 'success', null,
                      json_build_object('purpose', new.purpose,
                                        'actor', coalesce(nullif(current_setting('app.operator', true), ''),
                                                          session_user),
                                        'reason', nullif(current_setting('app.reason', true), ''),
                                        'graceUntil', new.grace_until),
                      'system', null);

    return null;
end
$$;

comment on function app.signing_key_record() is
'Trigger, after a signing key was made or changed its state: records it on the platform''s chain, with
the settings app.operator and app.reason.  Touches: the audit trail, as its owner.';

create trigger signing_key_made
    after insert on dp.signing_key
    for each row
    execute function app.signing_key_record();

create trigger signing_key_record
    after update on dp.signing_key
    for each row
    when (old.state <> new.state)
    execute function app.signing_key_record();

create function app.signing_key_told()
returns bigint
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    -- The generation moves now and not at the end, so that it can be returned.
    set constraints dp.signing_key_control immediate;

    return (select generation from dp.control_state);
end
$$;

comment on function app.signing_key_told() is
'Returns: the generation that edges have to reach to know of this transaction''s keys.  Touches:
control_state, as its owner.';

create function app.signing_key_begin(p_actor text, p_reason text)
returns void
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    perform set_config('app.operator', p_actor, true),
            set_config('app.reason', coalesce(p_reason, ''), true);

    lock table dp.signing_key in share row exclusive mode;
end
$$;

comment on function app.signing_key_begin(text, text) is
'Does: makes sure that nobody else changes keys until the transaction ends.  Parameters: who changes
them and why, for the audit trail.  Touches: the lock of signing_key, as its owner.';

create function app.signing_key_rotate(
    p_purpose text,
    p_kid text,
    p_sealed bytea,
    p_when_due boolean,
    p_actor text,
    p_reason text
)
returns table (outcome text, generation bigint)
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    grace constant interval := '7 days';
    buffer constant interval := '1 day';
    kept constant integer := 6;
    previous dp.signing_key;
begin
    perform app.signing_key_begin(p_actor, p_reason);

    select *
      into previous
      from dp.signing_key k
     where k.purpose = p_purpose
       and k.state = 'active';

    if p_when_due and previous.rotate_due > now() then
        return query select 'not due', app.signing_key_told();
        return;
    end if;

    if (select count(*)
          from dp.signing_key k
         where k.purpose = p_purpose
           and k.state = 'grace') >= kept then
        return query select 'too many', app.signing_key_told();
        return;
    end if;

    update dp.signing_key
       set state = 'grace',
           grace_until = now() + grace,
           purge_after = now() + grace + buffer
     where kid = previous.kid;

    insert into dp.signing_key (kid, purpose, sealed)
    values (p_kid, p_purpose, p_sealed);

    return query select case when previous.kid is null then 'created' else 'rotated' end,
                        app.signing_key_told();
end
$$;

comment on function app.signing_key_rotate(text, text, bytea, boolean, text, text) is
'Does: makes a new key sign; the one before verifies for 7 days more, and is purged a day later.
Parameters: purpose; id and sealed secret of the new key; only when the one before has signed for 90
days, or there is none; who and why.  Returns: created (there was none), rotated, not due, or too
many: of the purpose 6 keys verify already; and the generation that edges have to reach.  Touches:
signing_key, control_state and the audit trail, as their owner.';

create function app.signing_key_revoke(
    p_kid text,
    p_successor text,
    p_sealed bytea,
    p_actor text,
    p_reason text
)
returns table (outcome text, generation bigint)
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    revoked dp.signing_key;
    told bigint;
begin
    perform app.signing_key_begin(p_actor, p_reason);

    select *
      into revoked
      from dp.signing_key k
     where k.kid = p_kid
       and k.state in ('active', 'grace');

    if not found then
        return query select 'no such key', app.signing_key_told();
        return;
    end if;

    update dp.signing_key
       set state = 'revoked',
           sealed = null,
           ended_at = now()
     where kid = p_kid;

    if revoked.state = 'active' then
        insert into dp.signing_key (kid, purpose, sealed)
        values (p_successor, revoked.purpose, p_sealed);
    end if;

    told := app.signing_key_told();

    update dp.control_state
       set floor = told;

    return query select 'revoked', told;
end
$$;

comment on function app.signing_key_revoke(text, text, bytea, text, text) is
'Does: ends a key at once, for what it has signed, too: edges ask anew about every principal.  One that
signs gets a successor.  Parameters: its id; id and sealed secret of the successor; who and why.
Returns: revoked, or no such key: it has ended already; and the generation that edges have to reach.
Touches: signing_key, control_state and the audit trail, as their owner.';

create function app.signing_keys_purge()
returns integer
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    purged integer;
begin
    if app.enter_write(1 | 8) <> 0 then
        return null;
    end if;

    perform app.signing_key_begin('key.purge', 'its grace is over');

    update dp.signing_key
       set state = 'retired',
           sealed = null,
           ended_at = now()
     where state = 'grace'
       and purge_after <= now();

    get diagnostics purged = row_count;

    return purged;
end
$$;

comment on function app.signing_keys_purge() is
'Does: deletes the secrets of keys whose grace ended a day ago.  Returns: how many; null, with nothing
done, under GLOBAL_WRITE or BACKGROUND_JOBS.  Touches: signing_key, control_state and the audit trail,
as their owner, kill_switch and its advisory locks.';

create function app.control_keys(p_known bigint, p_generation bigint)
returns bytea
language sql stable security definer
set search_path = pg_catalog
as $$
    select string_agg(int8send((extract(epoch from k.not_before) * 1000000)::bigint)
                      || case k.purpose when 'jwt' then '\x01'::bytea else '\x02'::bytea end
                      || case k.state when 'active' then '\x01'::bytea else '\x02'::bytea end
                      || int8send(coalesce((extract(epoch from k.grace_until) * 1000000)::bigint, 0))
                      || substring(int2send(length(k.kid)::smallint) from 2)
                      || convert_to(k.kid, 'UTF8')
                      || int2send(octet_length(k.sealed)::smallint)
                      || k.sealed,
                      ''::bytea order by k.purpose, k.not_before desc, k.kid)
      from dp.signing_key k
     where k.state in ('active', 'grace')
       and p_known is distinct from p_generation
$$;

comment on function app.control_keys(bigint, bigint) is
'Parameters: the generation that the caller knows, the newest one.  Returns: the keys that sign or
verify, those of one purpose together, the newest first: when it came, microseconds since 1970, then
the form of dp_control_key.h, but sealed; null when the two are the same.  Touches:
signing_key, as its owner.  For dp_system only.';

grant select (kid, purpose, alg, state, not_before, rotate_due, grace_until, purge_after, ended_at)
   on dp.signing_key
   to dp_api, dp_system, dp_ops, dp_ro;

grant execute
    on function app.signing_key_rotate(text, text, bytea, boolean, text, text),
                app.signing_keys_purge(),
                app.control_keys(bigint, bigint)
    to dp_system;

grant execute
    on function app.signing_key_rotate(text, text, bytea, boolean, text, text),
                app.signing_key_revoke(text, text, bytea, text, text)
    to dp_ops;

commit;
