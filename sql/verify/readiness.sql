-- Verify devpilot:readiness on pg

begin;

do $$
begin
    assert app.schema_has('roles');
end
$$;

rollback;
