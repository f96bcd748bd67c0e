/*
 * Bytes in the order they came: a connection's input or output.
 *
 * One contiguous piece of memory that grows as needed and is used again and
 * again; after an unusually large message it shrinks back.  Bytes are put
 * between `last` and what reserve() promised, and taken at `pos`.  Memory comes
 * from malloc, as it changes size and outlives every request.
 */

#ifndef NGX_HTTP_DEVPILOT_FIFO_H
#define NGX_HTTP_DEVPILOT_FIFO_H

#include <ngx_config.h>
#include <ngx_core.h>

/* Zeroed, it is empty and holds no memory. */
typedef struct {
    u_char *start; /* private */
    u_char *pos;   /* the first byte */
    u_char *last;  /* behind the last one */
    u_char *end;   /* private */
} ngx_http_devpilot_fifo_t;

static ngx_inline size_t
ngx_http_devpilot_fifo_length(const ngx_http_devpilot_fifo_t *fifo)
{
    return (size_t) (fifo->last - fifo->pos);
}

/* Bytes that may be put behind `last` now. */
static ngx_inline size_t
ngx_http_devpilot_fifo_room(const ngx_http_devpilot_fifo_t *fifo)
{
    return (size_t) (fifo->end - fifo->last);
}

/*
 * Makes room for `size` bytes behind `last`, which the caller then moves past
 * those it has put there.  The contents may move.  NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_devpilot_fifo_reserve(ngx_http_devpilot_fifo_t *fifo,
                                         size_t size, ngx_log_t *log);

/* Takes `size` bytes from the front. */
void ngx_http_devpilot_fifo_take(ngx_http_devpilot_fifo_t *fifo, size_t size);

/* Forgets all bytes and frees the memory. */
void ngx_http_devpilot_fifo_free(ngx_http_devpilot_fifo_t *fifo);

#endif /* NGX_HTTP_DEVPILOT_FIFO_H */
