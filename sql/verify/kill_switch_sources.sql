-- Verify devpilot:kill_switch_sources on pg

begin;

select instance, source, name, enabled, note, since
  from dp.kill_switch_source
 where false;

do $$
begin
    assert has_function_privilege('dp_ops', 'app.kill_switch_set(text, boolean, text, text, bigint)',
                                  'execute');
    assert has_function_privilege('dp_ops', 'app.kill_switch_observe(text, text, integer, text)',
                                  'execute');
    assert has_function_privilege('dp_ops', 'app.kill_switch_drained(integer)', 'execute');
    assert not has_table_privilege('dp_ops', 'dp.kill_switch_source', 'update');
    assert (select count(*) = 2
              from pg_trigger
             where tgrelid = 'dp.kill_switch'::regclass
               and tgname in ('kill_switch_stamp', 'kill_switch_record')
               and tgenabled = 'O');
end
$$;

rollback;
