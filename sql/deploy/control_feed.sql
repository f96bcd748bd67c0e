-- Deploy devpilot:control_feed to pg
-- phase: expand
-- What every edge must know within a second: switches, plans' rates, and whose
-- principals are to be asked for anew.  All of it is state with one generation;
-- each change moves the generation, at the end of its own transaction, under the
-- lock of one row: the order of generations is the order of commits, and whoever
-- sees a generation sees all before it.  What creates things changes no control
-- state: NOTIFY lets transactions commit one at a time only.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.control_state (
    single boolean not null default true,
    generation bigint not null,
    floor bigint not null,
    constraint control_state_pkey primary key (single),
    constraint control_state_is_one_row check (single),
    constraint control_state_floor_is_past check (floor <= generation)
);

comment on column dp.control_state.generation is
'Microseconds since 1970 at its last move, or more: a restored backup does not fall behind edges.';

comment on column dp.control_state.floor is
'What was read before this generation is to be read again, whomever it is about.';

create table dp.control_revocation (
    subject uuid not null,
    generation bigint not null,
    constraint control_revocation_pkey primary key (subject),
    constraint control_revocation_generation_key unique (generation)
);

comment on column dp.control_revocation.subject is
'A credential, user or organisation: what was read about its principals before this generation is to
be read again.';

insert into dp.control_state (generation, floor)
select n, n
  from (values ((extract(epoch from clock_timestamp()) * 1000000)::bigint)) v (n);

alter table dp.plan
    add column user_burst integer not null default 0,
    add column user_per_minute integer not null default 0,
    add column project_burst integer not null default 0,
    add column project_per_minute integer not null default 0,
    add constraint plan_rates_not_negative
        check (least(user_burst, user_per_minute, project_burst, project_per_minute) >= 0) not valid;

comment on column dp.plan.user_burst is
'Tokens of a user''s bucket; 0, here or in the rate: the edge''s configuration decides.';

create function app.control_move(p_least bigint)
returns bigint
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    moved bigint;
begin
    update dp.control_state
       set generation = greatest(generation + 1, p_least,
                                 (extract(epoch from clock_timestamp()) * 1000000)::bigint)
    returning generation into moved;

    perform pg_notify('devpilot_control', '');

    return moved;
end
$$;

comment on function app.control_move(bigint) is
'Does: moves the generation and tells the workers when the transaction commits.  Parameter: not below
this one.  Returns: the new generation; its row stays locked until the transaction ends.  Touches:
control_state, as its owner; NOTIFY devpilot_control.';

create function app.control_changed()
returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    kept constant bigint := 3600000000;
    moved bigint := app.control_move(0);
    forgotten bigint;
begin
    if tg_nargs = 0 then
        return null;
    end if;

    insert into dp.control_revocation (subject, generation)
    values ((to_jsonb(case tg_op when 'INSERT' then new else old end) ->> tg_argv[0])::uuid, moved)
    on conflict (subject) do update
    set generation = excluded.generation;

    with gone as (
        delete from dp.control_revocation
         where generation < moved - kept
        returning generation
    )
    select max(generation)
      into forgotten
      from gone;

    if forgotten is not null then
        update dp.control_state
           set floor = greatest(floor, forgotten);
    end if;

    return null;
end
$$;

comment on function app.control_changed() is
'Trigger, after the change of a row that is control state, deferred so that the lock it takes is the
transaction''s last.  Argument: the column that names the subject, or none.  Does: moves the
generation and revokes the subject; revocations older than an hour become the floor.  Touches:
control_state, control_revocation, as their owner; NOTIFY.';

create constraint trigger kill_switch_control
    after update on dp.kill_switch
    deferrable initially deferred
    for each row
    execute function app.control_changed();

create constraint trigger plan_control
    after insert or update or delete on dp.plan
    deferrable initially deferred
    for each row
    execute function app.control_changed();

create constraint trigger api_key_control
    after update on dp.api_key
    deferrable initially deferred
    for each row
    when ((old.revoked_at, old.expires_at, old.digest, old.max_role, old.scopes, old.auth_level)
          is distinct from
          (new.revoked_at, new.expires_at, new.digest, new.max_role, new.scopes, new.auth_level))
    execute function app.control_changed('id');

