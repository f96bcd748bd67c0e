-- Deploy devpilot:audit to pg
-- phase: expand
-- The audit trail.  Events are facts without personal data and are never changed; what
-- is personal goes into their detail, which may be erased: the leaf hash commits to
-- the salted hash of the detail only.  Both are partitioned by seq from the start,
-- so that retention drops whole partitions.  docs/audit-format.md has the bytes.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create sequence dp.audit_seq as bigint minvalue 0 start 0;

create table dp.audit_event (
    seq bigint not null,
    id uuid not null,
    chain_id uuid not null,
    org_id uuid,
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz(6) not null,
    actor_type text not null,
    actor_id uuid,
    credential_id uuid,
    action text not null,
    target_type text,
    target_id text,
    outcome text not null,
    code text,
    request_id uuid,
    trace_id bytea,
    detail_hash bytea,
    leaf_hash bytea not null,
    -- A unique constraint of a partitioned table must contain the partition key, so seq is the key,
    -- and id, 122 random bits, is made unique in each partition by audit_partition_make().
    constraint audit_event_pkey primary key (seq),
    constraint audit_event_actor_type_known
        check (actor_type in ('user', 'api_key', 'system', 'provider', 'edge')),
    constraint audit_event_outcome_known
        check (outcome in ('success', 'denied', 'failure', 'suppressed'))
) partition by range (seq);

create index audit_event_org_idx on dp.audit_event (org_id, at, id);

comment on column dp.audit_event.chain_id is
'The chain that seals the event: its organisation, or zeros for events of no organisation.';

comment on column dp.audit_event.xid is
'The writing transaction.  seq order is not commit order: an event is settled once its xid is below
the snapshot''s xmin.';

create table dp.audit_detail (
    seq bigint not null,
    org_id uuid,
    salt bytea not null,
    detail json not null,
    constraint audit_detail_pkey primary key (seq)
) partition by range (seq);

comment on table dp.audit_detail is
'Personal and other detail of an event, erasable by deleting the row.';

create table dp.audit_unsealed (
    chain_id uuid not null,
    seq bigint not null,
    xid xid8 not null,
    constraint audit_unsealed_pkey primary key (chain_id, seq)
);

comment on table dp.audit_unsealed is
'Events that no seal covers yet: the sealer''s work list.';

create trigger audit_event_append_only
    before update or delete on dp.audit_event
    for each row execute function app.append_only();

create trigger audit_event_no_truncate
    before truncate on dp.audit_event
    for each statement execute function app.append_only();

create trigger audit_detail_append_only
    before update on dp.audit_detail
    for each row execute function app.append_only();

create trigger audit_detail_no_truncate
    before truncate on dp.audit_detail
    for each statement execute function app.append_only();

create function app.audit_partition_make(p_name text, p_bounds text)
returns void
language plpgsql
set search_path = pg_catalog
as $$
declare
    parent text;
    partition text;
begin
    foreach parent in array array['audit_event', 'audit_detail'] loop
        partition := parent || '_' || p_name;
        execute format('create table dp.%I partition of dp.%I %s', partition, parent, p_bounds);
        execute format('create trigger %I before truncate on dp.%I
                            for each statement execute function app.append_only()',
                       partition || '_no_truncate', partition);
        execute format('alter table dp.%I enable row level security', partition);
        execute format('alter table dp.%I force row level security', partition);
    end loop;

    execute format('create unique index %I on dp.%I (id)',
                   'audit_event_' || p_name || '_id_key', 'audit_event_' || p_name);
end
$$;

comment on function app.audit_partition_make(text, text) is
'Does: makes a partition of the events and one of their details.  Parameters: the end of their
names; their bounds, as create table takes them.  A partition has no policy: it is reached through
its parent only.  Called by audit_partition_add() and by migrations.';

create function app.audit_partition_add()
returns bigint
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    width constant bigint := 10000000;
    number bigint;
begin
    lock table dp.audit_event in share update exclusive mode;

    -- The one after the newest: retention drops the oldest.
    select coalesce(max(substring(c.relname from '^audit_event_(\d+)$')::bigint) + 1, 0)
      into number
      from pg_inherits i
      join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'dp.audit_event'::regclass;

    perform app.audit_partition_make(
        number::text, format('for values from (%s) to (%s)', number * width, (number + 1) * width));

    return (number + 1) * width;
end
$$;

comment on function app.audit_partition_add() is
'Does: adds the next partition of 10 million events, and that of their details.  Returns: the first
seq that no such partition covers.  What comes before a partition is there lands in the default one,
so that recording never fails; adding a partition then fails until those rows have been moved.
Locks: audit_event and audit_detail for a moment.';

do $$
begin
    perform app.audit_partition_make('default', 'default');
    perform app.audit_partition_add();
    perform app.audit_partition_add();
end
$$;

commit;
