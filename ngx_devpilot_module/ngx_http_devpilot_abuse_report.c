/*
 * Who keeps the tiers, when they run out, and what is told of each change: a
 * counter, a line in nginx's error log, an event for the audit trail.
 *
 * One process of all sweeps, once a second.  A change is told by the process that
 * made it, once.
 */

#include "ngx_http_devpilot_abuse_tier.h"
#include "dp_abuse_subject.h"
#include "ngx_http_devpilot_clock.h"
#include "ngx_http_devpilot_metrics.h"

#define SWEEP_MS 1000
#define SAME_MS 2000 /* times that differ by less are the same */

static struct {
    ngx_http_devpilot_main_conf_t *mcf;
    ngx_event_t                    timer;
    ngx_connection_t               none; /* nginx's debug log asks for a fd */
} sweep;

/* --- what is told ------------------------------------------------------------ */

static void
change_log(const ngx_http_devpilot_abuse_keeper_t *keeper,
           const dp_abuse_change_t *change, const char *verb)
{
    char        text[DP_ABUSE_SUBJECT_TEXT];
    size_t      len = dp_abuse_subject_format(text, change->subject.kind,
                                              change->subject.id);
    ngx_uint_t  level = change->standing.tier > change->from
                               && change->standing.tier > DP_ABUSE_WARN
                           ? NGX_LOG_WARN
                           : NGX_LOG_NOTICE;

    ngx_log_error(level, keeper->log, 0,
                  "abuse: %s %*s %s%s: %s -> %s, %s %uD, block %ui",
                  dp_abuse_kind_name(change->subject.kind), len, text, verb,
                  change->standing.shadow ? " (shadow)" : "",
                  dp_abuse_tier_name(change->from),
                  dp_abuse_tier_name(change->standing.tier),
                  dp_abuse_signal_name(change->standing.signal), change->score,
                  (ngx_uint_t) change->standing.level);
}

/* Tiers go by the loop's clock, the audit trail by the wall's. */
static uint64_t
wall_us(const ngx_http_devpilot_abuse_keeper_t *keeper, uint64_t at_ms)
{
    return ngx_http_devpilot_wall_us() + at_ms * 1000
           - keeper->base.now_ms * 1000;
}

static void
change_raise(const ngx_http_devpilot_abuse_keeper_t *keeper,
             const dp_abuse_change_t *change, dp_event_kind_t kind)
{
    dp_abuse_event_t event = {
        .kind = (uint16_t) kind,
        .subject_kind = (uint16_t) change->subject.kind,
        .from = (uint16_t) change->from,
        .to = change->standing.tier,
        .signal = change->standing.signal,
        .level = change->standing.level,
        .score = change->score,
        .at_us = wall_us(keeper, change->at_ms),
        .until_us = change->standing.tier == DP_ABUSE_NORMAL
                        ? 0
                        : wall_us(keeper, change->standing.until_ms),
        .shadow = change->standing.shadow,
    };

    ngx_memcpy(event.subject, change->subject.id, DP_ID_SIZE);
    ngx_memcpy(event.org_id, change->subject.org_id, DP_ID_SIZE);
    ngx_memcpy(event.signals, change->signals, sizeof(event.signals));

    /* what runs out may be anybody's who is come across */
    if (keeper->r != NULL && kind != DP_EVENT_EXPIRED) {
        ngx_memcpy(event.request_id,
                   ngx_http_devpilot_context(keeper->r)->request_id,
                   DP_ID_SIZE);
    }

    ngx_http_devpilot_event_raise(&event);
}

static void
change_tell(void *data, const dp_abuse_change_t *change)
{
    const ngx_http_devpilot_abuse_keeper_t *keeper = data;
    ngx_uint_t escalated = change->standing.tier > change->from;

    ngx_http_devpilot_metrics_abuse_transition(change->subject.kind,
                                               change->standing.tier);
    change_log(keeper, change, escalated ? "escalated" : "expired");
    change_raise(keeper, change,
                 escalated ? DP_EVENT_ESCALATED : DP_EVENT_EXPIRED);
}

void
ngx_http_devpilot_abuse_enforced(ngx_http_request_t     *r,
                                 const dp_abuse_party_t *party)
{
    dp_abuse_change_t                change;
    ngx_http_devpilot_abuse_keeper_t keeper;

    ngx_http_devpilot_abuse_keeper(&keeper, r);

    if (dp_abuse_table_enforce(&keeper.base, party, &change)) {
        change_log(&keeper, &change, "enforced");
        change_raise(&keeper, &change, DP_EVENT_ENFORCED);
    }
}

