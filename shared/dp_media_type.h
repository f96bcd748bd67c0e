/*
 * Media types and their parameters, as the headers Content-Type and Accept
 * carry them (RFC 9110, 8.3.1).
 *
 * Names compare without regard to case; slices borrow from the header's value.
 */

#ifndef DP_MEDIA_TYPE_H
#define DP_MEDIA_TYPE_H

#include "dp_bytes.h"

typedef struct {
    dp_slice_t type;
    dp_slice_t subtype;
} dp_media_type_t;

typedef struct {
    dp_slice_t name;
    dp_slice_t value; /* of a quoted string the inside, escapes included */
} dp_media_parameter_t;

/* Reads type/subtype behind any blanks; `reader` fails when there is none. */
dp_media_type_t dp_media_type_read(dp_reader_t *reader);

/*
 * Reads the next parameter.  False when there is none left, and `reader` then
 * stands at the end or at what no parameter begins with; or when it is
 * malformed, and `reader` has failed.
 */
bool dp_media_parameter_read(dp_reader_t *reader,
                             dp_media_parameter_t *parameter);

/* `lower` is a text in lower case. */
bool dp_media_text_is(dp_slice_t text, dp_slice_t lower);

/*
 * The value of a Content-Type: application/json, alone or with charset=utf-8,
 * the only charset that JSON has.
 */
bool dp_media_type_is_json(dp_slice_t value);

/* Likewise application/x-www-form-urlencoded. */
bool dp_media_type_is_form(dp_slice_t value);

#endif /* DP_MEDIA_TYPE_H */
