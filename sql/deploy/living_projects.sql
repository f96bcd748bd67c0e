-- Deploy devpilot:living_projects to pg
-- phase: expand
-- A deleted project takes no change: not in its members, its revisions, its steps or
-- its environments.  Only dp_system and dp_ops, who take it down or bring it back, and
-- functions of the owner, as when a member leaves, may still touch them.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.project_living()
returns trigger
language plpgsql
as $$
begin
    if current_user in ('dp_system', 'dp_ops', 'dp_owner') then
        return null;
    end if;

    -- A subquery per row: a join would be planned for any number of them, as a scan.
    perform
       from changed c
      where (select p.deleted_at
               from dp.project p
              where p.org_id = c.org_id and p.id = c.project_id) is not null;

    if found then
        raise exception 'the project is deleted' using errcode = 'DP410';
    end if;

    return null;
end
$$;

comment on function app.project_living() is
'Trigger, for each statement, with the changed rows as changed.  Does: refuses a change to what
belongs to a deleted project (DP410).  Touches: project.';

do $$
declare
    name text;
    change text;
begin
    for name, change in
        values ('project_member', 'insert'), ('project_member', 'update'), ('project_member', 'delete'),
               ('revision', 'insert'), ('revision', 'update'),
               ('step', 'insert'), ('step', 'update'),
               ('environment', 'insert'), ('environment', 'update'), ('environment', 'delete')
    loop
        execute format('create trigger %I after %s on dp.%I referencing %s table as changed
                            for each statement execute function app.project_living()',
                       name || '_project_living_' || change, change, name,
                       case change when 'delete' then 'old' else 'new' end);
    end loop;
end
$$;

commit;
