-- Deploy devpilot:kill_switch_sources to pg
-- phase: expand
-- Every change of a kill switch is an audit event, wherever it comes from: the row of
-- dp.kill_switch by a trigger, whoever writes it; what instances have on by themselves
-- (directive, environment, file) by a table of what was last seen there.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

alter table dp.kill_switch
    add column actor text;

comment on column dp.kill_switch.actor is
'Who changed the row last: an operator, as the worker knows him, or the session''s user.';

create table dp.kill_switch_source (
    instance text not null,
    source text not null,
    name text not null,
    enabled boolean not null,
    note text,
    since timestamptz(6) not null,
    constraint kill_switch_source_pkey primary key (instance, source, name),
    constraint kill_switch_source_known
        check (source in ('directive', 'environment', 'file')),
    constraint kill_switch_source_name_fkey
        foreign key (name) references dp.kill_switch (name)
);

comment on table dp.kill_switch_source is
'What an instance (an nginx by its name, a worker by its address) was last seen to have on by itself.
A row appears when a switch is first seen on.';

create function app.kill_switch_event(
    p_action text,
    p_name text,
    p_before boolean,
    p_after boolean,
    p_detail jsonb
)
returns bigint
language sql security definer
set search_path = pg_catalog
as $$
    select app.audit('kill_switch.' || p_action, 'kill_switch', p_name, 'success', null,
                     (jsonb_build_object('before', p_before, 'after', p_after) || p_detail)::json,
                     case when app.current_actor() is null then 'system' else 'user' end,
                     null)
$$;

comment on function app.kill_switch_event(text, text, boolean, boolean, jsonb) is
'Does: records a change of a switch.  Parameters: what happened (turned_on, turned_off, expired,
changed), its name, on before, on after, and what else is to be said.  Returns: seq.  Touches: the audit trail, as its owner.';

create function app.kill_switch_stamp()
returns trigger
language plpgsql
as $$
begin
    new.epoch := old.epoch + 1;
    new.set_at := now();
    new.set_by := app.current_actor();
    new.actor := coalesce(nullif(current_setting('app.operator', true), ''), session_user);

    return new;
end
$$;

comment on function app.kill_switch_stamp() is
'Trigger, before a change of a switch: says who made it and when.';

create function app.kill_switch_record()
returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    action constant text := case when new.enabled and not old.enabled then 'turned_on'
                                 when new.enabled = old.enabled then 'changed'
                                 when old.expires_at <= statement_timestamp() then 'expired'
                                 else 'turned_off' end;
begin
    perform app.kill_switch_event(
        action, new.name, old.enabled, new.enabled,
        jsonb_build_object('source', 'database', 'actor', new.actor, 'reason', new.reason,
                           'epoch', new.epoch, 'expiresAt', new.expires_at));

    return null;
end
$$;

comment on function app.kill_switch_record() is
'Trigger, after a change of a switch: records it.  Touches: the audit trail, as its owner.';

create trigger kill_switch_stamp
    before update on dp.kill_switch
    for each row
    execute function app.kill_switch_stamp();

create trigger kill_switch_record
    after update on dp.kill_switch
    for each row
    execute function app.kill_switch_record();

create function app.kill_switch_set(
    p_name text,
    p_enabled boolean,
    p_reason text,
    p_actor text,
    p_expires_s bigint
)
returns bigint
language plpgsql
as $$
begin
    perform set_config('app.operator', p_actor, true);

    update dp.kill_switch
       set enabled = p_enabled,
           reason = p_reason,
           expires_at = case when p_expires_s > 0
                             then now() + p_expires_s * interval '1 second' end
     where name = p_name;

    -- The generation moves now and not at the end, so that it can be returned.
    set constraints dp.kill_switch_control immediate;

    return (select c.generation from app.control_read(null) c);
end
$$;

comment on function app.kill_switch_set(text, boolean, text, text, bigint) is
'Does: turns a switch.  Parameters: its name, on or off, why, who says so, seconds until it goes off
by itself or 0.  Returns: the generation that edges have to reach.  Touches: kill_switch,
control_state.';

create function app.kill_switch_observe(
    p_instance text,
    p_source text,
    p_switches integer,
    p_note text
)
returns bigint
language sql security definer
set search_path = pg_catalog
as $$
    with seen as (
        insert into dp.kill_switch_source (instance, source, name, enabled, note, since)
        select p_instance, p_source, k.name, p_switches >> k.bit & 1 = 1, p_note, now()
          from dp.kill_switch k
         where p_switches >> k.bit & 1 = 1
            or exists (select
                         from dp.kill_switch_source s
                        where s.instance = p_instance
                          and s.source = p_source
                          and s.name = k.name)
        on conflict (instance, source, name) do update
        set enabled = excluded.enabled,
            note = excluded.note,
            since = excluded.since
        where kill_switch_source.enabled <> excluded.enabled
        returning name, enabled
    )
    select count(app.kill_switch_event(
               case when enabled then 'turned_on' else 'turned_off' end, name, not enabled, enabled,
               jsonb_build_object('source', p_source, 'instance', p_instance, 'note', p_note)))
      from seen
$$;

comment on function app.kill_switch_observe(text, text, integer, text) is
'Does: compares what an instance has on by itself with what was last seen, remembers it, and records
each change once, whoever else saw it.  Parameters: instance, source (directive, environment, file),
bits, and what the source says besides, or null.  Returns: the number of changes.  Touches:
kill_switch_source and the audit trail, as their owner.';

create function app.kill_switch_drained(p_bit integer)
returns boolean
language sql
as $$ select pg_try_advisory_xact_lock(1146113875, p_bit) $$;

comment on function app.kill_switch_drained(integer) is
'Returns: whether no transaction is left that passed the gate of this switch; asked behind the commit
that turned it on, true says that no write of its class will be committed any more.  Touches: the
advisory lock (1146113875, bit), for as long as the transaction.';

grant select
   on dp.kill_switch_source
   to dp_system, dp_ops, dp_ro;

grant update (actor)
   on dp.kill_switch
   to dp_ops;

grant execute on function app.kill_switch_set(text, boolean, text, text, bigint),
                          app.kill_switch_observe(text, text, integer, text),
                          app.kill_switch_drained(integer),
                          app.control_read(bigint)
   to dp_ops;

grant execute on function app.kill_switch_observe(text, text, integer, text),
                          app.kill_switch_drained(integer)
   to dp_system;

commit;
