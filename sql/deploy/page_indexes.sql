-- Deploy devpilot:page_indexes to pg
-- phase: expand
-- Listings are read newest first, a page at a time.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create index api_key_page_idx on dp.api_key (org_id, created_at, id);

create index project_member_page_idx
    on dp.project_member (org_id, project_id, created_at, user_id);

commit;
