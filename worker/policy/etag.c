/*
 * Making entity tags, and comparing those of If-Match (RFC 9110, sections 8.8.3
 * and 13.1.1).
 */

#include "etag.h"

#include <inttypes.h>

#include "crypto/digest.h"
#include "dp_etag.h"
#include "dp_id.h"

#define DIGEST_SIZE 8

void
dp_etag_fill(dp_op_t *op, int64_t version)
{
    uint8_t digest[DP_SHA256_SIZE];
    char    text[2 * DIGEST_SIZE];

    dp_sha256(digest, &op->reply.body, 1);
    dp_hex_format(text, digest, DIGEST_SIZE);

    op->reply.etag = dp_arena_printf(op->arena, "\"%" PRId64 "-%.*s\"", version,
                                     (int) sizeof(text), text);
}

/* The version in front of the tag's '-'; 0, which no row has, without one. */
static int64_t
tag_version(dp_slice_t tag)
{
    int64_t version = 0;

    for (size_t i = 0; i < tag.len && tag.data[i] != '-'; i++) {
        if (tag.data[i] < '0' || tag.data[i] > '9'
            || version > (INT64_MAX - 9) / 10) {
            return 0;
        }

        version = version * 10 + (tag.data[i] - '0');
    }

    return version;
}

bool
dp_etag_matches(dp_slice_t if_match, int64_t version)
{
    dp_reader_t reader = dp_reader(if_match);
    dp_etag_t   tag;

    if (!dp_etag_list_valid(if_match)) {
        return false;
    }

    if (dp_slice_equal(if_match, DP_SLICE("*"))) {
        return true;
    }

    while (dp_etag_next(&reader, &tag)) {
        if (!tag.weak && tag_version(tag.opaque) == version) {
            return true;
        }
    }

    return false;
}

bool
dp_etag_check(dp_op_t *op)
{
    return op->route->if_match_required && op->request->if_match.len == 0
               ? dp_op_fail(op, DP_ERR_PRECONDITION_REQUIRED)
               : true;
}

bool
dp_etag_judge(dp_op_t *op, int64_t version)
{
    dp_slice_t if_match = op->request->if_match;

    return if_match.len == 0 || dp_etag_matches(if_match, version)
               ? true
               : dp_op_fail(op, DP_ERR_PRECONDITION_FAILED);
}
