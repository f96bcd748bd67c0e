/*
 * Reading a master key: for keys.c only, which wipes it.
 */

#ifndef DP_MASTER_KEY_H
#define DP_MASTER_KEY_H

#include "dp_bytes.h"

#define DP_MASTER_KEY_SIZE 32

/*
 * The bytes of a file, which has no others, or of 64 hexadecimal digits or 44
 * characters of base64.  NULL, or a sentence that says what is wrong.
 */
const char *dp_master_key_read(uint8_t key[DP_MASTER_KEY_SIZE], const char *path)
    __attribute__((warn_unused_result));
const char *dp_master_key_decode(uint8_t key[DP_MASTER_KEY_SIZE],
                                 const char *text)
    __attribute__((warn_unused_result));

#endif /* DP_MASTER_KEY_H */
