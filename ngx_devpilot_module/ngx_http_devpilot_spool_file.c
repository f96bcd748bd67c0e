/*
 * The file of events as the master takes it over and begins it anew.
 *
 * What it has goes into the ring, and then a new file with all that the ring has
 * takes its place: it is whole at every moment, whatever was torn or of another
 * size.  Another nginx keeps off a file that is in use (flock).
 */

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/file.h>

#include "ngx_http_devpilot_events.h"

#define LOCK_TRIES 20 /* the processes of a killed master take a moment */
#define LOCK_PAUSE_MS 50

#define BATCH 64

#define SLOTS_MAX (NGX_HTTP_DEVPILOT_EVENTS_SIZE_MAX / DP_RING_SLOT_SIZE - 1)

/* Says what is wrong with the file at that path; always NGX_ERROR. */
static ngx_int_t
fail(const char *what, const u_char *path)
{
    ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, ngx_errno,
                  "devpilot_spool: %s \"%s\" failed: "
                  "events are kept in memory only", what, path);

    return NGX_ERROR;
}

/* The file is still what the path names: another nginx may have begun it anew. */
static ngx_uint_t
file_current(ngx_fd_t fd, const u_char *path)
{
    struct stat opened, named;

    return fstat(fd, &opened) == 0 && lstat((const char *) path, &named) == 0
           && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* For as long as a process has it open; another nginx is not waited for. */
static ngx_int_t
file_lock(ngx_fd_t fd, const u_char *path)
{
    for (ngx_uint_t i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            ngx_set_errno(EBUSY);
            return file_current(fd, path) ? NGX_OK : NGX_ERROR;
        }

        ngx_msleep(LOCK_PAUSE_MS);
    }

    return NGX_ERROR;
}

static ngx_fd_t
file_open(const u_char *path, int flags)
{
    ngx_fd_t fd = open((const char *) path, flags | O_RDWR | O_CREAT | O_CLOEXEC
                                                | O_NOFOLLOW, 0600);

    if (fd == NGX_INVALID_FILE) {
        (void) fail("open()", path);
        return NGX_INVALID_FILE;
    }

    if (file_lock(fd, path) != NGX_OK) {
        (void) fail("flock()", path);
        (void) close(fd);
        return NGX_INVALID_FILE;
    }

    return fd;
}

/* What is read past its end is zeros: slots without a record. */
static ngx_int_t
block_read(ngx_fd_t fd, uint64_t number, uint8_t block[DP_RING_SLOT_SIZE])
{
    ssize_t size;

    ngx_memzero(block, DP_RING_SLOT_SIZE);
    size = pread(fd, block, DP_RING_SLOT_SIZE,
                 (off_t) (number * DP_RING_SLOT_SIZE));

    return size < 0 ? NGX_ERROR : size == 0 ? NGX_DONE : NGX_OK;
}

/* Out of one ring into the other, in their order; what has no room is dropped. */
static uint64_t
records_move(const ngx_http_devpilot_events_conf_t *conf, dp_ring_t *from)
{
    uint64_t         moved = 0;
    size_t           count;
    uint8_t          record[DP_RING_RECORD_MAX];
    dp_ring_ticket_t tickets[BATCH];

    while ((count = dp_ring_oldest(from, tickets, BATCH)) != 0) {
        for (size_t i = 0; i < count; i++) {
            size_t length = dp_ring_read(from, tickets[i], record);

            if (length != 0
                && dp_ring_put(ngx_http_devpilot_events_ring(conf), UINT64_MAX,
                               (uint32_t) ngx_pid, dp_slice(record, length)))
            {
                moved++;
            } else {
                (void) __atomic_fetch_add(
                    &ngx_http_devpilot_events_state(conf)->dropped, 1,
                    __ATOMIC_RELAXED);
            }

            dp_ring_remove(from, tickets[i]);
        }
    }

    return moved;
}

