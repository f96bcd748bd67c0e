-- Verify devpilot:row_security on pg

begin;

do $$
begin
    assert (select count(*) from pg_policies
             where schemaname = 'dp' and policyname = 'tenant') >= 16;
    assert (select count(*) from pg_policies
             where schemaname = 'dp' and policyname = 'platform') >= 16;
end
$$;

rollback;
