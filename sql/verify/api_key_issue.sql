-- Verify devpilot:api_key_issue on pg

begin;

select end_announced_at
  from dp.api_key
 where false;

do $$
begin
    assert has_column_privilege('dp_api', 'dp.api_key', 'digest', 'insert');
    assert not has_column_privilege('dp_api', 'dp.api_key', 'digest', 'update');
    assert has_function_privilege('dp_system', 'app.api_keys_announce(integer)', 'execute');
    assert exists (select
                     from pg_trigger
                    where tgname = 'api_key_ends_earlier_only');
end
$$;

rollback;
