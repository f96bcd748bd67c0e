-- Revert devpilot:member_permissions from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

delete from dp.role_permission
 where permission in ('org.read', 'api_key.list', 'api_key.revoke', 'project.list_members',
                      'project.update', 'project.delete');

delete from dp.permission
 where name in ('org.read', 'api_key.list', 'api_key.revoke', 'project.list_members',
                'project.update', 'project.delete');

commit;
