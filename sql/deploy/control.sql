-- Deploy devpilot:control to pg
-- phase: expand
-- Kill switches.  A write takes its switches' advisory locks shared and keeps them to
-- its end; who turns a switch on commits first and then polls for the exclusive
-- lock: once he has it, no write of that class is left that saw it off.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.kill_switch (
    name text not null,
    bit smallint not null,
    enabled boolean not null default false,
    epoch bigint not null default 0,
    reason text,
    set_by uuid,
    set_at timestamptz(6) not null default now(),
    expires_at timestamptz(6),
    constraint kill_switch_pkey primary key (name),
    constraint kill_switch_bit_key unique (bit),
    constraint kill_switch_bit_range check (bit between 0 and 30),
    constraint kill_switch_says_why check (not enabled or coalesce(reason, '') <> '')
);

comment on column dp.kill_switch.bit is
'Bit of the words that edge and worker exchange, and second half of the advisory lock
(1146113875, bit).';

insert into dp.kill_switch (name, bit)
values ('GLOBAL_WRITE', 0),
       ('BILLING', 1),
       ('WEBHOOKS', 2),
       ('BACKGROUND_JOBS', 3),
       ('EXTERNAL_INTEGRATIONS', 4),
       ('AI', 5),
       ('SIGNUP', 6);

create function app.kill_switches_on()
returns integer
language plpgsql stable
as $$
begin
    return (
        select coalesce(bit_or(1 << k.bit), 0)
          from dp.kill_switch k
         where k.enabled
           and (k.expires_at is null or k.expires_at > statement_timestamp())
    );
end
$$;

comment on function app.kill_switches_on() is
'Returns: the bits of the switches that are on.  Touches: kill_switch.';

create function app.enter_write(p_switches integer)
returns integer
language plpgsql
as $$
begin
    if p_switches = 0 then
        return 0;
    end if;

    perform pg_advisory_xact_lock_shared(1146113875, bit)
       from generate_series(0, 30) bit
      where p_switches >> bit & 1 = 1;

    -- The next statement's snapshot is younger than the locks.
    return p_switches & app.kill_switches_on();
end
$$;

comment on function app.enter_write(integer) is
'Does: holds the given switches off, if they are off, until the transaction ends.  Parameter: the
bits of the switches that stop this write; 0 takes no lock.  Returns: those of them that are on;
the caller refuses unless it is 0.  Needs READ COMMITTED.  Touches: kill_switch, advisory locks
(1146113875, bit).';

grant execute on function app.kill_switches_on() to dp_api, dp_billing, dp_system, dp_ops;
grant execute on function app.enter_write(integer) to dp_api, dp_billing, dp_system, dp_ops;

commit;
