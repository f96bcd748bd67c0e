-- Deploy devpilot:actor_profile to pg
-- phase: expand
-- What a user may read of himself.  An address is personal: a tenant's role cannot
-- select it.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.actor_profile()
returns table (
    id uuid,
    email text,
    display_name text
)
language plpgsql stable security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    return query
    select u.id,
           u.email,
           u.display_name
      from dp.app_user u
     where u.id = app.current_actor();
end
$$;

comment on function app.actor_profile() is
'Returns: the user of this transaction, with his address; no row when there is none.  Touches:
app_user, as its owner.';

grant execute on function app.actor_profile() to dp_api;

commit;
