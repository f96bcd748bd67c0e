-- Deploy devpilot:abuse_events to pg
-- phase: expand
-- What edges decide about addresses and credentials that abuse the platform: each
-- transition is an audit event with the id that the edge gave it, stored once however
-- often it is delivered; and the blocks among them are control state, so that every
-- edge knows them, also one that was started again.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.abuse_block (
    subject_kind text not null,
    subject bytea not null,
    name text not null,
    tier text not null,
    level smallint not null,
    until timestamptz(6) not null,
    reason text not null,
    expired boolean not null default false,
    changed_at timestamptz(6) not null default now(),
    generation bigint not null default 0,
    constraint abuse_block_pkey primary key (subject_kind, subject),
    constraint abuse_block_kind_known check (subject_kind in ('address', 'credential')),
    constraint abuse_block_subject_size check (octet_length(subject) = 16),
    constraint abuse_block_tier_known check (tier in ('BLOCK', 'NORMAL'))
);

create index abuse_block_generation_idx on dp.abuse_block (generation);

comment on table dp.abuse_block is
'The last block of a subject: an IPv4 address mapped into IPv6, the /64 of an IPv6 address, the id of a
credential.  Gone a week after its end.';

comment on column dp.abuse_block.tier is
'BLOCK, or NORMAL: lifted by an operator.';

comment on column dp.abuse_block.until is
'When the block ends, or would have ended: as long as that edges are told of it.';

comment on column dp.abuse_block.reason is
'The signal that decided, or why it was lifted.';

comment on column dp.abuse_block.expired is
'An edge has told of its end: of several edges one is recorded.';

create function app.abuse_block_changed()
returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    new.changed_at := now();
    new.generation := app.control_move(0);

    return new;
end
$$;

comment on function app.abuse_block_changed() is
'Trigger, before a change of what edges are told of a block: moves the generation of the control
state.  Touches: control_state, as its owner; NOTIFY.';

create trigger abuse_block_made
    before insert on dp.abuse_block
    for each row
    execute function app.abuse_block_changed();

create trigger abuse_block_changed
    before update of tier, level, until on dp.abuse_block
    for each row
    execute function app.abuse_block_changed();

create function app.control_blocks(p_known bigint, p_generation bigint)
returns bytea
language sql stable security definer
set search_path = pg_catalog
as $$
    select string_agg(int2send(case b.subject_kind when 'address' then 1::smallint else 2::smallint end)
                      || int2send(case b.tier when 'BLOCK' then 3::smallint else 0::smallint end)
                      || int2send(b.level)
                      || int2send(case when b.tier = 'NORMAL' then 0::smallint
                                       when b.reason = 'burst' then 1::smallint
                                       when b.reason = 'probe' then 2::smallint
                                       when b.reason = 'honeypot' then 3::smallint
                                       else 0::smallint end)
                      || b.subject
                      || int8send((extract(epoch from b.until) * 1000000)::bigint)
                      || int8send(b.generation), ''::bytea order by b.generation)
      from (select *
              from dp.abuse_block
             where p_known <> p_generation
               and until > statement_timestamp()
             order by generation desc
             limit 1024) b
$$;

comment on function app.control_blocks(bigint, bigint) is
'Parameters: the generation that the caller knows, and that of the state.  Returns: blocks that are in
force, and those that were lifted before their time, in the form of dp_control.h and in the order of
their generations; null when the caller knows them.  The newest 1024: an edge that hears of more at
once decides about the others by itself.  Touches: abuse_block, as its owner.';

create function app.abuse_lock()
returns void
language sql
as $$ select pg_advisory_xact_lock(1146113876, 1) $$;

comment on function app.abuse_lock() is
'Does: lets one transaction at a time record abuse, so that an event that two workers were given is
stored once.  Touches: the advisory lock (1146113876, 1).';

-- An event as json_to_record() reads it.  Of no table: it is never stored like this.
create type app.abuse_event as (
    id uuid,
    at bigint,
    action text,
    subject_kind text,
    subject text,
    name text,
    org_id uuid,
    tier_from text,
    tier_to text,
    signal text,
    level smallint,
    score bigint,
    signals json,
    until bigint,
    shadow boolean,
    request_id uuid,
    instance text
);

create function app.abuse_event_audit(p_event app.abuse_event)
returns bigint
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    event dp.audit_event;
    credential constant boolean := p_event.subject_kind = 'credential';
begin
    event.id := p_event.id;
    event.org_id := p_event.org_id;
    event.at := timestamptz 'epoch' + p_event.at * interval '1 microsecond';
    event.actor_type := 'edge';
    event.credential_id := case when credential then p_event.subject::uuid end;
    event.action := p_event.action;
    event.target_type := p_event.subject_kind;
    event.target_id := case when credential then p_event.name end;
    event.outcome := case when p_event.shadow then 'suppressed'
                          when p_event.action = 'abuse.enforced' then 'denied'
                          else 'success' end;
    event.code := case when p_event.action <> 'abuse.enforced' then null
                       when p_event.tier_to = 'BLOCK' then 'ABUSE_BLOCKED'
                       else 'ABUSE_THROTTLED' end;
    event.request_id := p_event.request_id;

    return app.audit_record(
        event,
        json_build_object('subject', p_event.name, 'from', p_event.tier_from,
                          'to', p_event.tier_to, 'signal', p_event.signal,
                          'score', p_event.score, 'signals', p_event.signals,
                          'level', p_event.level,
                          'until', to_timestamp(nullif(p_event.until, 0) / 1000000),
                          'shadow', p_event.shadow, 'instance', p_event.instance));
