-- Verify devpilot:page_indexes on pg

begin;

do $$
begin
    assert to_regclass('dp.api_key_page_idx') is not null;
    assert to_regclass('dp.project_member_page_idx') is not null;
end
$$;

rollback;
