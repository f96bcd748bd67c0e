-- Verify devpilot:member_permissions on pg

begin;

do $$
begin
    assert (select count(*) from dp.role_permission
             where permission in ('org.read', 'api_key.list', 'api_key.revoke',
                                  'project.list_members', 'project.update',
                                  'project.delete')) = 13;
end
$$;

rollback;
