-- The organisation, the administrator and the two API keys of a local stack.
--
-- Running it again changes nothing, except that it follows new values of the
-- keys and of limits.  Run by a superuser:
--
--     psql -Xq -v ON_ERROR_STOP=1 -v org_id=UUID -v user_id=UUID -v user_email=TEXT \
--          -v user_password_hash=TEXT -v user_factor_id=UUID -v user_factor_sealed=HEX \
--          -v admin_key_id=UUID -v admin_key_prefix=TEXT -v admin_key_digest=HEX \
--          -v viewer_key_id=UUID -v viewer_key_prefix=TEXT -v viewer_key_digest=HEX \
--          -v limits=normal|high -f sql/seed/local.sql DSN
--
-- A prefix is the 8 characters after "dp_", a digest SHA-256 of the whole key
-- text.  limits=high raises the largest plan's limits and rates beyond what any test
-- uses, limits=normal takes that back.

begin;
set local lock_timeout = '2s';

insert into dp.app_user (id, email, display_name)
values (:'user_id', :'user_email', 'Local administrator')
on conflict (id) do nothing;

insert into dp.user_credential (user_id, password_hash)
values (:'user_id', :'user_password_hash')
on conflict (user_id) do nothing;

insert into dp.mfa_factor (id, user_id, sealed, confirmed_at)
values (:'user_factor_id', :'user_id', decode(:'user_factor_sealed', 'hex'), now())
on conflict do nothing;

insert into dp.org (id, slug, name)
values (:'org_id', 'local', 'Local')
on conflict (id) do nothing;

insert into dp.org_member (org_id, user_id, role)
values (:'org_id', :'user_id', 'organization_admin')
on conflict (org_id, user_id) do nothing;

insert into dp.api_key (org_id, id, prefix, digest, name, created_by, max_role, auth_level)
values (:'org_id', :'admin_key_id', :'admin_key_prefix', decode(:'admin_key_digest', 'hex'),
        'Local administrator', :'user_id', 'organization_admin', 2),
       (:'org_id', :'viewer_key_id', :'viewer_key_prefix', decode(:'viewer_key_digest', 'hex'),
        'Local viewer', :'user_id', 'viewer', 2)
on conflict (org_id, id) do update
set prefix = excluded.prefix,
    digest = excluded.digest
where api_key.prefix <> excluded.prefix
   or api_key.digest <> excluded.digest;

insert into dp.subscription (org_id, plan)
values (:'org_id', 'enterprise')
on conflict (org_id) do nothing;

select set_config('app.fsm_event', 'checkout', true) \g /dev/null

update dp.subscription
   set state = 'active'
 where org_id = :'org_id'
   and state = 'none';

\set raised 1000000000

update dp.plan_limit
   set max_value = max_value * :raised
 where :'limits' = 'high'
   and plan = 'enterprise'
   and max_value < :raised;

update dp.plan_limit
   set max_value = max_value / :raised
 where :'limits' = 'normal'
   and plan = 'enterprise'
   and max_value >= :raised;

commit;
