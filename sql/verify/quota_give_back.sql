-- Verify devpilot:quota_give_back on pg

begin;

do $$
begin
    assert has_function_privilege('dp_api', 'app.quota_give_back(text, bigint)', 'execute');
end
$$;

rollback;
