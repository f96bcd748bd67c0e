/*
 * The control feed at this end: reports go out, records come in.
 *
 * A report is the first thing that a channel carries, so a record is there
 * before any reply.  Another follows each record that was news, and each second,
 * also from a process that drains: a switch is not everywhere until that says
 * so.  The timer is cancelable, it keeps no exiting process alive.
 */

#include "ngx_http_devpilot_control.h"

#include "dp_control.h"
#include "ngx_http_devpilot_abuse_tier.h"
#include "ngx_http_devpilot_clock.h"
#include "ngx_http_devpilot_keys.h"
#include "ngx_http_devpilot_kill_switch.h"
#include "ngx_http_devpilot_metrics.h"
#include "ngx_http_devpilot_zone.h"

#define PERIOD_MS 1000

/* What is known of the worker behind a channel. */
typedef struct {
    uint32_t environment; /* kill switches that are on there */
    unsigned heard:1;     /* since the channel was connected */
} worker_t;

static struct {
    ngx_http_devpilot_main_conf_t *mcf;
    worker_t                      *workers; /* by channel */
    uint64_t                       reported; /* generation */
    ngx_event_t                    timer;
    ngx_connection_t               none; /* nginx's debug log asks it for a fd */
} control;

/* Big-endian, in the order of the switches' bits. */
static dp_slice_t
pending_pack(uint8_t bytes[DP_KILL_SWITCH_COUNT * sizeof(uint32_t)])
{
    dp_writer_t writer = dp_writer(bytes,
                                   DP_KILL_SWITCH_COUNT * sizeof(uint32_t));
    const ngx_uint_t *writes = control.mcf->channels.writes;

    for (ngx_uint_t i = 0; i < DP_KILL_SWITCH_COUNT; i++) {
        dp_write_u32(&writer, (uint32_t) writes[i]);
    }

    return dp_written(&writer);
}

/* Why the file turns on what it does, if this process has read the same. */
static void
file_add(dp_wire_report_t *report)
{
    const ngx_http_devpilot_switch_file_t *file =
        ngx_http_devpilot_switch_file();

    if (file != NULL && report->file != 0
        && report->file == file->lines.switches)
    {
        report->file_owner = file->owner;
        report->file_text = dp_slice(file->text, file->length);
    }
}

/* What was said until then is known here, keys too; the rest is said again. */
static uint64_t
generation_held(void)
{
    uint64_t applied = ngx_http_devpilot_control_generation(control.mcf);
    uint64_t keys = ngx_http_devpilot_keys_generation();

    return ngx_min(applied, keys);
}

/* To one channel, or to all that are ready when it is NULL. */
static void
report_send(ngx_http_devpilot_channel_t *channel)
{
    uint8_t pending[DP_KILL_SWITCH_COUNT * sizeof(uint32_t)];
    ngx_http_devpilot_main_conf_t *mcf = control.mcf;
    dp_wire_report_t report = {
        .instance = dp_slice(mcf->instance.data, mcf->instance.len),
        .pid = (uint32_t) ngx_pid,
        .generation = generation_held(),
        .directive = ngx_http_devpilot_switches_of(mcf, DP_KILL_DIRECTIVE),
        .environment = mcf->switches_on[DP_KILL_ENVIRONMENT],
        .file = ngx_http_devpilot_switches_of(mcf, DP_KILL_FILE),
        .pending = pending_pack(pending),
        .draining = ngx_exiting != 0,
    };

    file_add(&report);
    control.reported = report.generation;
    ngx_http_devpilot_metrics_told(report.generation);

    if (channel != NULL) {
        ngx_http_devpilot_channel_tell(channel, &dp_wire_report, &report);

    } else {
        ngx_http_devpilot_channels_tell(&mcf->channels, &dp_wire_report,
                                        &report);
    }
}

/*
 * A switch is on while any connected worker's environment has it on; one that
 * has not said yet may be the one.
 */
static void
environments_gather(void)
{
    uint32_t   on = 0;
    ngx_uint_t ready = 0;
    ngx_uint_t unheard = 0;

    for (ngx_uint_t i = 0; i < control.mcf->channels.count; i++) {
        if (ngx_http_devpilot_channel_ready(&control.mcf->channels, i)) {
            ready++;
            unheard += !control.workers[i].heard;
            on |= control.workers[i].environment;
        }
    }

    if (unheard != 0) {
        on |= ngx_http_devpilot_workers_environment(control.mcf);
    }

    if (ready != 0) {
        ngx_http_devpilot_workers_environment_set(control.mcf, on);
    }
}

