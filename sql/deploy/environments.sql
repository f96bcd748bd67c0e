-- Deploy devpilot:environments to pg
-- phase: expand
-- A project's environments: the three core ones, and previews, of which a project has
-- at most fifteen because there are fifteen slots.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.environment (
    org_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    kind text not null,
    name text not null,
    state text not null default 'pending',
    state_detail text,
    branch text,
    branch_slug text,
    preview_slot smallint,
    url text,
    row_version bigint not null default 1,
    created_at timestamptz(6) not null default now(),
    last_activity_at timestamptz(6) not null default now(),
    expires_at timestamptz(6),
    constraint environment_pkey primary key (org_id, id),
    constraint environment_project_fkey foreign key (org_id, project_id) references dp.project,
    constraint environment_kind_known check (kind in ('core', 'preview')),
    constraint environment_core_named
        check ((kind = 'core') = (name in ('dev', 'staging', 'prod'))),
    constraint environment_preview_named
        check (kind <> 'preview' or (branch_slug is not null and name = 'preview-' || branch_slug)),
    constraint environment_preview_slotted
        check ((kind = 'preview') = (preview_slot is not null)),
    constraint environment_preview_expires
        check (kind <> 'preview' or expires_at is not null),
    constraint environment_slot_range check (preview_slot between 1 and 15)
);

create unique index environment_name_key
    on dp.environment (org_id, project_id, name)
    where state <> 'archived';

create unique index environment_slot_key
    on dp.environment (org_id, project_id, preview_slot)
    where preview_slot is not null and state <> 'archived';

create trigger environment_fsm_initial
    after insert on dp.environment
    for each row when (new.kind <> 'core' or new.state <> 'pending')
    execute function app.fsm_initial('environment', 'kind');

create trigger environment_fsm_transition
    after update on dp.environment
    for each row when (old.state <> new.state)
    execute function app.fsm_transition('environment', 'kind');

commit;
