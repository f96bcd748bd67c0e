/*
 * A byte queue in one growing piece of memory.  See ngx_http_devpilot_fifo.h.
 *
 * Growth doubles and moving to the front happens only when at least half of
 * the memory has been taken, so each byte is moved a bounded number of times.
 */

#include "ngx_http_devpilot_fifo.h"

#define SIZE_MIN (64 * 1024)
#define SIZE_KEPT (1024 * 1024) /* more is given back when nothing is left */

/* Moves the contents to `start`, a piece of `capacity` bytes. */
static void
contents_move(ngx_http_devpilot_fifo_t *fifo, u_char *start, size_t capacity)
{
    size_t length = ngx_http_devpilot_fifo_length(fifo);

    if (length != 0) {
        ngx_memmove(start, fifo->pos, length);
    }

    fifo->start = start;
    fifo->pos = start;
    fifo->last = start + length;
    fifo->end = start + capacity;
}

ngx_int_t
ngx_http_devpilot_fifo_reserve(ngx_http_devpilot_fifo_t *fifo, size_t size,
                               ngx_log_t *log)
{
    size_t  capacity = (size_t) (fifo->end - fifo->start);
    size_t  needed = ngx_http_devpilot_fifo_length(fifo) + size;
    u_char *old = fifo->start;
    u_char *start;

    if (size <= ngx_http_devpilot_fifo_room(fifo)) {
        return NGX_OK;
    }

    if (needed <= capacity / 2) {
        contents_move(fifo, old, capacity);
        return NGX_OK;
    }

    capacity = ngx_max(ngx_max(needed, 2 * capacity), SIZE_MIN);

    start = ngx_alloc(capacity, log);
    if (start == NULL) {
        return NGX_ERROR;
    }

    contents_move(fifo, start, capacity);

    if (old != NULL) {
        ngx_free(old);
    }

    return NGX_OK;
}

void
ngx_http_devpilot_fifo_take(ngx_http_devpilot_fifo_t *fifo, size_t size)
{
    fifo->pos += size;

    if (fifo->pos != fifo->last) {
        return;
    }

    if (fifo->end - fifo->start > SIZE_KEPT) {
        ngx_http_devpilot_fifo_free(fifo);
        return;
    }

    fifo->pos = fifo->start;
    fifo->last = fifo->start;
}

void
ngx_http_devpilot_fifo_free(ngx_http_devpilot_fifo_t *fifo)
{
    if (fifo->start != NULL) {
        ngx_free(fifo->start);
    }

    ngx_memzero(fifo, sizeof(*fifo));
}
