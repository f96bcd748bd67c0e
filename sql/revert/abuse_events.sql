-- Revert devpilot:abuse_events from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.abuse_lift(text, bytea, text, text, text);
drop function app.abuse_events_store(json);
drop function app.abuse_block_end(app.abuse_event);
drop function app.abuse_block_put(app.abuse_event);
drop function app.abuse_event_audit(app.abuse_event);
drop type app.abuse_event;
drop function app.abuse_lock();

create or replace function app.audit(
    p_action text,
    p_target_type text,
    p_target_id text,
    p_outcome text,
    p_code text,
    p_detail json,
    p_actor_type text,
    p_trace_id bytea
)
returns bigint
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    event dp.audit_event;
    salt bytea;
begin
    event.seq := nextval('dp.audit_seq');
    event.id := gen_random_uuid();
    event.org_id := app.current_org();
    event.chain_id := coalesce(event.org_id, '00000000-0000-0000-0000-000000000000');
    event.xid := pg_current_xact_id();
    event.at := clock_timestamp();
    event.actor_type := p_actor_type;
    event.actor_id := app.current_actor();
    event.credential_id := app.current_credential();
    event.action := p_action;
    event.target_type := p_target_type;
    event.target_id := p_target_id;
    event.outcome := p_outcome;
    event.code := p_code;
    event.request_id := app.request_id();
    event.trace_id := p_trace_id;

    if p_detail is not null then
        -- 122 random bits: a detail cannot be guessed from its hash.
        salt := uuid_send(gen_random_uuid());
        event.detail_hash := sha256(salt || convert_to(p_detail::text, 'UTF8'));

        insert into dp.audit_detail (seq, org_id, salt, detail)
        values (event.seq, event.org_id, salt, p_detail);
    end if;

    event.leaf_hash := app.audit_leaf(event);

    insert into dp.audit_event
    values (event.*);

    insert into dp.audit_unsealed (chain_id, seq, xid)
    values (event.chain_id, event.seq, event.xid);

    return event.seq;
end
$$;

drop function app.audit_record(dp.audit_event, json);
drop function app.control_blocks(bigint, bigint);
drop table dp.abuse_block;
drop function app.abuse_block_changed();

commit;