create constraint trigger api_key_deleted_control
    after delete on dp.api_key
    deferrable initially deferred
    for each row
    execute function app.control_changed('id');

create constraint trigger org_member_control
    after update on dp.org_member
    deferrable initially deferred
    for each row
    when (old.role <> new.role)
    execute function app.control_changed('user_id');

create constraint trigger org_member_deleted_control
    after delete on dp.org_member
    deferrable initially deferred
    for each row
    execute function app.control_changed('user_id');

create constraint trigger project_member_control
    after update on dp.project_member
    deferrable initially deferred
    for each row
    when (old.role <> new.role)
    execute function app.control_changed('user_id');

create constraint trigger project_member_deleted_control
    after delete on dp.project_member
    deferrable initially deferred
    for each row
    execute function app.control_changed('user_id');

create constraint trigger app_user_control
    after update on dp.app_user
    deferrable initially deferred
    for each row
    when (old.status <> new.status)
    execute function app.control_changed('id');

create constraint trigger org_control
    after update on dp.org
    deferrable initially deferred
    for each row
    when (old.deleted_at is distinct from new.deleted_at)
    execute function app.control_changed('id');

create constraint trigger subscription_control
    after update on dp.subscription
    deferrable initially deferred
    for each row
    when (old.plan <> new.plan)
    execute function app.control_changed('org_id');

create constraint trigger subscription_made_control
    after insert on dp.subscription
    deferrable initially deferred
    for each row
    execute function app.control_changed('org_id');

create function app.control_read(p_known bigint)
returns table (
    generation bigint,
    floor bigint,
    switches integer,
    expired boolean,
    plans bytea,
    revocations bytea
)
language plpgsql stable security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
declare
    told constant integer := 4096;
begin
    return query
    select s.generation,
           greatest(s.floor, coalesce((select r.generation
                                         from dp.control_revocation r
                                        where s.generation <> p_known
                                        order by r.generation desc
                                       offset told
                                        limit 1), 0)),
           (select coalesce(bit_or(1 << k.bit), 0)
              from dp.kill_switch k
             where k.enabled),
           exists (select
                     from dp.kill_switch k
                    where k.enabled
                      and k.expires_at <= statement_timestamp()),
           (select string_agg(int2send(p.rank) || int4send(p.user_burst)
                              || int4send(p.user_per_minute) || int4send(p.project_burst)
                              || int4send(p.project_per_minute), ''::bytea order by p.rank)
              from dp.plan p
             where s.generation <> p_known),
           (select string_agg(uuid_send(r.subject) || int8send(r.generation), ''::bytea
                              order by r.generation)
              from (select c.subject, c.generation
                      from dp.control_revocation c
                     where s.generation <> p_known
                     order by c.generation desc
                     limit told) r)
      from dp.control_state s;
end
$$;

comment on function app.control_read(bigint) is
'Parameter: the generation that the caller knows.  Returns: the control state, one row, all of it a
function of its generation: plans and revocations in the form of dp_control.h, the latter in the
order of their generations, both null when the caller knows them; the newest 4096 revocations, what
is older raises the floor; expired: a switch is to be turned off by kill_switches_expire().
Touches: control_state, control_revocation, kill_switch, plan, as their owner.';

create function app.control_catch_up(p_seen bigint)
returns void
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    moved bigint;
begin
    perform
       from dp.control_state
      where generation < p_seen
        for update;

    if found then
        moved := app.control_move(p_seen + 1);

        update dp.control_state
           set floor = moved;
    end if;
end
$$;

comment on function app.control_catch_up(bigint) is
'Does: after a restore from a backup, passes the generation that an edge has seen, and has all
principals asked for anew.  Touches: control_state, as its owner.';

create function app.kill_switches_expire()
returns void
language sql security definer
set search_path = pg_catalog
as $$
    update dp.kill_switch
       set enabled = false
     where enabled
       and expires_at <= statement_timestamp()
$$;

comment on function app.kill_switches_expire() is
'Does: turns the switches off whose time is over.  Touches: kill_switch, as its owner.';

grant execute on function app.control_read(bigint), app.control_catch_up(bigint),
                          app.kill_switches_expire()
   to dp_system;

commit;
