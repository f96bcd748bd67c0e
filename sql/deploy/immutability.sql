-- Deploy devpilot:immutability to pg
-- phase: expand
-- What never changes again: a completed revision, its steps, a locked step.  Steps and
-- revisions are never deleted.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.immutable_row()
returns trigger
language plpgsql
as $$
begin
    raise exception 'a % row is immutable here (%)', tg_table_name, tg_name
          using errcode = 'DP403';
end
$$;

comment on function app.immutable_row() is
'Trigger, with a WHEN that says which change is meant.  Does: refuses (DP403).';

-- A generated column is null in NEW before the row is stored, hence after triggers.
create trigger revision_completed_is_immutable
    after update on dp.revision
    for each row
    when (old.completed_at is not null
          and (new.project_id, new.number, new.parent_id, new.content_hash, new.created_at,
               new.completed_at)
              is distinct from
              (old.project_id, old.number, old.parent_id, old.content_hash, old.created_at,
               old.completed_at))
    execute function app.immutable_row();

create trigger revision_is_never_deleted
    after delete on dp.revision
    for each row execute function app.immutable_row();

create trigger step_locked_is_immutable
    after update on dp.step
    for each row
    when (old.state = 'locked' and new.state = 'locked')
    execute function app.immutable_row();

create trigger step_is_never_deleted
    after delete on dp.step
    for each row execute function app.immutable_row();

create function app.step_revision_open()
returns trigger
language plpgsql
as $$
begin
    -- A subquery per row: a join would be planned for any number of them, as a scan.
    perform
       from changed c
      where (select r.completed_at
               from dp.revision r
              where r.org_id = c.org_id and r.id = c.revision_id) is not null;

    if found then
        raise exception 'the step belongs to a completed revision' using errcode = 'DP403';
    end if;

    return null;
end
$$;

comment on function app.step_revision_open() is
'Trigger, after insert or update for each statement, with the new rows as changed.  Does: refuses a
change to steps of a completed revision (DP403).  Touches: revision.';

create trigger step_revision_open_insert
    after insert on dp.step
    referencing new table as changed
    for each statement execute function app.step_revision_open();

create trigger step_revision_open_update
    after update on dp.step
    referencing new table as changed
    for each statement execute function app.step_revision_open();

commit;
