-- Deploy devpilot:fsm to pg
-- phase: expand
-- State machines as data.  A stateful table has the columns org_id, id and state, and
-- two triggers: fsm_initial on insert, with a WHEN that lets the usual initial
-- state pass without a call, and fsm_transition after a change of state.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.fsm_state (
    machine text not null,
    kind text not null default '*',
    state text not null,
    is_initial boolean not null default false,
    is_terminal boolean not null default false,
    constraint fsm_state_pkey primary key (machine, kind, state)
);

comment on table dp.fsm_state is
'States of every machine.  kind: a variant of a machine with its own transitions, else *.';

create table dp.fsm_transition (
    machine text not null,
    kind text not null default '*',
    from_state text not null,
    to_state text not null,
    event text not null,
    source text not null,
    constraint fsm_transition_pkey primary key (machine, kind, from_state, to_state, event),
    constraint fsm_transition_from_fkey foreign key (machine, kind, from_state)
        references dp.fsm_state,
    constraint fsm_transition_to_fkey foreign key (machine, kind, to_state)
        references dp.fsm_state,
    constraint fsm_transition_moves check (from_state <> to_state)
);

comment on table dp.fsm_transition is
'The allowed transitions: the one source for triggers, worker, tests and docs.  source: the
requirement that a transition comes from.';

create table dp.fsm_history (
    id bigint generated always as identity,
    org_id uuid not null,
    machine text not null,
    entity_id uuid not null,
    from_state text not null,
    to_state text not null,
    event text,
    request_id uuid,
    at timestamptz(6) not null default clock_timestamp(),
    constraint fsm_history_pkey primary key (id)
);

create index fsm_history_entity_idx on dp.fsm_history (org_id, machine, entity_id, id);

comment on table dp.fsm_history is
'Every transition that happened; a row''s first state is no transition.  Feeds
environment_state_transitions_total.';

create trigger fsm_history_append_only
    before update or delete on dp.fsm_history
    for each row execute function app.append_only();

create trigger fsm_history_no_truncate
    before truncate on dp.fsm_history
    for each statement execute function app.append_only();

create function app.fsm_initial()
returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    variant text := '*';
begin
    if tg_nargs = 2 then
        variant := new.kind;
    end if;

    perform
       from dp.fsm_state s
      where s.machine = tg_argv[0]
        and s.kind = variant
        and s.state = new.state
        and s.is_initial;

    if not found then
        raise exception '% cannot begin as %', tg_argv[0], new.state
              using errcode = 'DP409';
    end if;

    return null;
end
$$;

comment on function app.fsm_initial() is
'Trigger (machine [, ''kind'' when the table has that column]), after insert for each row.  Does:
refuses a first state that is not an initial one (DP409).  Touches: fsm_state.';

create function app.fsm_event(p_machine text, p_kind text, p_from text, p_to text)
returns text
language plpgsql stable security definer
set search_path = pg_catalog
as $$
declare
    named text := nullif(current_setting('app.fsm_event', true), '');
    matches bigint;
    happened text;
begin
    select count(*), min(t.event)
      into matches, happened
      from dp.fsm_transition t
     where t.machine = p_machine
       and t.kind = p_kind
       and t.from_state = p_from
       and t.to_state = p_to
       and (named is null or t.event = named);

    if matches = 0 then
        raise exception '% cannot go from % to % (event %)',
              p_machine, p_from, p_to, coalesce(named, 'any')
              using errcode = 'DP409';
    end if;

    return case matches when 1 then happened end;
end
$$;

comment on function app.fsm_event(text, text, text, text) is
'Does: refuses a transition that is no row of fsm_transition (DP409), and one whose event differs
from the setting app.fsm_event when that is given.  Returns: the event, or null when several are
possible and none was named.  Touches: fsm_transition.';

create function app.fsm_guard()
returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    perform app.fsm_event(tg_argv[0], '*', old.state, new.state);

    return null;
end
$$;

comment on function app.fsm_guard() is
'Trigger (machine), after update for each row, when the state changed.  Does: refuses what
fsm_event() refuses, and records nothing: for rows that change their state often and are kept only
for a while.';

create function app.fsm_transition()
returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    variant text := '*';
begin
    if tg_nargs = 2 then
        variant := new.kind;
    end if;

    insert into dp.fsm_history (org_id, machine, entity_id, from_state, to_state, event, request_id)
    values (new.org_id, tg_argv[0], new.id, old.state, new.state,
            app.fsm_event(tg_argv[0], variant, old.state, new.state), app.request_id());

    return null;
end
$$;

comment on function app.fsm_transition() is
'Trigger (machine [, ''kind'']), after update for each row, when the state changed.  Does: refuses
what fsm_event() refuses, and records the transition.  Touches: fsm_history.';

commit;
