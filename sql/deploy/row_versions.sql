-- Deploy devpilot:row_versions to pg
-- phase: expand
-- The version of a row that clients change under If-Match: counted here, so that no
-- statement can forget it and none can choose it.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

alter table dp.org
    add column row_version bigint not null default 1;

alter table dp.app_user
    add column row_version bigint not null default 1;

create function app.row_version_next()
returns trigger
language plpgsql
as $$
begin
    new.row_version := old.row_version + 1;

    return new;
end
$$;

comment on function app.row_version_next() is
'Trigger, before update for each row.  Does: counts row_version up by one, whatever the statement
says.';

create trigger org_row_version
    before update on dp.org
    for each row execute function app.row_version_next();

create trigger app_user_row_version
    before update of display_name on dp.app_user
    for each row execute function app.row_version_next();

create trigger project_row_version
    before update on dp.project
    for each row execute function app.row_version_next();

commit;
