/*
 * Writing a link: the route's path with the request's parameters.
 */

#include "link.h"

#include "json/render.h"

/* Punctuation, the limit and the relation. */
#define SYNTAX_SIZE 64

/* Unreserved characters of RFC 3986 stand for themselves. */
static bool
is_unreserved(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
           || (byte >= '0' && byte <= '9')
           || (byte != 0 && strchr("-._~", byte) != NULL);
}

static void
segment_write(dp_writer_t *writer, dp_slice_t segment)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < segment.len; i++) {
        uint8_t byte = segment.data[i];

        if (is_unreserved(byte)) {
            dp_write_u8(writer, byte);
        } else {
            dp_write_u8(writer, '%');
            dp_write_u8(writer, (uint8_t) digits[byte >> 4]);
            dp_write_u8(writer, (uint8_t) digits[byte & 15]);
        }
    }
}

static void
path_write(dp_writer_t *writer, const dp_op_t *op)
{
    const char *path = op->route->path;

    for (size_t i = 0; i < op->route->param_count; i++) {
        const char *name = strchr(path, '{');

        dp_write_bytes(writer, dp_slice(path, (size_t) (name - path)));
        segment_write(writer, op->request->params[i]);
        path = strchr(name, '}') + 1;
    }

    dp_write_text(writer, path);
}

static size_t
link_size(const dp_op_t *op, dp_slice_t cursor)
{
    size_t size = SYNTAX_SIZE + strlen(op->route->path) + cursor.len;

    for (size_t i = 0; i < op->route->param_count; i++) {
        size += 3 * op->request->params[i].len;
    }

    return size;
}

void
dp_link_next(dp_op_t *op, unsigned limit, dp_slice_t cursor)
{
    size_t      size = link_size(op, cursor);
    dp_writer_t writer = dp_render_begin(op->arena, size);

    dp_write_text(&writer, "<");
    path_write(&writer, op);
    dp_write_bytes(&writer, dp_arena_printf(op->arena, "?limit=%u&cursor=",
                                            limit));
    dp_write_bytes(&writer, cursor);
    dp_write_text(&writer, ">; rel=\"next\"");

    op->reply.link = dp_render_end(&writer);
}
