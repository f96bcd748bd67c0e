-- Deploy devpilot:project_changes to pg
-- phase: expand
-- What updateProject and deleteProject may do to a project, and that a deleted one
-- takes no change itself either.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.project_deleted()
returns trigger
language plpgsql
as $$
begin
    raise exception 'the project is deleted' using errcode = 'DP410';
end
$$;

comment on function app.project_deleted() is
'Trigger, with a WHEN that says who is meant.  Does: refuses (DP410).';

create trigger project_deleted_is_immutable
    after update on dp.project
    for each row
    when (old.deleted_at is not null and current_user not in ('dp_system', 'dp_ops'))
    execute function app.project_deleted();

grant update (name, preview_ttl_hours, deleted_at)
   on dp.project
   to dp_api;

commit;
