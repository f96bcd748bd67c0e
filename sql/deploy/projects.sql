-- Deploy devpilot:projects to pg
-- phase: expand
-- The project, root of a tenant's aggregates, and who may do what in it.  A deleted
-- project keeps its rows and frees its slug.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.project (
    org_id uuid not null,
    id uuid not null,
    name text not null,
    slug text collate "C" not null,
    template text collate "C" not null,
    template_version integer not null,
    preview_ttl_hours smallint not null default 72,
    row_version bigint not null default 1,
    created_by uuid not null,
    created_at timestamptz(6) not null default now(),
    deleted_at timestamptz(6),
    constraint project_pkey primary key (org_id, id),
    -- URLs name a project without its organisation.
    constraint project_id_key unique (id),
    constraint project_org_fkey foreign key (org_id) references dp.org,
    constraint project_template_fkey
        foreign key (template, template_version) references dp.blueprint_template,
    constraint project_name_length check (length(name) between 1 and 100),
    constraint project_slug_syntax check (slug ~ '^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$'),
    constraint project_preview_ttl_range check (preview_ttl_hours between 24 and 168)
);

create unique index project_slug_key on dp.project (org_id, slug) where deleted_at is null;
create index project_page_idx on dp.project (org_id, created_at, id) where deleted_at is null;

create table dp.project_member (
    org_id uuid not null,
    project_id uuid not null,
    user_id uuid not null,
    scope text not null default 'project',
    role text not null,
    created_at timestamptz(6) not null default now(),
    constraint project_member_pkey primary key (org_id, project_id, user_id),
    constraint project_member_project_fkey foreign key (org_id, project_id) references dp.project,
    constraint project_member_member_fkey foreign key (org_id, user_id) references dp.org_member,
    constraint project_member_role_fkey foreign key (scope, role) references dp.role,
    constraint project_member_scope_is_project check (scope = 'project')
);

create index project_member_user_idx on dp.project_member (org_id, user_id);

create function app.project_slug_free(p_base text)
returns text
language plpgsql
as $$
declare
    org uuid := app.current_org();
    candidate text := p_base;
begin
    for suffix in 2 .. 10 loop
        if pg_try_advisory_xact_lock(
               hashtextextended(concat_ws(' ', 'slug', org, candidate), 0)) then
            -- This statement's snapshot is younger than the lock.
            perform
               from dp.project p
              where p.org_id = org
                and p.slug = candidate
                and p.deleted_at is null;

            if not found then
                return candidate;
            end if;
        end if;

        candidate := rtrim(left(p_base, 57), '-') || '-' || suffix;
    end loop;

    return rtrim(left(p_base, 47), '-') || '-'
           || left(encode(uuid_send(gen_random_uuid()), 'hex'), 12);
end
$$;

comment on function app.project_slug_free(text) is
'Does: finds a slug that no living project of the tenant has, and that no other transaction is about
to take: the base, else with a suffix from -2 to -9, else with a random one.  Parameter: 1 to 60 of
[a-z0-9-], neither end a hyphen.  Returns: the slug, reserved until the transaction ends against
others who ask here; project_slug_key is the last word.  Needs READ COMMITTED.  Touches: project,
advisory locks.';

grant execute on function app.project_slug_free(text) to dp_api;

commit;
