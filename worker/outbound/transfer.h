/*
 * One exchange with a server outside, made by the outbound thread while the
 * caller waits.
 *
 * Private to this folder: what may be called, how often and what it means is
 * call.c's and mail.c's.  No redirect is followed, no proxy taken from the
 * environment, no cookie kept.
 */

#ifndef DP_TRANSFER_H
#define DP_TRANSFER_H

#include "guard.h"

#include <curl/curl.h>

#define DP_TRANSFER_NAME_SIZE 80

typedef struct {
    const char        *url;
    const char        *method; /* of HTTP; NULL: a mail */
    struct curl_slist *lines;  /* headers; of a mail, its recipient */
    const char        *sender; /* of a mail */
    const char        *user;   /* likewise; NULL: no login */
    const char        *password;
    dp_slice_t         body;
    const char        *correlation; /* a header's name, or "" */
    dp_guard_verdict_t verdict;     /* which addresses are allowed */
    bool               anywhere;    /* all are: the operator named the host */
    uint64_t           timeout_us;
    size_t             max_bytes;   /* of the answer's body */
} dp_transfer_t;

typedef struct {
    CURLcode   code;
    bool       refused;  /* the guard did not like an address */
    bool       sent;     /* something may have reached the server */
    unsigned   status;   /* HTTP's or SMTP's; 0: none came */
    uint8_t   *body;     /* the caller frees it */
    size_t     len;
    uint32_t   retry_after_s;
    char       correlation[DP_TRANSFER_NAME_SIZE];
    uint64_t   took_us;
} dp_transfer_result_t;

/* Starts the thread; false with errno.  One per process. */
bool dp_transfers_start(void) __attribute__((warn_unused_result));

/* Ends what is under way, and refuses what comes: CURLE_ABORTED_BY_CALLBACK. */
void dp_transfers_drain(void);

/* Drains and ends the thread. */
void dp_transfers_stop(void);

/* Waits until it is done. */
void dp_transfer_run(const dp_transfer_t *transfer,
                     dp_transfer_result_t *result);

/* Sleeps; false when transfers are drained meanwhile. */
bool dp_transfers_pause(uint64_t duration_us) __attribute__((warn_unused_result));

#endif /* DP_TRANSFER_H */
