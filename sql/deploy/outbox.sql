-- Deploy devpilot:outbox to pg
-- phase: expand
-- Events for the world outside the transaction, written inside it.  A consumer reads
-- in the order of its key, strictly below the snapshot's xmin, and keeps the last
-- (xid, seq) it saw: no late commit can slip in behind it.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.outbox (
    xid xid8 not null default pg_current_xact_id(),
    seq bigint not null generated always as identity,
    org_id uuid,
    topic text not null,
    key text not null,
    payload json not null,
    trace_id bytea,
    at timestamptz(6) not null default clock_timestamp(),
    constraint outbox_pkey primary key (xid, seq)
);

commit;
