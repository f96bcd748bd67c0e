-- Revert devpilot:template_platform_1 from pg
-- generated from templates/platform-1.yaml by scripts/generate-contract; do not edit

begin;
set local lock_timeout = '2s';
set local role dp_owner;

delete from dp.step_definition where template = 'platform' and version = 1;
delete from dp.blueprint_template where name = 'platform' and version = 1;

commit;
