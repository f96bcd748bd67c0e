-- Verify devpilot:control_feed on pg

begin;

select user_burst, user_per_minute, project_burst, project_per_minute
  from dp.plan
 where false;

do $$
begin
    assert (select count(*) from app.control_read(0)) = 1;
    assert (select count(*) from pg_trigger
             where tgfoid = 'app.control_changed()'::regprocedure and tgenabled = 'O') >= 12;
end
$$;

rollback;
