-- Deploy devpilot:fsm_machines to pg
-- phase: expand
-- The machines of subscription, revision, step and environment.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

insert into dp.fsm_state (machine, kind, state, is_initial, is_terminal)
values ('subscription', '*', 'none', true, false),
       ('subscription', '*', 'incomplete', false, false),
       ('subscription', '*', 'trialing', false, false),
       ('subscription', '*', 'active', false, false),
       ('subscription', '*', 'past_due', false, false),
       ('subscription', '*', 'unpaid', false, false),
       ('subscription', '*', 'paused', false, false),
       ('subscription', '*', 'canceled', false, false),
       ('subscription', '*', 'incomplete_expired', false, false),

       ('revision', '*', 'in_progress', true, false),
       ('revision', '*', 'completed', false, false),
       ('revision', '*', 'superseded', false, true),
       ('revision', '*', 'abandoned', false, true),

       ('step', '*', 'pending', true, false),
       ('step', '*', 'draft', false, false),
       ('step', '*', 'locked', false, false),

       ('environment', 'core', 'pending', true, false),
       ('environment', 'core', 'provisioning', false, false),
       ('environment', 'core', 'active', false, false),
       ('environment', 'core', 'updating', false, false),
       ('environment', 'core', 'validating', false, false),
       ('environment', 'core', 'error', false, false),
       ('environment', 'core', 'failed', false, false),
       ('environment', 'core', 'archived', false, true),

       ('environment', 'preview', 'provisioning', true, false),
       ('environment', 'preview', 'active', false, false),
       ('environment', 'preview', 'error', false, false),
       ('environment', 'preview', 'archived', false, true);

insert into dp.fsm_transition (machine, kind, from_state, to_state, event, source)
values ('subscription', '*', 'none', 'incomplete', 'checkout', 'provider'),
       ('subscription', '*', 'none', 'trialing', 'checkout', 'provider'),
       ('subscription', '*', 'none', 'active', 'checkout', 'provider'),
       ('subscription', '*', 'incomplete', 'active', 'paid', 'provider'),
       ('subscription', '*', 'incomplete', 'incomplete_expired', 'expired', 'provider'),
       ('subscription', '*', 'incomplete', 'canceled', 'cancel', 'provider'),
       ('subscription', '*', 'incomplete_expired', 'incomplete', 'checkout', 'provider'),
       ('subscription', '*', 'incomplete_expired', 'active', 'checkout', 'provider'),
       ('subscription', '*', 'trialing', 'active', 'paid', 'provider'),
       ('subscription', '*', 'trialing', 'past_due', 'payment_failed', 'provider'),
       ('subscription', '*', 'trialing', 'paused', 'trial_end_no_pm', 'provider'),
       ('subscription', '*', 'trialing', 'canceled', 'cancel', 'provider'),
       ('subscription', '*', 'active', 'past_due', 'payment_failed', 'provider'),
       ('subscription', '*', 'active', 'canceled', 'cancel', 'provider'),
       ('subscription', '*', 'active', 'paused', 'pause', 'provider'),
       ('subscription', '*', 'active', 'unpaid', 'dunning_exhausted', 'provider'),
       ('subscription', '*', 'past_due', 'active', 'paid', 'provider'),
       ('subscription', '*', 'past_due', 'unpaid', 'dunning_exhausted', 'provider'),
       ('subscription', '*', 'past_due', 'canceled', 'cancel', 'provider'),
       ('subscription', '*', 'unpaid', 'active', 'paid', 'provider'),
       ('subscription', '*', 'unpaid', 'canceled', 'cancel', 'provider'),
       ('subscription', '*', 'paused', 'active', 'resume', 'provider'),
       ('subscription', '*', 'paused', 'canceled', 'cancel', 'provider'),
       ('subscription', '*', 'canceled', 'trialing', 'resubscribe', 'provider'),
       ('subscription', '*', 'canceled', 'active', 'resubscribe', 'provider'),
       ('subscription', '*', 'canceled', 'incomplete', 'resubscribe', 'provider'),

       ('revision', '*', 'in_progress', 'completed', 'complete', 'S0-5'),
       ('revision', '*', 'completed', 'superseded', 'restart', 'S0-5'),
       ('revision', '*', 'in_progress', 'abandoned', 'abandon', 'S0-11'),

       ('step', '*', 'pending', 'draft', 'edit', 'S0-7'),
       ('step', '*', 'draft', 'pending', 'restart', 'S0-5'),
       ('step', '*', 'draft', 'locked', 'lock', 'S0-5'),
       ('step', '*', 'locked', 'pending', 'restart', 'S0-5'),

       ('environment', 'core', 'pending', 'provisioning', 'provision', 'S4-lifecycle'),
       ('environment', 'core', 'provisioning', 'active', 'provisioned', 'S4-lifecycle'),
       ('environment', 'core', 'provisioning', 'error', 'provision_failed', 'S4-lifecycle'),
       ('environment', 'core', 'active', 'updating', 'deploy', 'S4-lifecycle'),
       ('environment', 'core', 'active', 'updating', 'promote', 'S4-lifecycle'),
       ('environment', 'core', 'active', 'updating', 'rollback', 'S4-lifecycle'),
       ('environment', 'core', 'updating', 'validating', 'applied', 'S4-lifecycle'),
       ('environment', 'core', 'updating', 'error', 'apply_failed', 'reading-C20'),
       ('environment', 'core', 'validating', 'active', 'validated', 'S4-lifecycle'),
       ('environment', 'core', 'validating', 'error', 'validation_failed', 'S4-lifecycle'),
       ('environment', 'core', 'error', 'updating', 'retry', 'S4-lifecycle'),
       ('environment', 'core', 'error', 'provisioning', 'recreate', 'S4-lifecycle'),
       ('environment', 'core', 'error', 'failed', 'retries_exhausted', 'S4-lifecycle'),
       ('environment', 'core', 'failed', 'archived', 'retire', 'S4-lifecycle'),
       ('environment', 'core', 'failed', 'provisioning', 'manual_reset', 'S4-lifecycle'),
       ('environment', 'core', 'active', 'archived', 'retire', 'S4-lifecycle'),
       ('environment', 'preview', 'provisioning', 'active', 'provisioned', 'S4-preview'),
       ('environment', 'preview', 'provisioning', 'error', 'provision_failed', 'S4-preview'),
       ('environment', 'preview', 'active', 'provisioning', 'rebuild', 'reading-C20'),
       ('environment', 'preview', 'active', 'archived', 'ttl', 'S4-preview'),
       ('environment', 'preview', 'active', 'archived', 'manual', 'S4-preview'),
       ('environment', 'preview', 'error', 'provisioning', 'recreate', 'S4-preview'),
       ('environment', 'preview', 'error', 'archived', 'ttl', 'S4-preview'),
       ('environment', 'preview', 'error', 'archived', 'manual', 'S4-preview');

commit;
