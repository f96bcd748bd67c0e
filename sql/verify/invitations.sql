-- Verify devpilot:invitations on pg

begin;

select org_id, id, email, scope, role, digest, invited_by, created_at, expires_at, accepted_at,
       accepted_by, revoked_at
  from dp.invitation
 where false;

do $$
begin
    assert not has_column_privilege('dp_api', 'dp.invitation', 'digest', 'select');
    assert has_function_privilege('dp_api', 'app.invitation_accept(bytea, text, bytea)', 'execute');
end
$$;

rollback;
