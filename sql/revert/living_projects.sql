-- Revert devpilot:living_projects from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

do $$
declare
    name text;
    owner regclass;
begin
    for name, owner in
        select t.tgname, t.tgrelid
          from pg_trigger t
         where t.tgfoid = 'app.project_living()'::regprocedure
    loop
        execute format('drop trigger %I on %s', name, owner);
    end loop;
end
$$;

drop function app.project_living();

commit;