/* --- keepers ------------------------------------------------------------------ */

static bool
in_shadow(ngx_http_request_t *r)
{
    const ngx_http_devpilot_ctx_t *ctx =
        r == NULL ? NULL : ngx_http_devpilot_context(r);

    return ctx != NULL && ctx->abuse.shadow;
}

/* What cannot be recorded is not decided, but for what everybody is saved by. */
static dp_abuse_policy_t
block_only(const dp_abuse_policy_t *policy)
{
    dp_abuse_policy_t strict = *policy;

    for (ngx_uint_t i = 0; i < DP_ABUSE_SIGNALS; i++) {
        uint32_t *at = strict.signals[i].at;

        at[DP_ABUSE_WARN] = at[DP_ABUSE_BLOCK];
        at[DP_ABUSE_THROTTLE] = at[DP_ABUSE_BLOCK];
    }

    return strict;
}

static void
keeper_make(ngx_http_devpilot_abuse_keeper_t *keeper,
            ngx_http_devpilot_main_conf_t *mcf, ngx_http_request_t *r,
            ngx_log_t *log)
{
    keeper->base.table = ngx_http_devpilot_abuse_table(&mcf->abuse);
    keeper->base.policy = &mcf->abuse.policy;

    if (ngx_http_devpilot_events_full()) {
        keeper->block_only = block_only(&mcf->abuse.policy);
        keeper->base.policy = &keeper->block_only;
    }

    keeper->base.now_ms = ngx_current_msec;
    keeper->base.shadow = in_shadow(r);
    keeper->base.report = change_tell;
    keeper->base.data = keeper;
    keeper->mcf = mcf;
    keeper->r = r;
    keeper->log = log;
}

void
ngx_http_devpilot_abuse_keeper(ngx_http_devpilot_abuse_keeper_t *keeper,
                               ngx_http_request_t               *r)
{
    keeper_make(keeper,
                ngx_http_get_module_main_conf(r, ngx_http_devpilot_module), r,
                r->connection->log);
}

ngx_uint_t
ngx_http_devpilot_abuse_anybody(ngx_http_request_t *r)
{
    const ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    return __atomic_load_n(&ngx_http_devpilot_abuse_table(&mcf->abuse)->raised,
                           __ATOMIC_RELAXED)
           != 0;
}

static void
sweep_fired(ngx_event_t *event)
{
    ngx_http_devpilot_abuse_keeper_t keeper;

    keeper_make(&keeper, sweep.mcf, NULL, event->log);
    (void) ngx_http_devpilot_abuse_sweep(&keeper.base, &sweep.mcf->abuse);
    ngx_add_timer(event, SWEEP_MS);
}

void
ngx_http_devpilot_abuse_open(ngx_http_devpilot_main_conf_t *mcf,
                             ngx_cycle_t                   *cycle)
{
    sweep.mcf = mcf;
    sweep.timer.handler = sweep_fired;
    sweep.timer.log = cycle->log;
    sweep.none.fd = (ngx_socket_t) -1;
    sweep.timer.data = &sweep.none;
    sweep.timer.cancelable = 1;
    ngx_add_timer(&sweep.timer, SWEEP_MS);
}

/* It is blocked for as long, to the second: perhaps it was from here. */
static ngx_uint_t
stands(const dp_abuse_keeper_t *keeper, const dp_abuse_party_t *party,
       const dp_abuse_standing_t *wanted)
{
    dp_abuse_standing_t found = dp_abuse_table_look(keeper, party);

    return wanted->tier == DP_ABUSE_BLOCK && found.tier == DP_ABUSE_BLOCK
           && found.until_ms + SAME_MS >= wanted->until_ms;
}

ngx_int_t
ngx_http_devpilot_abuse_impose(ngx_http_devpilot_main_conf_t *mcf,
                               const dp_abuse_party_t *party,
                               const dp_abuse_standing_t *said,
                               uint64_t until_us)
{
    uint64_t                         now_us = ngx_http_devpilot_wall_us();
    ngx_http_devpilot_abuse_keeper_t keeper;
    dp_abuse_standing_t              standing = *said;

    keeper_make(&keeper, mcf, NULL, ngx_cycle->log);

    if (until_us > now_us) {
        standing.until_ms = keeper.base.now_ms + (until_us - now_us) / 1000;
    }

    if (stands(&keeper.base, party, &standing)) {
        return NGX_OK;
    }

    return dp_abuse_table_impose(&keeper.base, party, &standing)
               ? NGX_OK
               : NGX_DECLINED;
}
