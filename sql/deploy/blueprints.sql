-- Deploy devpilot:blueprints to pg
-- phase: expand
-- Templates of a project's blueprint.  A template is a file that is compiled into the
-- programs; here are its name, its version, its digest and its steps.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.blueprint_template (
    name text collate "C" not null,
    version integer not null,
    sha256 bytea,
    constraint blueprint_template_pkey primary key (name, version),
    constraint blueprint_template_version_positive check (version > 0),
    constraint blueprint_template_sha256_size check (octet_length(sha256) = 32)
);

comment on column dp.blueprint_template.sha256 is
'Of the template''s file; null for a template that has only these rows.';

create table dp.step_definition (
    template text collate "C" not null,
    version integer not null,
    ordinal smallint not null,
    key text not null,
    title text not null,
    json_schema json not null,
    constraint step_definition_pkey primary key (template, version, ordinal),
    constraint step_definition_key_key unique (template, version, key),
    constraint step_definition_template_fkey
        foreign key (template, version) references dp.blueprint_template,
    constraint step_definition_ordinal_positive check (ordinal > 0),
    constraint step_definition_key_syntax check (key ~ '^[a-z][a-z_]{0,39}$')
);

commit;
