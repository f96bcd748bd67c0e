-- Verify devpilot:blueprints on pg

begin;

select name, version, sha256 from dp.blueprint_template where false;
select template, version, ordinal, key, title, json_schema from dp.step_definition where false;

rollback;
