-- Revert devpilot:blueprints from pg

begin;
set local lock_timeout = '2s';
set local role dp_owner;

drop table dp.step_definition;
drop table dp.blueprint_template;

commit;
