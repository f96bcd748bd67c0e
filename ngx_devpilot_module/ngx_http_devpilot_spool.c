/*
 * The file of events: the ring's image, so that what no worker has stored yet
 * outlives nginx.
 *
 * The master opens it, once for each path.  From then on threads of nginx's pool
 * write the slots that changed and wait for the disk; the event loop never
 * touches it.  Processes take turns by a lock that the kernel takes from the
 * dead.
 *
 * A file that cannot be had is an alert, never a reason not to serve: events are
 * then in memory only.
 */

#include <fcntl.h>

#include <ngx_config.h>
#include <ngx_core.h>
#if (NGX_THREADS)
#include <ngx_thread_pool.h>
#endif

#include "ngx_http_devpilot_directives.h"
#include "ngx_http_devpilot_events.h"

#define SIZE_LEAST (64 * 1024)

/* The master's, which its processes inherit. */
static struct {
    ngx_fd_t fd; /* NGX_INVALID_FILE: there is none */
    uint64_t id;
    u_char   path[NGX_MAX_PATH]; /* of the fd */
} spool = {.fd = NGX_INVALID_FILE};

/* --- the directive ---------------------------------------------------------- */

static char *
size_set(ngx_conf_t *cf, ngx_command_t *cmd, ngx_str_t *value, size_t *size)
{
    static const char allowed[] = "size=64k to size=2m";
    ngx_str_t         number = {value->len - 5, value->data + 5};
    ssize_t           bytes;

    if (value->len <= 5 || ngx_strncmp(value->data, "size=", 5) != 0) {
        return ngx_http_devpilot_refuse_value(cf, cmd, value, allowed);
    }

    bytes = ngx_parse_size(&number);

    if (bytes < SIZE_LEAST || bytes > NGX_HTTP_DEVPILOT_EVENTS_SIZE_MAX) {
        return ngx_http_devpilot_refuse_value(cf, cmd, value, allowed);
    }

    *size = (size_t) bytes;

    return NGX_CONF_OK;
}

char *
ngx_http_devpilot_spool_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
#if (NGX_THREADS)
    ngx_http_devpilot_events_conf_t *events =
        (void *) ((char *) conf + cmd->offset);
    ngx_str_t                       *value = cf->args->elts;

    if (events->spool.len != 0) {
        return "is duplicate";
    }

    events->spool = value[1];

    if (events->spool.len == 0
        || ngx_conf_full_name(cf->cycle, &events->spool, 0) != NGX_OK
        || events->spool.len + sizeof(".new") > NGX_MAX_PATH)
    {
        return ngx_http_devpilot_refuse_value(cf, cmd, &value[1], "a path");
    }

    events->threads = ngx_thread_pool_add(cf, NULL);
    if (events->threads == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_http_devpilot_in_use(cf);

    return cf->args->nelts == 2
               ? NGX_CONF_OK
               : size_set(cf, cmd, &value[2], &events->size);
#else
    return "needs an nginx that was built --with-threads";
#endif
}

/* --- the file --------------------------------------------------------------- */

static void
file_close(void)
{
    if (spool.fd != NGX_INVALID_FILE) {
        (void) close(spool.fd);
        spool.fd = NGX_INVALID_FILE;
    }
}

void
ngx_http_devpilot_spool_commit(const ngx_http_devpilot_events_conf_t *conf)
{
    u_char path[NGX_MAX_PATH];

    if (ngx_test_config) {
        return;
    }

    *ngx_snprintf(path, sizeof(path) - 1, "%V", &conf->spool) = '\0';

    if (spool.fd != NGX_INVALID_FILE && ngx_strcmp(path, spool.path) == 0) {
        ngx_http_devpilot_spool_file_grow(conf, spool.fd);
        return;
    }

    file_close();

    if (conf->spool.len != 0) {
        spool.fd = ngx_http_devpilot_spool_file_open(conf, path, &spool.id);
        (void) ngx_cpystrn(spool.path, path, sizeof(spool.path));
    }
}

/* --- writing ---------------------------------------------------------------- */

ngx_uint_t
ngx_http_devpilot_spool_used(void)
{
    return spool.fd != NGX_INVALID_FILE;
}

#if (NGX_THREADS)

static struct {
    ngx_thread_pool_t                *pool;
    ngx_thread_task_t                *task; /* NULL: there is no file */
    ngx_http_devpilot_events_state_t *state;
    dp_ring_t                        *ring;
    uint64_t                          changes; /* that the file has */
    ngx_int_t                         result;  /* of the task */
    ngx_err_t                         failure; /* why */
    unsigned                          failed:1; /* and that has been logged */
    unsigned                          busy:1;
} writer;

/* In a thread: waits for others and for the disk. */
static void
slots_file(void *data, ngx_log_t *log)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    writer.result = NGX_OK;

    if (fcntl(spool.fd, F_SETLKW, &lock) != 0
        || ngx_http_devpilot_spool_file_write(writer.ring, spool.fd, spool.id)
               != NGX_OK)
    {
        writer.result = NGX_ERROR;
        writer.failure = ngx_errno;
    }

    lock.l_type = F_UNLCK;
    (void) fcntl(spool.fd, F_SETLK, &lock);
}

static void
failure_note(void)
{
    (void) __atomic_fetch_add(&writer.state->failures, 1, __ATOMIC_RELAXED);

    if (!writer.failed) {
        writer.failed = 1;
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, writer.failure,
                      "devpilot_spool: writing \"%s\" failed: events are kept "
                      "in memory only", spool.path);
    }
}

/* A failure is tried again by whoever comes next, the timer at the latest. */
static void
slots_filed(ngx_event_t *event)
{
    writer.busy = 0;

    if (writer.result != NGX_OK) {
        failure_note();
        writer.changes = UINT64_MAX;
    } else {
        writer.failed = 0;
        ngx_http_devpilot_spool_write();
    }
}

void
ngx_http_devpilot_spool_write(void)
{
    uint64_t changes;

    if (writer.task == NULL || writer.busy) {
        return;
    }

    changes = dp_ring_changes(writer.ring);

    if (changes != writer.changes
        && ngx_thread_task_post(writer.pool, writer.task) == NGX_OK)
    {
        writer.changes = changes;
        writer.busy = 1;
    }
}

ngx_int_t
ngx_http_devpilot_spool_open(const ngx_http_devpilot_events_conf_t *conf,
                             ngx_cycle_t *cycle)
{
    if (spool.fd == NGX_INVALID_FILE) {
        return NGX_OK;
    }

    writer.pool = conf->threads;
    writer.state = ngx_http_devpilot_events_state(conf);
    writer.ring = ngx_http_devpilot_events_ring(conf);
    writer.changes = UINT64_MAX;
    writer.task = ngx_thread_task_alloc(cycle->pool, 0);

    if (writer.task == NULL) {
        return NGX_ERROR;
    }

    writer.task->handler = slots_file;
    writer.task->event.handler = slots_filed;

    return NGX_OK;
}

#else

void
ngx_http_devpilot_spool_write(void)
{
}

ngx_int_t
ngx_http_devpilot_spool_open(const ngx_http_devpilot_events_conf_t *conf,
                             ngx_cycle_t *cycle)
{
    return NGX_OK;
}

#endif
