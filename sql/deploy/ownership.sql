-- Deploy devpilot:ownership to pg
-- phase: expand
-- Whose a resource is that was not there for a caller.  He is answered the same
-- whether it does not exist or is another tenant's; his organisation's trail tells them
-- apart.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create index api_key_id_idx on dp.api_key (id);

create function app.resource_is_foreign(p_type text, p_id uuid)
returns boolean
language plpgsql stable
as $$
declare
    org uuid := app.current_org();
begin
    return case p_type
           when 'org' then
               exists (select from dp.org o where o.id = p_id and o.id <> org)
           when 'project' then
               exists (select from dp.project p where p.id = p_id and p.org_id <> org)
           when 'key' then
               exists (select from dp.api_key k where k.id = p_id and k.org_id <> org)
           when 'invitation' then
               exists (select from dp.invitation i where i.id = p_id and i.org_id <> org)
           when 'event' then
               exists (select from dp.audit_event e where e.id = p_id and e.org_id <> org)
           when 'session' then
               exists (select from dp.session s where s.id = p_id and s.user_id <> app.current_actor())
           when 'user' then
               exists (select from dp.org_member m where m.user_id = p_id and m.org_id <> org)
               and not exists (select from dp.org_member m where m.user_id = p_id and m.org_id = org)
           else
               false
           end;
end
$$;

comment on function app.resource_is_foreign(text, uuid) is
'Returns: whether a resource exists and is none of this transaction''s tenant, or of its user what is
private to users.  Parameters: as paths name it (org, project, user, ...), id.  Touches: org, project,
api_key, invitation, audit_event, session, org_member.';

create function app.ownership_violated(p_named json)
returns table (
    type text,
    id text
)
language plpgsql stable security definer rows 1
set search_path = pg_catalog
as $$
begin
    return query
    select n.key, n.value
      from json_each_text(p_named) with ordinality n (key, value, place)
     where case when n.value ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$'
                then app.resource_is_foreign(n.key, n.value::uuid)
           end
     order by n.place
     limit 1;
end
$$;

comment on function app.ownership_violated(json) is
'Returns: the first of the named resources that exists and belongs to others; no row when there is none.
Parameter: an object, type to id.  Touches: what resource_is_foreign() does, as its owner.';

grant execute
    on function app.ownership_violated(json)
    to dp_api, dp_system;

commit;
