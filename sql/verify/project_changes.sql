-- Verify devpilot:project_changes on pg

begin;

do $$
begin
    assert has_column_privilege('dp_api', 'dp.project', 'deleted_at', 'update');
    assert not has_column_privilege('dp_api', 'dp.project', 'slug', 'update');
    assert (select count(*) from pg_trigger
             where tgfoid = 'app.project_deleted()'::regprocedure and tgenabled = 'O') = 1;
end
$$;

rollback;
