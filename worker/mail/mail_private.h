/*
 * What the files of this folder share.
 */

#ifndef DP_MAIL_PRIVATE_H
#define DP_MAIL_PRIVATE_H

#include "mail.h"
#include "message.h"

typedef struct {
    const char *url;  /* "": none is sent */
    const char *from;
    const char *user; /* NULL: no login */
    const char *password;
    const char *public_url;
} dp_mail_config_t;

/* As dp_mail_open() read them. */
const dp_mail_config_t *dp_mail_config(void);

/* A mail as its job's payload has it; slices in the arena or the payload. */
typedef struct {
    const dp_mail_row_t *row;
    dp_slice_t           to;
    dp_mail_values_t     values;
} dp_mail_letter_t;

/* Reads a payload; false when it is none, or of a mail that we do not know. */
bool dp_mail_letter_read(dp_mail_letter_t *letter, dp_arena_t *arena,
                         dp_slice_t payload)
    __attribute__((warn_unused_result));

/*
 * The whole mail, with the Message-ID of the given id, in the arena.  False: a
 * value is missing, or an address is not plain.
 */
bool dp_mail_letter_render(dp_slice_t *message, dp_arena_t *arena,
                           const dp_mail_letter_t *letter, const uint8_t *id,
                           uint64_t now_us) __attribute__((warn_unused_result));

#endif /* DP_MAIL_PRIVATE_H */
