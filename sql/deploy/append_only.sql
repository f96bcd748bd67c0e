-- Deploy devpilot:append_only to pg
-- phase: expand
-- The guard of tables that only grow.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.append_only()
returns trigger
language plpgsql
as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'DP403';
end
$$;

comment on function app.append_only() is
'Trigger.  Does: refuses (DP403), whoever asks, the owner included.  Make it a row trigger for
update and delete, which partitions inherit, and a statement trigger for truncate, which they do
not.';

commit;
