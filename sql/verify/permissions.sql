-- Verify devpilot:permissions on pg

begin;

do $$
begin
    assert (select string_agg(role, ' ' order by role) from dp.role_permission
             where permission = 'project.update') = 'Maintainer Owner';
    assert not has_function_privilege('dp_api', 'app.permission_define(text, text, text, text, text)',
                                      'execute');
end
$$;

rollback;
