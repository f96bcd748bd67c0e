-- Verify devpilot:control on pg

begin;

do $$
begin
    assert (select count(*) from dp.kill_switch) >= 7;
    assert app.enter_write(0) = 0;
end
$$;

rollback;
