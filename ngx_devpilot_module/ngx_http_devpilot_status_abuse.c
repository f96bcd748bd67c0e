/*
 * devpilot_status: who is above NORMAL, the worst first, and what for.
 *
 * Subjects are counted and kept in one walk over the table, before anything is
 * written, so that counts and list agree and the text has a bound.
 */

#include "dp_abuse_subject.h"
#include "ngx_http_devpilot_clock.h"
#include "ngx_http_devpilot_status.h"

static ngx_uint_t
worse(const dp_abuse_change_t *a, const dp_abuse_change_t *b)
{
    return a->standing.tier != b->standing.tier
               ? a->standing.tier > b->standing.tier
               : a->score > b->score;
}

/* Sorts it in, and lets go the least bad one when there is no room. */
static void
subject_keep(void *data, const dp_abuse_change_t *subject)
{
    ngx_uint_t                           place;
    ngx_http_devpilot_status_subjects_t *subjects = data;

    subjects->tiers[subject->standing.tier]++;

    if (subjects->count < NGX_HTTP_DEVPILOT_STATUS_SUBJECTS) {
        subjects->count++;

    } else {
        subjects->more = 1;

        if (!worse(subject, &subjects->worst[subjects->count - 1])) {
            return;
        }
    }

    for (place = subjects->count - 1;
         place != 0 && worse(subject, &subjects->worst[place - 1]); place--)
    {
        subjects->worst[place] = subjects->worst[place - 1];
    }

    subjects->worst[place] = *subject;
}

ngx_int_t
ngx_http_devpilot_status_subjects_gather(
    ngx_pool_t *pool, const ngx_http_devpilot_abuse_conf_t *conf,
    ngx_http_devpilot_status_subjects_t *subjects)
{
    const dp_abuse_keeper_t keeper = {
        .table = ngx_http_devpilot_abuse_table(conf),
        .policy = &conf->policy,
        .now_ms = ngx_current_msec,
        .report = subject_keep,
        .data = subjects,
    };

    ngx_memzero(subjects, sizeof(*subjects));
    subjects->worst = ngx_palloc(pool, NGX_HTTP_DEVPILOT_STATUS_SUBJECTS
                                           * sizeof(*subjects->worst));
    if (subjects->worst == NULL) {
        return NGX_ERROR;
    }

    dp_abuse_table_each(&keeper);

    return NGX_OK;
}

static void
subject_write(dp_writer_t *out, const dp_abuse_change_t *subject)
{
    char   text[DP_ABUSE_SUBJECT_TEXT];
    size_t len = dp_abuse_subject_format(text, subject->subject.kind,
                                         subject->subject.id);

    ngx_http_devpilot_status_begin(out, NULL, '{');
    ngx_http_devpilot_status_text(
        out, "kind", dp_slice_text(dp_abuse_kind_name(subject->subject.kind)));
    ngx_http_devpilot_status_text(out, "subject", dp_slice(text, len));
    ngx_http_devpilot_status_text(
        out, "tier", dp_slice_text(dp_abuse_tier_name(subject->standing.tier)));
    ngx_http_devpilot_status_number(out, "score", subject->score);
    ngx_http_devpilot_status_begin(out, "signals", '{');

    for (unsigned i = 0; i < DP_ABUSE_SIGNALS; i++) {
        ngx_http_devpilot_status_number(out, dp_abuse_signal_name(i),
                                        subject->signals[i]);
    }

    ngx_http_devpilot_status_end(out, '}');
    ngx_http_devpilot_status_time(
        out, "until",
        ngx_http_devpilot_wall_us()
            + (subject->standing.until_ms - subject->at_ms) * 1000);
    ngx_http_devpilot_status_end(out, '}');
}

void
ngx_http_devpilot_status_abuse(dp_writer_t *out,
                               const ngx_http_devpilot_status_t *status)
{
    static const char *const modes[] = {
        [NGX_HTTP_DEVPILOT_ABUSE_OFF] = "off",
        [NGX_HTTP_DEVPILOT_ABUSE_SHADOW] = "shadow",
        [NGX_HTTP_DEVPILOT_ABUSE_ON] = "on",
    };
    const ngx_http_devpilot_status_subjects_t *subjects = &status->subjects;

    ngx_http_devpilot_status_begin(out, "abuse", '{');
    ngx_http_devpilot_status_text(out, "mode",
                                  dp_slice_text(modes[status->abuse_mode]));
    ngx_http_devpilot_status_begin(out, "tiers", '{');
    ngx_http_devpilot_status_number(out, "warn",
                                    subjects->tiers[DP_ABUSE_WARN]);
    ngx_http_devpilot_status_number(out, "throttle",
                                    subjects->tiers[DP_ABUSE_THROTTLE]);
    ngx_http_devpilot_status_number(out, "block",
                                    subjects->tiers[DP_ABUSE_BLOCK]);
    ngx_http_devpilot_status_end(out, '}');
    ngx_http_devpilot_status_begin(out, "subjects", '[');

    for (ngx_uint_t i = 0; i < subjects->count; i++) {
        subject_write(out, &subjects->worst[i]);
    }

    ngx_http_devpilot_status_end(out, ']');
    ngx_http_devpilot_status_flag(out, "more", subjects->more);
    ngx_http_devpilot_status_end(out, '}');
}
