-- Deploy devpilot:identity to pg
-- phase: expand
-- People.  A user belongs to no tenant.  email is the only personal datum here; it is
-- unique whatever its case.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

create table dp.app_user (
    id uuid not null default gen_random_uuid(),
    email text not null,
    display_name text,
    status text not null default 'active',
    mfa_required boolean not null default false,
    created_at timestamptz(6) not null default now(),
    erased_at timestamptz(6),
    constraint app_user_pkey primary key (id),
    constraint app_user_email_length check (length(email) between 3 and 320),
    constraint app_user_status_known
        check (status in ('pending', 'active', 'locked', 'disabled', 'erased'))
);

create unique index app_user_email_key on dp.app_user (lower(email));

commit;
