-- Verify devpilot:organizations on pg

begin;

select id, slug, name, kind, created_at, deleted_at from dp.org where false;
select org_id, user_id, scope, role, created_at from dp.org_member where false;

do $$
begin
    assert (select count(*) from dp.role) >= 11;
    assert (select count(*) from dp.permission) >= 3;
    assert (select count(*) from dp.role_permission) >= 9;
end
$$;

rollback;
