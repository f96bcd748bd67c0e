/*
 * Verifying an export of an audit trail, with nothing but the export, the public key
 * and what was kept: docs/audit-verification.md.
 */

#ifndef DP_CTL_AUDIT_H
#define DP_CTL_AUDIT_H

#include "dp_audit_chain.h"
#include "dp_json_check.h"
#include "options.h"

/* Returns the exit code: 0 only when nothing is wrong. */
int dp_audit_verify(const dp_ctl_options_t *options);

/* --- lines of an export: audit_line.c ---------------------------------------- */

typedef enum {
    DP_LINE_MALFORMED,
    DP_LINE_EXPORT,
    DP_LINE_EVENT,
    DP_LINE_SEAL,
    DP_LINE_CHECKPOINT,
} dp_line_type_t;

/* A line, and what it says: of its type only.  Begins zeroed. */
typedef struct {
    dp_json_t        json;
    uint8_t         *buffer; /* what strings are decoded to */
    size_t           size;   /* of it */
    size_t           used;
    dp_line_type_t   type;
    uint8_t          chain_id[DP_ID_SIZE]; /* of an export */
    dp_audit_event_t event;
    dp_audit_seal_t  seal;
    bool             retained; /* the seal's events are in the export */
    dp_slice_t       note;     /* of a checkpoint */
} dp_line_t;

/* Reads a line without its end; what it lends lives until the next one. */
void dp_line_read(dp_line_t *line, dp_slice_t text);

void dp_line_free(dp_line_t *line);

#endif /* DP_CTL_AUDIT_H */
