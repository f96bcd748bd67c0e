-- Deploy devpilot:api_key_issue to pg
-- phase: expand
-- A tenant makes keys for the one who asks, and lets them end earlier, never later.
-- Two weeks before a key ends by itself, the world outside is told, once.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

alter table dp.api_key
    add column end_announced_at timestamptz(6);

comment on column dp.api_key.end_announced_at is
'When its coming end was announced.';

create index api_key_end_idx on dp.api_key (expires_at) where revoked_at is null;

create trigger api_key_ends_earlier_only
    after update on dp.api_key
    for each row
    when (current_user = 'dp_api'
          and old.expires_at is not null
          and (new.expires_at is null or new.expires_at > old.expires_at))
    execute function app.immutable_row();

create policy own on dp.api_key as restrictive
    for insert to dp_api
    with check (created_by = (select app.current_actor()));

create function app.api_keys_announce(p_days integer)
returns integer
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    ending integer;
begin
    if app.enter_write(1 | 8) <> 0 then
        return null;
    end if;

    with announced as (
        update dp.api_key k
           set end_announced_at = now()
         where k.revoked_at is null
           and k.expires_at > now()
           and k.expires_at <= now() + p_days * interval '1 day'
           and k.end_announced_at is null
        returning k.org_id, k.id, k.prefix, k.created_by, k.expires_at
    )
    insert into dp.outbox (org_id, topic, key, payload)
    select a.org_id, 'api_key.expiring', a.id::text,
           json_build_object('keyId', a.id, 'prefix', a.prefix, 'createdBy', a.created_by,
                             'expiresAt', a.expires_at)
      from announced a;

    select count(*)
      into ending
      from dp.api_key k
     where k.revoked_at is null
       and k.expires_at > now()
       and k.expires_at <= now() + p_days * interval '1 day';

    return ending;
end
$$;

comment on function app.api_keys_announce(integer) is
'Does: writes an event api_key.expiring for each key that ends by itself within so many days, once.
Returns: how many such keys there are; null, with nothing done, under GLOBAL_WRITE or
BACKGROUND_JOBS.  Touches: api_key, outbox, as their owner, kill_switch and its advisory locks.';

grant insert (org_id, id, prefix, digest, name, created_by, max_role, scopes, auth_level, expires_at,
              rotated_from),
      update (expires_at)
   on dp.api_key
   to dp_api;

grant execute on function app.api_keys_announce(integer) to dp_system;

commit;
