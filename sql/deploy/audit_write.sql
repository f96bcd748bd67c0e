-- Deploy devpilot:audit_write to pg
-- phase: expand
-- How an event is written: the leaf hash of docs/audit-format.md, and app.audit(), the
-- only way in.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.audit_field(p_value bytea)
returns bytea
language sql immutable parallel safe
as $$ select coalesce(int4send(octet_length(p_value)) || p_value, '\xffffffff'::bytea) $$;

comment on function app.audit_field(bytea) is
'Returns: the value behind its length, so that no two lists of fields have the same bytes; null has
a length of its own.';

create function app.audit_leaf(p_event dp.audit_event)
returns bytea
language sql stable parallel safe
as $$
    select sha256('\x00'::bytea || convert_to('devpilot.audit.v1', 'UTF8')
                  || app.audit_field(uuid_send(p_event.id))
                  || app.audit_field(uuid_send(p_event.chain_id))
                  || app.audit_field(uuid_send(p_event.org_id))
                  || app.audit_field(int8send((extract(epoch from p_event.at) * 1000000)::bigint))
                  || app.audit_field(convert_to(p_event.actor_type, 'UTF8'))
                  || app.audit_field(uuid_send(p_event.actor_id))
                  || app.audit_field(uuid_send(p_event.credential_id))
                  || app.audit_field(convert_to(p_event.action, 'UTF8'))
                  || app.audit_field(convert_to(p_event.target_type, 'UTF8'))
                  || app.audit_field(convert_to(p_event.target_id, 'UTF8'))
                  || app.audit_field(convert_to(p_event.outcome, 'UTF8'))
                  || app.audit_field(convert_to(p_event.code, 'UTF8'))
                  || app.audit_field(uuid_send(p_event.request_id))
                  || app.audit_field(p_event.trace_id)
                  || app.audit_field(p_event.detail_hash))
$$;

comment on function app.audit_leaf(dp.audit_event) is
'Returns: the leaf hash of an event, as docs/audit-format.md describes it.';

create function app.audit_record(p_event dp.audit_event, p_detail json)
returns bigint
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    event dp.audit_event := p_event;
    salt bytea;
begin
    event.seq := nextval('dp.audit_seq');
    event.chain_id := coalesce(event.org_id, '00000000-0000-0000-0000-000000000000');
    event.xid := pg_current_xact_id();

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

comment on function app.audit_record(dp.audit_event, json) is
'Does: records an event; its number, chain, transaction and hashes are made here.  Parameters: the
event, and its detail or null.  Returns: seq.  Touches: audit_event, audit_detail, audit_unsealed.';

create function app.audit(
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
begin
    event.id := gen_random_uuid();
    event.org_id := app.current_org();
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

    return app.audit_record(event, p_detail);
end
$$;

comment on function app.audit(text, text, text, text, text, json, text, bytea) is
'Does: records an event of this transaction''s tenant, user, key and request.  Parameters: action
(area.verb_in_the_past), target type and id, outcome (success, denied, failure, suppressed), error
code or null, detail or null (kept byte for byte, erasable; personal data belongs nowhere else), type
of actor (user, api_key, system, provider, edge), trace id (16 bytes) or null.  Returns: seq.
Touches: audit_event, audit_detail, audit_unsealed.  Asks no kill switch, so that denials are
recorded while writes are off.';

grant execute
    on function app.audit(text, text, text, text, text, json, text, bytea)
    to dp_api, dp_billing, dp_system, dp_ops;

commit;
