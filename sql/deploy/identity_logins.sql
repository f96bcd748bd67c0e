-- Deploy devpilot:identity_logins to pg
-- phase: expand
-- Whose account somebody has who logs in with an identity provider.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create function app.identity_audit(p_action text, p_org uuid, p_user uuid, p_issuer text)
returns void
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    event dp.audit_event;
begin
    event.id := gen_random_uuid();
    event.org_id := p_org;
    event.at := clock_timestamp();
    event.actor_type := 'user';
    event.actor_id := p_user;
    event.action := p_action;
    event.target_type := 'user';
    event.target_id := p_user::text;
    event.outcome := 'success';
    event.request_id := app.request_id();

    perform app.audit_record(event, json_build_object('issuer', p_issuer));
end
$$;

comment on function app.identity_audit(text, uuid, uuid, text) is
'Does: records what a login with an identity provider did to an account.  Touches: the audit trail.';

create function app.identity_sign_up(
    p_user uuid,
    p_org uuid,
    p_email text,
    p_display_name text,
    p_issuer text
)
returns void
language sql security definer
set search_path = pg_catalog
as $$
    insert into dp.app_user (id, email, display_name, status)
    values (p_user, p_email, p_display_name, 'active');

    insert into dp.org (id, slug, name, kind)
    values (p_org, 'personal-' || replace(p_org::text, '-', ''),
            coalesce(p_display_name, 'Personal'), 'personal');

    insert into dp.org_member (org_id, user_id, role)
    values (p_org, p_user, 'organization_admin');

    insert into dp.subscription (org_id, plan)
    values (p_org, 'free');

    select app.identity_audit('auth.signed_up', p_org, p_user, p_issuer)
$$;

comment on function app.identity_sign_up(uuid, uuid, text, text, text) is
'Does: makes an account whose address an identity provider has verified, with an organisation of its
own on the free plan.  Touches: app_user, org, org_member, subscription, the audit trail.';

create function app.identity_login(
    p_issuer text,
    p_subject text,
    p_email text,
    p_display_name text,
    p_links smallint,
    p_signs_up smallint,
    p_identity uuid,
    p_user uuid,
    p_org uuid
)
returns table (user_id uuid, outcome text)
language plpgsql security definer
set search_path = pg_catalog
as $$
#variable_conflict use_column
declare
    account dp.app_user;
    said text := 'linked';
begin
    -- one login of a subject at a time: the second one finds what the first one made
    perform pg_advisory_xact_lock(hashtextextended(p_issuer || ' ' || p_subject, 0));

    update dp.user_identity i
       set last_login_at = now(),
           email = coalesce(p_email, i.email)
     where i.issuer = p_issuer
       and i.subject = p_subject
    returning i.user_id into account.id;

    if found then
        return query
        select u.id,
               case u.status when 'active' then 'known' else 'account_disabled' end
          from dp.app_user u
         where u.id = account.id;
        return;
    end if;

    if p_email is null then
        return query select null::uuid, 'email_unverified';
        return;
    end if;

    select *
      into account
      from dp.app_user u
     where lower(u.email) = lower(p_email)
       for no key update;

    if found and (p_links = 0 or account.status <> 'active') then
        return query select null::uuid, 'account_exists';
        return;
    end if;

    if account.id is null then
        if p_signs_up = 0 then
            return query select null::uuid, 'unknown';
            return;
        end if;

        if app.enter_write(1 | 64) <> 0 then
            return query select null::uuid, 'signup_switched_off';
            return;
        end if;

        perform app.identity_sign_up(p_user, p_org, p_email, p_display_name, p_issuer);
        account.id := p_user;
        said := 'signed_up';
    end if;

    insert into dp.user_identity (id, issuer, subject, user_id, email)
    values (p_identity, p_issuer, p_subject, account.id, p_email);

    perform app.identity_audit('auth.identity_linked', null, account.id, p_issuer);

    return query select account.id, said;
end
$$;

comment on function
    app.identity_login(text, text, text, text, smallint, smallint, uuid, uuid, uuid) is
'Does: finds the account of somebody whom an identity provider vouches for; else links him to the
account with his address, or makes one.  Never links to an account that has not verified its own
address.  Parameters: issuer, subject, address that the issuer has verified or null, name or null,
whether addresses link, whether who is unknown gets an account, ids for new rows.  Returns: the user
and known, linked or signed_up; or no user and account_disabled, account_exists, email_unverified,
unknown or signup_switched_off.  Touches: user_identity, app_user, org, org_member, subscription, the
audit trail, as their owner; kill_switch and its advisory locks.';

grant execute
   on function app.identity_login(text, text, text, text, smallint, smallint, uuid, uuid, uuid)
   to dp_system;

commit;
