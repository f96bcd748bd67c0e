-- Revert devpilot:page_indexes from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop index dp.project_member_page_idx;
drop index dp.api_key_page_idx;

commit;
