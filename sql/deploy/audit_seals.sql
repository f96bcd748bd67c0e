-- Deploy devpilot:audit_seals to pg
-- phase: expand
-- Seals of the audit trail: each covers a set of events by the root of their leaf hashes
-- and follows from the seal before of the same chain.  Root, hash and MAC are made by
-- the worker, who has the key; docs/audit-format.md has the bytes.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.audit_seal (
    chain_id uuid not null,
    no bigint not null,
    org_id uuid,
    at timestamptz(6) not null,
    leaf_count integer not null,
    first_seq bigint not null,
    last_seq bigint not null,
    -- The events in the order of the leaves: 8 bytes an event, where a table of its own
    -- took ten times that and an index.
    seqs bigint[] not null,
    root bytea not null,
    previous bytea not null,
    hash bytea not null,
    mac bytea not null,
    key_id text not null,
    constraint audit_seal_pkey primary key (chain_id, no),
    constraint audit_seal_chain_is_org
        check (chain_id = coalesce(org_id, '00000000-0000-0000-0000-000000000000')),
    constraint audit_seal_no_from_1 check (no >= 1),
    constraint audit_seal_covers_something
        check (leaf_count >= 1 and cardinality(seqs) = leaf_count),
    constraint audit_seal_hashes_are_sha256
        check (octet_length(root) = 32 and octet_length(previous) = 32
               and octet_length(hash) = 32 and octet_length(mac) = 32)
);

-- The seal of an event: the first one that does not end before it, nearly always.
create index audit_seal_last_seq_idx on dp.audit_seal (chain_id, last_seq);

comment on table dp.audit_seal is
'What was sealed when.  It only grows, and outlives the events it covers.';

create trigger audit_seal_append_only
    before update or delete on dp.audit_seal
    for each row execute function app.append_only();

create trigger audit_seal_no_truncate
    before truncate on dp.audit_seal
    for each statement execute function app.append_only();

create table dp.audit_verification (
    chain_id uuid not null,
    org_id uuid,
    at timestamptz(6) not null,
    seals bigint not null,
    events bigint not null,
    fault text,
    fault_seal bigint,
    fault_seq bigint,
    constraint audit_verification_pkey primary key (chain_id)
);

comment on table dp.audit_verification is
'What the last verification of each chain found; fault: null when nothing is wrong.';

do $$
declare
    name text;
begin
    foreach name in array array['audit_seal', 'audit_verification'] loop
        execute format('alter table dp.%I enable row level security', name);
        execute format('alter table dp.%I force row level security', name);
        execute format('create policy tenant on dp.%I to dp_api, dp_billing, dp_ro
                            using (org_id = (select app.current_org()))
                            with check (org_id = (select app.current_org()))', name);
        execute format('create policy platform on dp.%I to dp_system, dp_ops, dp_owner
                            using (true)
                            with check (true)', name);
    end loop;
end
$$;

create function app.audit_seal_add(
    p_chain_id uuid,
    p_no bigint,
    p_at timestamptz,
    p_seqs bigint[],
    p_root bytea,
    p_previous bytea,
    p_hash bytea,
    p_mac bytea,
    p_key_id text
)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    worked_off integer;
begin
    if app.enter_write(1 | 8) <> 0 then
        return null;
    end if;

    insert into dp.audit_seal (chain_id, no, org_id, at, leaf_count, first_seq, last_seq, seqs, root,
                               previous, hash, mac, key_id)
    values (p_chain_id, p_no, nullif(p_chain_id, '00000000-0000-0000-0000-000000000000'), p_at,
            cardinality(p_seqs), p_seqs[1], p_seqs[cardinality(p_seqs)], p_seqs, p_root, p_previous,
            p_hash, p_mac, p_key_id)
    on conflict on constraint audit_seal_pkey do nothing;

    if not found then
        return false;
    end if;

    delete from dp.audit_unsealed u
     where u.chain_id = p_chain_id
       and u.seq = any (p_seqs);

    get diagnostics worked_off = row_count;

    if worked_off <> cardinality(p_seqs) then
        raise exception 'an event is not there to be sealed, or is sealed already'
              using errcode = 'DP409';
    end if;

    return true;
end
$$;

comment on function app.audit_seal_add(uuid, bigint, timestamptz, bigint[], bytea, bytea, bytea, bytea,
                                       text) is
'Does: adds a seal to its chain and takes what it covers off the sealer''s list.  Parameters: the seal,
its events in the order of their leaves.  Returns: false, with nothing done, when there is a seal of
that number; null, likewise, under GLOBAL_WRITE or BACKGROUND_JOBS.  DP409 when an event is not on the
list.  Touches: audit_seal, audit_unsealed, as their owner.';

create function app.audit_floor()
returns bigint
language sql stable security definer
set search_path = pg_catalog
as $$
    select coalesce(min(substring(c.relname from '^audit_event_(\d+)$')::bigint), 0) * 10000000
      from pg_inherits i
      join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'dp.audit_event'::regclass
$$;

comment on function app.audit_floor() is
'Returns: the first seq that is kept; retention has dropped the partitions of those before.';

create function app.audit_verified(
    p_chain_id uuid,
    p_seals bigint,
    p_events bigint,
    p_fault text,
    p_fault_seal bigint,
    p_fault_seq bigint
)
returns void
language sql security definer
set search_path = pg_catalog
as $$
    insert into dp.audit_verification (chain_id, org_id, at, seals, events, fault, fault_seal, fault_seq)
    values (p_chain_id, nullif(p_chain_id, '00000000-0000-0000-0000-000000000000'), clock_timestamp(),
            p_seals, p_events, p_fault, p_fault_seal, p_fault_seq)
    on conflict on constraint audit_verification_pkey do update
       set at = excluded.at,
           seals = excluded.seals,
           events = excluded.events,
           fault = excluded.fault,
           fault_seal = excluded.fault_seal,
           fault_seq = excluded.fault_seq
$$;

comment on function app.audit_verified(uuid, bigint, bigint, text, bigint, bigint) is
'Does: notes what a verification found.  Parameters: the chain; sound seals and events; the fault, its
seal and its event, or nulls.  Touches: audit_verification, as its owner.';

create function app.audit_counts(
    out unsealed bigint,
    out oldest_s bigint,
    out broken bigint,
    out verified_s bigint
)
language sql stable security definer
set search_path = pg_catalog
as $$
    select (select count(*) from dp.audit_unsealed),
           (select coalesce(extract(epoch from clock_timestamp() - min(e.at))::bigint, 0)
              from (select u.seq from dp.audit_unsealed u order by u.seq limit 1) u
              join dp.audit_event e using (seq)),
           (select count(*) from dp.audit_verification v where v.fault is not null),
           (select coalesce(extract(epoch from clock_timestamp() - min(v.at))::bigint, 0)
              from dp.audit_verification v)
$$;

comment on function app.audit_counts() is
'Returns: events without a seal, seconds since the oldest of them, chains whose last verification found
a fault, seconds since the verification that is longest ago.';

grant select
   on dp.audit_event, dp.audit_detail
   to dp_api;

grant select
   on dp.audit_seal
   to dp_api, dp_system, dp_ops, dp_ro;

grant select
   on dp.audit_verification
   to dp_system, dp_ops, dp_ro;

grant execute
    on function app.audit_floor()
    to dp_api, dp_system, dp_ops, dp_ro;

grant execute
    on function app.audit_seal_add(uuid, bigint, timestamptz, bigint[], bytea, bytea, bytea, bytea, text),
                app.audit_verified(uuid, bigint, bigint, text, bigint, bigint), app.audit_counts()
    to dp_system;

commit;
