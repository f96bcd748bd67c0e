/*
 * Writing JSON into a bounded buffer: strings are escaped, everything else is
 * the caller's syntax, put down with dp_write_text().
 */

#ifndef DP_JSON_OUT_H
#define DP_JSON_OUT_H

#include "dp_bytes.h"

/*
 * A quoted string.  Control characters, quotes and backslashes are escaped;
 * bytes that are not UTF-8 become U+FFFD, so the result is always valid JSON.
 * Takes at most 2 + 6 * text.len bytes.
 */
void dp_json_string(dp_writer_t *writer, dp_slice_t text);

/* A decimal integer. */
void dp_json_uint(dp_writer_t *writer, uint64_t value);

/* A quoted UUID, lower case, of 16 bytes. */
void dp_json_id(dp_writer_t *writer, const uint8_t *id);

/* A quoted RFC 3339 time in UTC with microseconds: 2026-11-20T10:00:00.000001Z. */
void dp_json_time(dp_writer_t *writer, uint64_t unix_us);

#endif /* DP_JSON_OUT_H */
