/*
 * Events on their way to the audit trail: raised by whoever decides something,
 * kept until a worker has stored them.
 *
 * An event is put into a ring in shared memory, which outlives nginx's processes
 * and reloads, and from there, by a thread, into a file, which outlives nginx
 * (devpilot_spool).  It leaves both when a worker says that it is committed.
 * Nothing here waits: when there is no room an event is dropped, counted and
 * alarmed, and until there is room again only blocks are decided (C41).
 */

#ifndef NGX_HTTP_DEVPILOT_EVENTS_H
#define NGX_HTTP_DEVPILOT_EVENTS_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "dp_abuse_event.h"
#include "dp_ring.h"
#include "ngx_http_devpilot_channel.h"

#define NGX_HTTP_DEVPILOT_EVENTS_SIZE (1024 * 1024) /* if nothing is said */
#define NGX_HTTP_DEVPILOT_EVENTS_SIZE_MAX (2 * 1024 * 1024)

/* Of the main configuration. */
typedef struct {
    ngx_shm_zone_t *zone;
    ngx_str_t       spool;   /* path of the file; empty: there is none */
    size_t          size;    /* of ring and file, in bytes */
    void           *threads; /* the pool that writes the file */
} ngx_http_devpilot_events_conf_t;

/* What happened so far, in shared memory. */
typedef struct {
    uint64_t raised;
    uint64_t stored;   /* by workers, and taken away */
    uint64_t dropped;  /* there was no room */
    uint64_t torn;     /* found unreadable, in the file or the ring */
    uint64_t failures; /* writings of the file that failed */
    uint64_t full;     /* 1: only blocks are decided */
    uint64_t lease;    /* whose turn it is to ship: until ms << 22 | pid */
} ngx_http_devpilot_events_state_t;

/* ngx_http_devpilot_zone_events.c */

ngx_int_t ngx_http_devpilot_events_add(ngx_conf_t *cf,
                                       ngx_http_devpilot_events_conf_t *conf);
dp_ring_t *ngx_http_devpilot_events_ring(
    const ngx_http_devpilot_events_conf_t *conf);
ngx_http_devpilot_events_state_t *ngx_http_devpilot_events_state(
    const ngx_http_devpilot_events_conf_t *conf);

/* Slots that may be used, and those of them that anything but a block may. */
uint64_t ngx_http_devpilot_events_slots(
    const ngx_http_devpilot_events_conf_t *conf);
uint64_t ngx_http_devpilot_events_slots_ordinary(
    const ngx_http_devpilot_events_conf_t *conf);

/* ngx_http_devpilot_events.c */

/* In init_process, when the channels know their counters; all stay as they are. */
ngx_int_t ngx_http_devpilot_events_open(ngx_http_devpilot_events_conf_t *conf,
    ngx_http_devpilot_channels_t *channels, const ngx_str_t *instance,
    ngx_cycle_t *cycle);

/*
 * Raises an event, with an id that is made here; its time is now when it is zero.
 * Of a process that serves, from its event loop.
 */
void ngx_http_devpilot_event_raise(const dp_abuse_event_t *event);

/* There was no room lately: only blocks are to be decided. */
ngx_uint_t ngx_http_devpilot_events_full(void);

/* ngx_http_devpilot_spool_file.c */

/*
 * Takes over what the file at that path has, and begins it anew; `id` is its
 * name for the ring.  NGX_INVALID_FILE after an alert.
 */
ngx_fd_t ngx_http_devpilot_spool_file_open(
    const ngx_http_devpilot_events_conf_t *conf, const u_char *path,
    uint64_t *id);

/* Makes the file in use as large as it is to be; an alert where it cannot. */
void ngx_http_devpilot_spool_file_grow(
    const ngx_http_devpilot_events_conf_t *conf, ngx_fd_t fd);

/*
 * Writes the slots that the file of that id has otherwise, and waits for the
 * disk.  From any thread, of one process at a time.
 */
ngx_int_t ngx_http_devpilot_spool_file_write(dp_ring_t *ring, ngx_fd_t fd,
                                             uint64_t id);

/* ngx_http_devpilot_spool.c */

/* Reads the directive devpilot_spool. */
char *ngx_http_devpilot_spool_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                  void *conf);

/*
 * Opens the file and takes over what it has, or goes on with the one that is
 * open.  In init_module: by the master, after the configuration is committed.
 */
void ngx_http_devpilot_spool_commit(const ngx_http_devpilot_events_conf_t *conf);

/* In init_process, before the first event. */
ngx_int_t ngx_http_devpilot_spool_open(
    const ngx_http_devpilot_events_conf_t *conf, ngx_cycle_t *cycle);

/* Has a thread write what the file has not, if there is a file. */
void ngx_http_devpilot_spool_write(void);

/* There is a file, so that what is not shipped outlives nginx. */
ngx_uint_t ngx_http_devpilot_spool_used(void);

#endif /* NGX_HTTP_DEVPILOT_EVENTS_H */
