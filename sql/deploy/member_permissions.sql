-- Deploy devpilot:member_permissions to pg
-- phase: expand
-- What roles may do with their organisation, its API keys and an existing project.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

insert into dp.permission (name, description)
values ('org.read', 'Read the organisation.'),
       ('api_key.list', 'List the organisation''s API keys; who does not administer it, his own.'),
       ('api_key.revoke', 'Revoke an API key of the organisation.'),
       ('project.list_members', 'List a project''s members.'),
       ('project.update', 'Change a project''s name and settings.'),
       ('project.delete', 'Delete a project.');

insert into dp.role_permission (scope, role, permission)
values ('org', 'organization_admin', 'org.read'),
       ('org', 'developer', 'org.read'),
       ('org', 'viewer', 'org.read'),
       ('org', 'organization_admin', 'api_key.list'),
       ('org', 'developer', 'api_key.list'),
       ('org', 'organization_admin', 'api_key.revoke'),
       ('project', 'Owner', 'project.list_members'),
       ('project', 'Maintainer', 'project.list_members'),
       ('project', 'Contributor', 'project.list_members'),
       ('project', 'Viewer', 'project.list_members'),
       ('project', 'Owner', 'project.update'),
       ('project', 'Maintainer', 'project.update'),
       ('project', 'Owner', 'project.delete');

commit;
