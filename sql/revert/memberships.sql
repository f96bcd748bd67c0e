-- Revert devpilot:memberships from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

revoke delete
    on dp.project_member
  from dp_api;

revoke update (role)
    on dp.org_member, dp.project_member
  from dp_api;

revoke update (name, deleted_at)
    on dp.org
  from dp_api;

drop function app.member_remove(uuid);
drop function app.org_create(uuid, text, text, text, bytea);
drop function app.org_slug_free(text);
drop function app.actor_orgs(timestamptz, uuid, bigint);
drop function app.audit_in(uuid, text, text, text, json, text, bytea);
drop trigger org_member_removed_keeps_admin on dp.org_member;
drop trigger org_member_demoted_keeps_admin on dp.org_member;
drop function app.org_keeps_admin();
drop index dp.org_member_page_idx;

commit;