/* All slots of the file, into a ring of our own first: in no order. */
static ngx_int_t
slots_load(const ngx_http_devpilot_events_conf_t *conf, ngx_fd_t fd,
           dp_ring_t *ring)
{
    uint8_t   block[DP_RING_SLOT_SIZE];
    uint64_t  torn = 0;
    ngx_int_t rc = NGX_OK;

    for (uint64_t i = 0; i < SLOTS_MAX; i++) {
        rc = block_read(fd, i + 1, block);
        if (rc != NGX_OK) {
            break;
        }

        torn += dp_ring_load(ring, i, block) == DP_RING_TORN;
    }

    if (torn != 0) {
        (void) __atomic_fetch_add(&ngx_http_devpilot_events_state(conf)->torn,
                                  torn, __ATOMIC_RELAXED);
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "devpilot_spool: %uL events of \"%V\" were torn",
                      torn, &conf->spool);
    }

    return rc == NGX_ERROR ? NGX_ERROR : NGX_OK;
}

static ngx_int_t
records_load(const ngx_http_devpilot_events_conf_t *conf, ngx_fd_t fd)
{
    size_t     size = NGX_HTTP_DEVPILOT_EVENTS_SIZE_MAX + DP_RING_MIN;
    uint64_t   moved;
    ngx_int_t  rc;
    dp_ring_t *ring = ngx_memalign(64, size, ngx_cycle->log);

    if (ring == NULL) {
        return NGX_ERROR;
    }

    dp_ring_init(ring, size);
    rc = slots_load(conf, fd, ring);
    moved = records_move(conf, ring);
    ngx_free(ring);

    if (moved != 0) {
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "devpilot_spool: %uL events of \"%V\" are to be stored",
                      moved, &conf->spool);
    }

    return rc;
}

/* What is none of ours is not lost: it gets another name. */
static ngx_int_t
file_put_aside(const u_char *path)
{
    u_char aside[NGX_MAX_PATH + NGX_TIME_T_LEN + 2];

    *ngx_snprintf(aside, sizeof(aside) - 1, "%s.%T", path, ngx_time()) = '\0';

    if (rename((const char *) path, (const char *) aside) != 0) {
        return fail("rename()", path);
    }

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "devpilot_spool: \"%s\" is no file of events, or one of "
                  "another layout: it is \"%s\" now, and a new one begins empty",
                  path, aside);

    return NGX_OK;
}

/* Takes over what is at that path, if anything is. */
static ngx_int_t
file_take_over(const ngx_http_devpilot_events_conf_t *conf, ngx_fd_t fd,
               const u_char *path)
{
    uint64_t  id;
    uint8_t   head[DP_RING_SLOT_SIZE];
    ngx_int_t rc = block_read(fd, 0, head);

    if (rc == NGX_ERROR) {
        return fail("pread()", path);
    }

    if (rc == NGX_DONE) {
        return NGX_OK;
    }

    if (!dp_ring_head_read(head, &id)) {
        return file_put_aside(path);
    }

    return records_load(conf, fd) == NGX_OK ? NGX_OK : fail("pread()", path);
}

static ngx_int_t
block_write(ngx_fd_t fd, uint64_t number,
            const uint8_t block[DP_RING_SLOT_SIZE])
{
    ssize_t size = pwrite(fd, block, DP_RING_SLOT_SIZE,
                          (off_t) (number * DP_RING_SLOT_SIZE));

    if (size >= 0 && size < DP_RING_SLOT_SIZE) {
        ngx_set_errno(ENOSPC);
    }

    return size == DP_RING_SLOT_SIZE ? NGX_OK : NGX_ERROR;
}

/* After a failure nobody knows what the file has: all is written again. */
ngx_int_t
ngx_http_devpilot_spool_file_write(dp_ring_t *ring, ngx_fd_t fd, uint64_t id)
{
    uint8_t   block[DP_RING_SLOT_SIZE];
    uint64_t  state;
    ngx_int_t rc = NGX_OK;

    for (uint64_t i = 0; i < dp_ring_extent(ring) && rc == NGX_OK; i++) {
        if (dp_ring_unfiled(ring, i, id, block, &state)) {
            rc = block_write(fd, i + 1, block);
            dp_ring_filed(ring, i, id, state);
        }
    }

    if (rc == NGX_OK && fdatasync(fd) == 0) {
        return NGX_OK;
    }

    for (uint64_t i = 0; i < dp_ring_extent(ring); i++) {
        dp_ring_filed(ring, i, id, UINT64_MAX);
    }

    return NGX_ERROR;
}

