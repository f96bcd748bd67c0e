-- Deploy devpilot:living_projects to pg
-- phase: expand
-- A deleted project takes no change: not in its members, its revisions, its steps or
-- its environments.  Only dp_system and dp_ops, who take it down or bring it back, may
-- still touch them.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.project_living()
returns trigger
language plpgsql
as $$
begin
    if current_user in ('dp_system', 'dp_ops') then
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

create trigger project_member_project_living_insert
    after insert on dp.project_member
    referencing new table as changed
    for each statement execute function app.project_living();

create trigger project_member_project_living_update
    after update on dp.project_member
    referencing new table as changed
    for each statement execute function app.project_living();

create trigger revision_project_living_insert
    after insert on dp.revision
    referencing new table as changed
    for each statement execute function app.project_living();

create trigger revision_project_living_update
    after update on dp.revision
    referencing new table as changed
    for each statement execute function app.project_living();

create trigger step_project_living_insert
    after insert on dp.step
    referencing new table as changed
    for each statement execute function app.project_living();

create trigger step_project_living_update
    after update on dp.step
    referencing new table as changed
    for each statement execute function app.project_living();

create trigger environment_project_living_insert
    after insert on dp.environment
    referencing new table as changed
    for each statement execute function app.project_living();

create trigger environment_project_living_update
    after update on dp.environment
    referencing new table as changed
    for each statement execute function app.project_living();

create trigger project_member_project_living_delete
    after delete on dp.project_member
    referencing old table as changed
    for each statement execute function app.project_living();

create trigger environment_project_living_delete
    after delete on dp.environment
    referencing old table as changed
    for each statement execute function app.project_living();

commit;
