-- Deploy devpilot:template_platform to pg
-- Version 1 of the template 'platform' and its eight steps.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

insert into dp.blueprint_template (name, version)
values ('platform', 1);

insert into dp.step_definition (template, version, ordinal, key, title, json_schema)
values ('platform', 1, 1, 'vision', 'Vision', '{"type":"object"}'),
       ('platform', 1, 2, 'users', 'Users', '{"type":"object"}'),
       ('platform', 1, 3, 'requirements', 'Requirements', '{"type":"object"}'),
       ('platform', 1, 4, 'architecture', 'Architecture', '{"type":"object"}'),
       ('platform', 1, 5, 'data_model', 'Data model', '{"type":"object"}'),
       ('platform', 1, 6, 'api', 'API', '{"type":"object"}'),
       ('platform', 1, 7, 'security_operations', 'Security and operations', '{"type":"object"}'),
       ('platform', 1, 8, 'delivery_plan', 'Delivery plan', '{"type":"object"}');

commit;
