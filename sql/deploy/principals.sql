-- Deploy devpilot:principals to pg
-- phase: expand
-- Who a credential is, with the generation of the control state it was read at, so
-- that an edge can tell an answer that is older than a revocation; and when keys
-- were used, which workers write for many of them at once.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.principal_find(p_prefix text)
returns table (
    id uuid,
    org_id uuid,
    user_id uuid,
    digest bytea,
    auth_level smallint,
    expires_at timestamptz,
    usable boolean,
    scopes text,
    plan smallint,
    generation bigint
)
language plpgsql stable security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
begin
    -- in SQL it would be planned anew at each call: a definer's function is not inlined
    return query
    select k.id,
           k.org_id,
           k.created_by,
           k.digest,
           k.auth_level,
           k.expires_at,
           app.credential_usable(k.revoked_at, k.expires_at, u.status, o.deleted_at),
           app.api_key_scopes(k.scopes),
           coalesce(p.rank, 0::smallint),
           c.generation
      from dp.api_key k
      join dp.org o on o.id = k.org_id
      join dp.app_user u on u.id = k.created_by
      join dp.org_member m on m.org_id = k.org_id and m.user_id = k.created_by
      left join dp.subscription s on s.org_id = k.org_id
      left join dp.plan p on p.name = s.plan
     cross join dp.control_state c
     where k.prefix = p_prefix;
end
$$;

comment on function app.principal_find(text) is
'Does: finds an API key, for authentication.  Parameter: the 8 characters after dp_.  Returns: one
row or none; digest is SHA-256 of the key text, which the caller compares in constant time before
it looks at usable (credential_usable()); scopes: of api_key_scopes(); plan: its rank, 0 without a
subscription; generation: of the control state, in the snapshot of the rest.  A user who is no member
any more has no key.  Touches: api_key, org, app_user, org_member, subscription, plan,
control_state, all as their owner.  For dp_system only.';

create function app.api_keys_used(p_used json)
returns boolean
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    if app.enter_write(1) <> 0 then
        return false;
    end if;

    -- in one order, so that workers that write the same keys do not wait in a circle
    perform
       from dp.api_key k
       join json_to_recordset(p_used) u (org_id uuid, id uuid, at bigint)
         on u.org_id = k.org_id and u.id = k.id
      order by k.org_id, k.id
        for no key update of k;

    update dp.api_key k
       set last_used_at = u.used_at
      from (select r.org_id,
                   r.id,
                   timestamptz 'epoch' + r.at * interval '1 microsecond' as used_at
              from json_to_recordset(p_used) r (org_id uuid, id uuid, at bigint)) u
     where k.org_id = u.org_id
       and k.id = u.id
       and (k.last_used_at is null or k.last_used_at < u.used_at);

    return true;
end
$$;

comment on function app.api_keys_used(json) is
'Does: records when keys were used; never moves a time back.  Parameter: an array of {org_id, id,
at}, at in microseconds since 1970.  Returns: false, with nothing done, under GLOBAL_WRITE.
Touches: api_key, as its owner; kill_switch and its advisory lock.  For dp_system only.';

grant execute
    on function app.principal_find(text), app.api_keys_used(json)
    to dp_system;

commit;
