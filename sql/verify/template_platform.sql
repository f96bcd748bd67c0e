-- Verify devpilot:template_platform on pg

begin;

do $$
begin
    assert (select count(*) from dp.step_definition
             where template = 'platform' and version = 1) = 8;
end
$$;

rollback;
