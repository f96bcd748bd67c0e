/*
 * The edge's shared memory: zones of a fixed size that survive a reload.
 *
 * Old and new nginx processes use the same bytes while the old ones drain, so
 * nothing in a zone is a pointer, and every word is changed atomically or by
 * one process only.  A process that is killed anywhere leaves a valid zone.
 */

#ifndef NGX_HTTP_DEVPILOT_ZONE_H
#define NGX_HTTP_DEVPILOT_ZONE_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "dp_rate.h"
#include "ngx_http_devpilot.h"

/* ngx_http_devpilot_zone.c */

typedef struct {
    ngx_str_t name;
    uint32_t  magic;
    uint32_t  layout; /* grows with every change of the zone's struct */
    size_t    size;   /* of the struct */

    /* Fills what may not be zero in an empty zone; NULL: nothing. */
    ngx_int_t (*begin)(void *zone, size_t size);
} ngx_http_devpilot_zone_spec_t;

/* The head of every zone's struct. */
typedef struct {
    uint32_t magic;
    uint32_t layout;
} ngx_http_devpilot_zone_head_t;

/* Asks nginx for the zone; `spec` is copied.  NULL after an error message. */
ngx_shm_zone_t *ngx_http_devpilot_zone_add(ngx_conf_t *cf,
    const ngx_http_devpilot_zone_spec_t *spec);

/* Bytes of the zone's struct. */
size_t ngx_http_devpilot_zone_size(const ngx_shm_zone_t *zone);

/* The zone's struct, zeroed when the zone was new. */
void *ngx_http_devpilot_zone_data(const ngx_shm_zone_t *zone);

/*
 * The struct of the zone of this name that the configuration has which is being
 * replaced, when nginx made another zone for the new one; or NULL.
 */
const void *ngx_http_devpilot_zone_before(const ngx_str_t *name,
                                          const void      *zone);

/* Whether that process lives; 0 is none. */
bool ngx_http_devpilot_process_lives(uint32_t pid);

/* ngx_http_devpilot_zone_control.c */

ngx_int_t ngx_http_devpilot_control_add(ngx_conf_t *cf,
                                        ngx_http_devpilot_main_conf_t *mcf);

/*
 * Puts the configured switches in force, for draining processes too.  Called
 * in init_module: by the master, after the configuration is committed.
 */
void ngx_http_devpilot_control_commit(const ngx_http_devpilot_main_conf_t *mcf);

/* The kill switches that are on at this moment, as bits DP_KILL_*. */
uint32_t ngx_http_devpilot_switches(const ngx_http_devpilot_main_conf_t *mcf);

/* Those that one source has on, and its changing them. */
uint32_t ngx_http_devpilot_switches_of(const ngx_http_devpilot_main_conf_t *mcf,
                                       dp_kill_source_t source);
void ngx_http_devpilot_switches_set(const ngx_http_devpilot_main_conf_t *mcf,
                                    dp_kill_source_t source,
                                    uint32_t switches);

/* How often a configuration was put in force. */
uint32_t ngx_http_devpilot_switches_generation(
    const ngx_http_devpilot_main_conf_t *mcf);

/* When one was, the last time, in seconds since 1970. */
uint64_t ngx_http_devpilot_committed_s(
    const ngx_http_devpilot_main_conf_t *mcf);

/*
 * What the environments of workers have on, beside nginx's own.  The database
 * says by a record what it has on.
 */
void ngx_http_devpilot_workers_environment_set(
    const ngx_http_devpilot_main_conf_t *mcf, uint32_t switches);
uint32_t ngx_http_devpilot_workers_environment(
    const ngx_http_devpilot_main_conf_t *mcf);

/*
 * Applies a worker's record, whose lists are valid, for all processes.  0, and
 * nothing is done, when a newer generation is known.
 */
ngx_uint_t ngx_http_devpilot_control_apply(
    const ngx_http_devpilot_main_conf_t *mcf, const dp_wire_control_t *record);

/* The generation that was applied; 0: none. */
uint64_t ngx_http_devpilot_control_generation(
    const ngx_http_devpilot_main_conf_t *mcf);

/*
 * What was read about the principals of a credential, user or organisation
 * before this generation is not valid any more.
 */
uint64_t ngx_http_devpilot_revoked_at(const ngx_http_devpilot_main_conf_t *mcf,
                                      const uint8_t id[DP_ID_SIZE]);

/* Microseconds since the newest record was read; UINT64_MAX: there is none. */
uint64_t ngx_http_devpilot_feed_age_us(
    const ngx_http_devpilot_main_conf_t *mcf);

/* That is less than devpilot_feed_timeout: writes are open. */
ngx_uint_t ngx_http_devpilot_feed_fresh(
    const ngx_http_devpilot_main_conf_t *mcf);

/* What the plan of this rank grants.  0: no record has told of it. */
ngx_uint_t ngx_http_devpilot_plan_rates(
    const ngx_http_devpilot_main_conf_t *mcf, uint16_t plan,
    dp_plan_rates_t *rates);

#define NGX_HTTP_DEVPILOT_PLANS 32

/* One plan after the other, by an index below that.  0: none is there. */
ngx_uint_t ngx_http_devpilot_plan_at(const ngx_http_devpilot_main_conf_t *mcf,
                                     ngx_uint_t index, uint16_t *plan,
                                     dp_plan_rates_t *rates);

/* When nginx's master started, in seconds since 1970; reloads do not count. */
uint64_t ngx_http_devpilot_started_s(const ngx_http_devpilot_main_conf_t *mcf);

/* A word for ngx_http_devpilot_probe.c; 0 at first. */
uint64_t *ngx_http_devpilot_findings(const ngx_http_devpilot_main_conf_t *mcf);

/* How many ids of a series (0 or 1) were made before this one. */
uint64_t ngx_http_devpilot_ids_count(const ngx_http_devpilot_main_conf_t *mcf,
                                     ngx_uint_t series);

#endif /* NGX_HTTP_DEVPILOT_ZONE_H */
