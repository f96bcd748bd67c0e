-- Deploy devpilot:permissions to pg
-- phase: expand
-- What each role may do: every operation of the contract that asks for a role, with the
-- least one that may.  Who has a higher one in the same scope may, too.  t/api/roles.t
-- holds this against the contract.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.permission_define(
    p_scope text,
    p_least_role text,
    p_name text,
    p_operation_id text,
    p_description text
)
returns void
language sql
as $$
    insert into dp.permission (name, operation_id, description)
    values (p_name, p_operation_id, p_description);

    insert into dp.role_permission (scope, role, permission)
    select r.scope, r.name, p_name
      from dp.role r
      join dp.role least on least.scope = p_scope and least.name = p_least_role
     where r.scope = p_scope
       and r.rank >= least.rank;
$$;

comment on function app.permission_define(text, text, text, text, text) is
'Does: makes a permission and gives it to the roles of a scope from the given one upwards.
Parameters: scope, least role, name, the operation it is for, what it allows.  Touches: permission,
role_permission, role.  For changes of the schema.';

select app.permission_define('org', 'viewer', 'org.read', 'getOrg', 'Read the organisation.'),
       app.permission_define('org', 'organization_admin', 'org.update', 'updateOrg', 'Rename the organisation.'),
       app.permission_define('org', 'organization_admin', 'org.delete', 'deleteOrg', 'Delete the organisation.'),
       app.permission_define('org', 'viewer', 'member.list', 'listMembers', 'List the organisation''s members.'),
       app.permission_define('org', 'organization_admin', 'member.set_role', 'setMemberRole',
                             'Give a member another role.'),
       app.permission_define('org', 'organization_admin', 'member.remove', 'removeMember', 'Remove a member.'),
       app.permission_define('org', 'organization_admin', 'invitation.list', 'listInvitations',
                             'List the organisation''s invitations.'),
       app.permission_define('org', 'organization_admin', 'invitation.create', 'createInvitation',
                             'Invite somebody into the organisation.'),
       app.permission_define('org', 'organization_admin', 'invitation.revoke', 'revokeInvitation',
                             'Revoke an invitation.'),
       app.permission_define('org', 'viewer', 'role.list', 'listRoles', 'List the roles and what each may do.'),
       app.permission_define('org', 'developer', 'api_key.list', 'listApiKeys',
                             'List the organisation''s API keys; who does not administer it, his own.'),
       app.permission_define('org', 'viewer', 'audit.summary', 'getAuditSummary', 'Count what was done and refused.'),
       app.permission_define('org', 'viewer', 'audit.checkpoint', 'getAuditCheckpoint', 'Show the newest seal, signed.'),
       app.permission_define('org', 'organization_admin', 'audit.list', 'listAuditEvents', 'List what was done and refused.'),
       app.permission_define('org', 'organization_admin', 'audit.show', 'getAuditEvent', 'Show an audit event.'),
       app.permission_define('org', 'organization_admin', 'audit.prove', 'getAuditProof', 'Prove an audit event.'),
       app.permission_define('org', 'organization_admin', 'audit.export', 'exportAudit', 'Export the audit trail.'),
       app.permission_define('org', 'organization_admin', 'audit.verify', 'verifyAudit', 'Verify the audit trail.'),
       app.permission_define('org', 'organization_admin', 'api_key.create', 'createApiKey',
                             'Make an API key.'),
       app.permission_define('org', 'organization_admin', 'api_key.rotate', 'rotateApiKey',
                             'Make an API key that takes another one''s place.'),
       app.permission_define('org', 'organization_admin', 'api_key.revoke', 'revokeApiKey',
                             'Revoke an API key of the organisation.'),
       app.permission_define('org', 'developer', 'project.create', 'createProject',
                             'Create projects in the organisation.'),
       app.permission_define('project', 'Viewer', 'project.read', 'getProject',
                             'Read a project and its environments.'),
       app.permission_define('project', 'Maintainer', 'project.update', 'updateProject',
                             'Change a project''s name and settings.'),
       app.permission_define('project', 'Owner', 'project.delete', 'deleteProject', 'Delete a project.'),
       app.permission_define('project', 'Viewer', 'project_member.list', 'listProjectMembers',
                             'List a project''s members.'),
       app.permission_define('project', 'Owner', 'project_member.set', 'setProjectMember',
                             'Give a member of the organisation a role in a project.'),
       app.permission_define('project', 'Owner', 'project_member.remove', 'removeProjectMember',
                             'Take a member''s role in a project away.');

commit;