static void
channel_greet(ngx_http_devpilot_channel_t *channel, ngx_uint_t index)
{
    control.workers[index].heard = 0;
    report_send(channel);
}

static ngx_uint_t
record_valid(const dp_wire_control_t *record)
{
    return record->generation != 0
           && record->generation <= DP_CONTROL_GENERATION_MAX
           && record->floor <= record->generation
           && dp_control_lists_valid(record->revocations, record->plans,
                                     record->blocks)
           && dp_control_keys_valid(record->keys)
           && dp_control_issuers_valid(record->issuers);
}

static ngx_uint_t
block_valid(const dp_control_block_t *block)
{
    return (block->subject_kind == DP_ABUSE_ADDRESS
            || block->subject_kind == DP_ABUSE_CREDENTIAL)
           && (block->tier == DP_ABUSE_NORMAL || block->tier == DP_ABUSE_BLOCK)
           && block->signal < DP_ABUSE_SIGNALS;
}

static void
block_apply(const dp_control_block_t *block)
{
    dp_abuse_party_t    party = {.kind = block->subject_kind};
    dp_abuse_standing_t said = {
        .tier = (uint8_t) block->tier,
        .level = (uint8_t) ngx_min(block->level, DP_ABUSE_LEVEL_MAX),
        .signal = (uint8_t) block->signal,
    };

    if (!block_valid(block)) {
        ngx_http_devpilot_metrics_process()->malformed++;
        return;
    }

    ngx_memcpy(party.id, block->subject, DP_ID_SIZE);

    if (block->until_us > ngx_http_devpilot_wall_us()) {
        (void) ngx_http_devpilot_abuse_impose(control.mcf, &party, &said,
                                              block->until_us);
    }
}

/*
 * Blocks that any edge decided, and operators' words against them; each once, as
 * what happens here later is newer.
 */
static void
blocks_apply(dp_slice_t list, uint64_t generation)
{
    uint64_t           known = ngx_http_devpilot_control_generation(control.mcf);
    dp_control_block_t block;

    if (generation < known) {
        return;
    }

    list = dp_control_blocks_since(list, known);

    while (dp_control_block_next(&list, &block)) {
        block_apply(&block);
    }
}

static ngx_int_t
record_take(ngx_uint_t index, dp_slice_t fields)
{
    dp_wire_control_t record;

    if (!dp_wire_decode(&dp_wire_control, fields, &record)
        || !record_valid(&record))
    {
        return NGX_ERROR;
    }

    blocks_apply(record.blocks, record.generation);
    control.workers[index].environment = record.environment;
    control.workers[index].heard = 1;
    environments_gather();

    /* before the floor rises: what is asked again meets the new keys */
    ngx_http_devpilot_keys_apply(&record);

    if (ngx_http_devpilot_control_apply(control.mcf, &record)
        && record.generation != control.reported)
    {
        report_send(NULL);
    }

    return NGX_OK;
}

static void
timer_fired(ngx_event_t *timer)
{
    environments_gather();
    report_send(NULL);
    ngx_add_timer(timer, PERIOD_MS);
}

ngx_int_t
ngx_http_devpilot_control_init(ngx_http_devpilot_main_conf_t *mcf,
                               ngx_cycle_t *cycle)
{
    if (mcf->channels.endpoints == NULL) {
        return NGX_OK;
    }

    control.mcf = mcf;
    control.workers = ngx_pcalloc(cycle->pool, mcf->channels.endpoints->nelts
                                                   * sizeof(worker_t));
    if (control.workers == NULL) {
        return NGX_ERROR;
    }

    mcf->channels.greet = channel_greet;
    mcf->channels.hear = record_take;

    control.none.fd = (ngx_socket_t) -1;
    control.timer.handler = timer_fired;
    control.timer.log = cycle->log;
    control.timer.data = &control.none;
    control.timer.cancelable = 1;
    ngx_add_timer(&control.timer, PERIOD_MS);

    return NGX_OK;
}
