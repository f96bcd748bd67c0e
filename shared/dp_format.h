/*
 * The formats of JSON Schema that the contract may use, as assertions.
 *
 * What is accepted is what a careful reader of the format's RFC accepts without
 * its obsolete and exotic forms.
 */

#ifndef DP_FORMAT_H
#define DP_FORMAT_H

#include "dp_bytes.h"

typedef enum {
    DP_FORMAT_UUID,      /* RFC 4122: 8-4-4-4-12 hexadecimal digits */
    DP_FORMAT_DATE_TIME, /* RFC 3339, section 5.6, with a zone */
    DP_FORMAT_EMAIL,     /* RFC 5321: dot-string@domain, 254 bytes at most */
    DP_FORMAT_URI,       /* RFC 3986: with a scheme */
} dp_format_t;

bool dp_format_check(dp_format_t format, dp_slice_t text)
    __attribute__((warn_unused_result));

#endif /* DP_FORMAT_H */
