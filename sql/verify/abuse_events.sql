-- Verify devpilot:abuse_events on pg

begin;

select subject_kind, subject, name, tier, level, until, reason, expired, changed_at, generation
  from dp.abuse_block
 where false;

do $$
begin
    assert app.control_blocks(1, 1) is null;
    assert has_function_privilege('dp_system', 'app.abuse_events_store(json)', 'execute');
    assert has_function_privilege(
        'dp_ops', 'app.abuse_lift(text, bytea, text, text, text)', 'execute');
end
$$;

rollback;