end
$$;

comment on function app.abuse_event_audit(app.abuse_event) is
'Does: records an edge''s event.  An address is personal and stands in the detail only.  Returns: seq.
Touches: the audit trail.';

create function app.abuse_block_put(p_event app.abuse_event)
returns void
language sql security definer
set search_path = pg_catalog
as $$
    update dp.abuse_block
       set tier = 'BLOCK',
           level = p_event.level,
           until = to_timestamp(p_event.until / 1000000),
           reason = p_event.signal,
           expired = false
     where subject_kind = p_event.subject_kind
       and subject = decode(p_event.subject, 'hex')
       and case tier when 'BLOCK' then until < to_timestamp(p_event.until / 1000000)
                     else changed_at < timestamptz 'epoch' + p_event.at * interval '1 microsecond' end;

    -- Not "on conflict": its trigger would move the generation for nothing.
    insert into dp.abuse_block (subject_kind, subject, name, tier, level, until, reason)
    select p_event.subject_kind, decode(p_event.subject, 'hex'), p_event.name, 'BLOCK',
           p_event.level, to_timestamp(p_event.until / 1000000), p_event.signal
     where not exists (select
                         from dp.abuse_block
                        where subject_kind = p_event.subject_kind
                          and subject = decode(p_event.subject, 'hex'))
$$;

comment on function app.abuse_block_put(app.abuse_event) is
'Does: keeps a block; of several that edges decided the one that lasts longest, and none that is
older than its lifting.  Touches: abuse_block.';

create function app.abuse_block_end(p_event app.abuse_event)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    -- Clocks of several machines differ by less than a minute.
    perform
       from dp.abuse_block
      where subject_kind = p_event.subject_kind
        and subject = decode(p_event.subject, 'hex')
        and expired
        and until <= to_timestamp(p_event.at / 1000000 + 60);

    if found then
        return false;
    end if;

    update dp.abuse_block
       set expired = true
     where subject_kind = p_event.subject_kind
       and subject = decode(p_event.subject, 'hex')
       and until <= to_timestamp(p_event.at / 1000000 + 60);

    return true;
end
$$;

comment on function app.abuse_block_end(app.abuse_event) is
'Returns: whether this is the first edge to tell of the end of a block, which all of them keep.
Touches: abuse_block.';

create function app.abuse_events_store(p_events json)
returns integer
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    event app.abuse_event;
    stored integer := 0;
begin
    perform app.abuse_lock();

    for event in
        select *
          from json_populate_recordset(null::app.abuse_event, p_events)
    loop
        continue when exists (select
                                from dp.audit_event
                               where id = event.id);
        continue when event.action = 'abuse.block_expired'
                  and not event.shadow
                  and not app.abuse_block_end(event);

        perform app.abuse_event_audit(event);
        stored := stored + 1;

        if event.action = 'abuse.tier_escalated' and event.tier_to = 'BLOCK' and not event.shadow then
            perform app.abuse_block_put(event);
        end if;
    end loop;

    delete from dp.abuse_block
     where until < now() - interval '7 days';

    return stored;
end
$$;

comment on function app.abuse_events_store(json) is
'Does: records what an edge tells, each id once, and keeps its blocks.  Parameter: an array of
app.abuse_event; times in microseconds since 1970, 0 for none; the subject in hexadecimal.  Returns: how
many were new.  Asks no kill switch, as no audit does.  Touches: the audit trail, abuse_block,
control_state, as their owner; the advisory lock (1146113876, 1).';

create function app.abuse_lift(
    p_kind text,
    p_subject bytea,
    p_name text,
    p_reason text,
    p_actor text
)
returns bigint
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    event dp.audit_event;
    before dp.abuse_block;
    told bigint;
begin
    perform app.abuse_lock();

    select *
      into before
      from dp.abuse_block
     where subject_kind = p_kind
       and subject = p_subject;

    insert into dp.abuse_block as b (subject_kind, subject, name, tier, level, until, reason)
    values (p_kind, p_subject, p_name, 'NORMAL', 0, now() + interval '1 day', p_reason)
    on conflict (subject_kind, subject) do update
    set tier = excluded.tier,
        level = excluded.level,
        until = greatest(b.until, excluded.until),
        reason = excluded.reason
    returning generation into told;

    event.id := gen_random_uuid();
    event.at := clock_timestamp();
    event.actor_type := 'system';

    if p_kind = 'credential' then
        select k.org_id, k.id
          into event.org_id, event.credential_id
          from dp.api_key k
         where k.id = encode(p_subject, 'hex')::uuid;
    end if;

    event.action := 'abuse.block_lifted';
    event.target_type := p_kind;
    event.target_id := case when p_kind = 'credential' then p_name end;
    event.outcome := 'success';

    perform app.audit_record(
        event,
        json_build_object('subject', p_name, 'actor', p_actor, 'reason', p_reason,
                          'before', before.tier, 'until', before.until));

    return told;
end
$$;

comment on function app.abuse_lift(text, bytea, text, text, text) is
'Does: tells every edge that a subject is NORMAL again, and records who said so and why,
of a credential in the trail of its tenant.  Parameters: kind, subject, its name, reason, operator.
Returns: the generation that edges have to reach.  Touches: api_key, abuse_block, control_state, the audit
trail, as their owner.';

grant select
   on dp.abuse_block
   to dp_system, dp_ops;

grant execute on function app.control_blocks(bigint, bigint), app.abuse_events_store(json)
   to dp_system;

grant execute on function app.abuse_lift(text, bytea, text, text, text)
   to dp_ops;

commit;
