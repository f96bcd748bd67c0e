-- Verify devpilot:organizations on pg

begin;

select id, slug, name, kind, created_at, deleted_at from dp.org where false;
select org_id, user_id, scope, role, created_at from dp.org_member where false;
select name, operation_id, description from dp.permission where false;
select scope, role, permission from dp.role_permission where false;

do $$
begin
    assert (select count(*) from dp.role) >= 11;
end
$$;

rollback;
