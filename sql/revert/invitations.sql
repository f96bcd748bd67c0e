-- Revert devpilot:invitations from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop function app.invitations_reap(integer, integer);
drop function app.invitation_accept(bytea, text, bytea);
drop function app.invitation_find(bytea);
drop function app.member_has_email(text);
drop table dp.invitation;

commit;
