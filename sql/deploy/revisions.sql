-- Deploy devpilot:revisions to pg
-- phase: expand
-- A project's revisions and their steps.  One revision of a project is active; a
-- completed one never changes; a step's data is kept byte for byte.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.revision (
    org_id uuid not null,
    id uuid not null,
    project_id uuid not null,
    number integer not null,
    parent_id uuid,
    state text not null default 'in_progress',
    is_active boolean not null default true,
    content_hash bytea,
    created_at timestamptz(6) not null default now(),
    completed_at timestamptz(6),
    -- What exists for completed revisions only refers to (org_id, id, true).
    is_complete boolean not null generated always as (completed_at is not null) stored,
    constraint revision_pkey primary key (org_id, id),
    constraint revision_number_key unique (org_id, project_id, number),
    constraint revision_project_key unique (org_id, project_id, id),
    constraint revision_project_fkey foreign key (org_id, project_id) references dp.project,
    constraint revision_parent_fkey
        foreign key (org_id, project_id, parent_id)
        references dp.revision (org_id, project_id, id),
    constraint revision_number_positive check (number > 0),
    constraint revision_completion_dated
        check ((state in ('completed', 'superseded')) = (completed_at is not null)),
    constraint revision_completion_hashed
        check ((completed_at is null) = (content_hash is null))
);

create unique index revision_active_key on dp.revision (org_id, project_id) where is_active;

create trigger revision_fsm_initial
    after insert on dp.revision
    for each row when (new.state <> 'in_progress')
    execute function app.fsm_initial('revision');

create trigger revision_fsm_transition
    after update on dp.revision
    for each row when (old.state <> new.state)
    execute function app.fsm_transition('revision');

create table dp.step (
    org_id uuid not null,
    id uuid not null default gen_random_uuid(),
    project_id uuid not null,
    revision_id uuid not null,
    ordinal smallint not null,
    state text not null default 'pending',
    version integer not null default 0,
    data json,
    data_hash bytea,
    locked_at timestamptz(6),
    locked_by uuid,
    constraint step_pkey primary key (org_id, id),
    constraint step_ordinal_key unique (org_id, revision_id, ordinal),
    constraint step_revision_fkey
        foreign key (org_id, project_id, revision_id)
        references dp.revision (org_id, project_id, id),
    constraint step_ordinal_positive check (ordinal > 0),
    constraint step_lock_dated check ((state = 'locked') = (locked_at is not null)),
    constraint step_lock_has_data check (state <> 'locked' or data is not null),
    constraint step_data_hashed check ((data is null) = (data_hash is null))
);

create trigger step_fsm_initial
    after insert on dp.step
    for each row when (new.state <> 'pending')
    execute function app.fsm_initial('step');

create trigger step_fsm_transition
    after update on dp.step
    for each row when (old.state <> new.state)
    execute function app.fsm_transition('step');

commit;