/* What is there already stays untouched: processes write it. */
static ngx_int_t
file_grow(ngx_fd_t fd, size_t size)
{
    int         rc;
    struct stat file;

    if (fstat(fd, &file) != 0) {
        return NGX_ERROR;
    }

    if (file.st_size >= (off_t) size) {
        return NGX_OK;
    }

    rc = posix_fallocate(fd, file.st_size, (off_t) size - file.st_size);
    ngx_set_errno(rc);

    return rc == 0 ? NGX_OK : NGX_ERROR;
}

void
ngx_http_devpilot_spool_file_grow(const ngx_http_devpilot_events_conf_t *conf,
                                  ngx_fd_t fd)
{
    if (file_grow(fd, conf->size) != NGX_OK) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, ngx_errno,
                      "devpilot_spool: \"%V\" cannot be made %uz bytes large",
                      &conf->spool, conf->size);
    }
}

static ngx_int_t
file_fill(const ngx_http_devpilot_events_conf_t *conf, ngx_fd_t fd, uint64_t id)
{
    uint8_t head[DP_RING_SLOT_SIZE];

    if (file_grow(fd, conf->size) != NGX_OK) {
        return NGX_ERROR;
    }

    dp_ring_head_write(head, id);

    return block_write(fd, 0, head) == NGX_OK
                   && ngx_http_devpilot_spool_file_write(
                          ngx_http_devpilot_events_ring(conf), fd, id)
                          == NGX_OK
               ? NGX_OK : NGX_ERROR;
}

/* The name itself has to outlive the machine's fall. */
static void
folder_sync(const u_char *path)
{
    u_char   folder[NGX_MAX_PATH];
    u_char  *end;
    ngx_fd_t fd;

    end = ngx_cpystrn(folder, (u_char *) path, sizeof(folder));

    while (end > folder + 1 && *--end != '/') {
    }

    *end = '\0';
    fd = open(folder[0] == '\0' ? "/" : (const char *) folder,
              O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd != NGX_INVALID_FILE) {
        (void) fsync(fd);
        (void) close(fd);
    }
}

/*
 * A new file, with all that the ring has, in the place of the old one: whoever
 * is killed meanwhile leaves the old one.
 */
static ngx_fd_t
file_begin(const ngx_http_devpilot_events_conf_t *conf, const u_char *path,
           uint64_t *id)
{
    u_char   fresh[NGX_MAX_PATH];
    ngx_fd_t fd;

    *ngx_snprintf(fresh, sizeof(fresh) - 1, "%s.new", path) = '\0';
    fd = file_open(fresh, O_TRUNC);

    if (fd == NGX_INVALID_FILE) {
        return NGX_INVALID_FILE;
    }

    if (RAND_bytes((u_char *) id, sizeof(*id)) != 1
        || file_fill(conf, fd, *id) != NGX_OK
        || rename((const char *) fresh, (const char *) path) != 0)
    {
        (void) fail("writing", fresh);
        (void) close(fd);
        return NGX_INVALID_FILE;
    }

    folder_sync(path);

    return fd;
}

ngx_fd_t
ngx_http_devpilot_spool_file_open(const ngx_http_devpilot_events_conf_t *conf,
                                  const u_char *path, uint64_t *id)
{
    ngx_fd_t fd = NGX_INVALID_FILE;
    ngx_fd_t old = file_open(path, 0);

    if (old == NGX_INVALID_FILE) {
        return NGX_INVALID_FILE;
    }

    if (file_take_over(conf, old, path) == NGX_OK) {
        fd = file_begin(conf, path, id);
    }

    (void) close(old);

    return fd;
}
