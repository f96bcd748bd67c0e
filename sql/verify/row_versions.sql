-- Verify devpilot:row_versions on pg

begin;

select row_version
  from dp.org
 where false;
select row_version
  from dp.app_user
 where false;

do $$
begin
    assert (select count(*) from pg_trigger
             where tgfoid = 'app.row_version_next()'::regprocedure and tgenabled = 'O') = 3;
end
$$;

rollback;
