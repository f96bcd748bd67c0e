-- Verify devpilot:api_key_revocation on pg

begin;

do $$
begin
    assert has_column_privilege('dp_api', 'dp.api_key', 'revoked_at', 'update');
    assert not has_column_privilege('dp_api', 'dp.api_key', 'max_role', 'update');
    assert exists (select from pg_trigger
                    where tgrelid = 'dp.api_key'::regclass
                      and tgname = 'api_key_revoked_is_immutable' and tgenabled = 'O');
end
$$;

rollback;
