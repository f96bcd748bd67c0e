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
    display_name text,
    row_version bigint
)
language plpgsql stable security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    return query
    select u.id,
           u.email,
           u.display_name,
           u.row_version
      from dp.app_user u
     where u.id = app.current_actor();
end
$$;

comment on function app.actor_profile() is
'Returns: the user of this transaction, with his address; no row when there is none.  Touches:
app_user, as its owner.';

create function app.actor_profile_lock()
returns table (
    id uuid,
    email text,
    display_name text,
    row_version bigint
)
language plpgsql security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    return query
    select u.id,
           u.email,
           u.display_name,
           u.row_version
      from dp.app_user u
     where u.id = app.current_actor()
       for no key update;
end
$$;

comment on function app.actor_profile_lock() is
'Does: holds off other changes of the user of this transaction.  Returns: as actor_profile().
Touches: app_user, as its owner.';

create function app.actor_rename(p_display_name text)
returns void
language sql security definer
set search_path = pg_catalog
as $$
    update dp.app_user
       set display_name = p_display_name
     where id = app.current_actor()
$$;

comment on function app.actor_rename(text) is
'Does: changes how the user of this transaction wants to be called.  Touches: app_user, as its
owner.';

grant execute
    on function app.actor_profile(), app.actor_profile_lock(), app.actor_rename(text)
    to dp_api;

commit;
