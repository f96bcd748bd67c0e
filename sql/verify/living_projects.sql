-- Verify devpilot:living_projects on pg

begin;

do $$
begin
    assert (select count(*) from pg_trigger
             where tgfoid = 'app.project_living()'::regprocedure and tgenabled = 'O') = 10;
end
$$;

rollback;
