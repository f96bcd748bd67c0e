-- Deploy devpilot:readiness to pg
-- phase: expand
-- Whether the schema has what a program was built for.  Deployed by a superuser: the
-- registry is sqitch's, not ours.

begin;
set local lock_timeout = '2s';

grant usage on schema sqitch to dp_owner;
grant select on sqitch.changes to dp_owner;

set local role dp_owner;

create function app.schema_has(p_change text)
returns boolean
language sql stable security definer
set search_path = pg_catalog
as $$
    select exists (
        select
          from sqitch.changes c
         where c.project = 'devpilot'
           and c.change = p_change
    )
$$;

comment on function app.schema_has(text) is
'Returns: whether a change of sqitch.plan is deployed.  Touches: sqitch.changes, as the owner.';

grant execute on function app.schema_has(text) to dp_system;

commit;
