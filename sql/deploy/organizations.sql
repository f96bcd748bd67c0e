-- Deploy devpilot:organizations to pg
-- phase: expand
-- Tenants, roles and memberships.  The ranks order the roles; what a role may do is
-- data, too, of the change permissions.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.org (
    id uuid not null default gen_random_uuid(),
    slug text collate "C" not null,
    name text not null,
    kind text not null default 'team',
    created_at timestamptz(6) not null default now(),
    deleted_at timestamptz(6),
    constraint org_pkey primary key (id),
    constraint org_slug_key unique (slug),
    constraint org_slug_syntax check (slug ~ '^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$'),
    constraint org_name_length check (length(name) between 1 and 100),
    constraint org_kind_known check (kind in ('personal', 'team'))
);

create table dp.role (
    scope text not null,
    name text not null,
    rank smallint not null,
    constraint role_pkey primary key (scope, name),
    constraint role_rank_key unique (scope, rank),
    constraint role_scope_known check (scope in ('org', 'project', 'platform'))
);

create table dp.permission (
    name text not null,
    operation_id text not null,
    description text not null,
    constraint permission_pkey primary key (name),
    constraint permission_operation_id_key unique (operation_id)
);

comment on column dp.permission.operation_id is
'The operation that it is needed for.';

create table dp.role_permission (
    scope text not null,
    role text not null,
    permission text not null,
    constraint role_permission_pkey primary key (scope, role, permission),
    constraint role_permission_role_fkey foreign key (scope, role) references dp.role,
    constraint role_permission_permission_fkey foreign key (permission) references dp.permission
);

create table dp.org_member (
    org_id uuid not null,
    user_id uuid not null,
    scope text not null default 'org',
    role text not null,
    created_at timestamptz(6) not null default now(),
    constraint org_member_pkey primary key (org_id, user_id),
    constraint org_member_org_fkey foreign key (org_id) references dp.org,
    constraint org_member_user_fkey foreign key (user_id) references dp.app_user,
    constraint org_member_role_fkey foreign key (scope, role) references dp.role,
    constraint org_member_scope_is_org check (scope = 'org')
);

create index org_member_user_idx on dp.org_member (user_id);

insert into dp.role (scope, name, rank)
values ('org', 'organization_admin', 40),
       ('org', 'developer', 20),
       ('org', 'viewer', 10),
       ('project', 'Owner', 40),
       ('project', 'Maintainer', 30),
       ('project', 'Contributor', 20),
       ('project', 'Viewer', 10),
       ('platform', 'ops_admin', 40),
       ('platform', 'ops_operator', 30),
       ('platform', 'ops_auditor', 20),
       ('platform', 'ops_support', 10);

commit;
