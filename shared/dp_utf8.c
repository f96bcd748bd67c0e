    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {/*
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) { * UTF-8 by the table of RFC 3629, section 4: what a lead byte allows its second
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) { * byte to be rules out overlong forms, surrogates and the rest beyond U+10FFFF.
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) { */
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {#include "dp_utf8.h"
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {typedef struct {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    uint8_t first; /* lead bytes from here ... */
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    uint8_t last;  /* ... to here */
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    uint8_t length;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    uint8_t second_min;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    uint8_t second_max;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {} lead_t;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {static const lead_t leads[] = {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    {0xc2, 0xdf, 2, 0x80, 0xbf},
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    {0xe0, 0xe0, 3, 0xa0, 0xbf},
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    {0xe1, 0xec, 3, 0x80, 0xbf},
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    {0xed, 0xed, 3, 0x80, 0x9f},
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    {0xee, 0xef, 3, 0x80, 0xbf},
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    {0xf0, 0xf0, 4, 0x90, 0xbf},
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    {0xf1, 0xf3, 4, 0x80, 0xbf},
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    {0xf4, 0xf4, 4, 0x80, 0x8f},
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {};
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {static const lead_t *
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {lead_find(uint8_t byte)
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {{
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        if (byte >= leads[i].first && byte <= leads[i].last) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {            return &leads[i];
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        }
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    }
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    return NULL;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {}
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {size_t
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {dp_utf8_length(const uint8_t *pos, const uint8_t *end)
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {{
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    const lead_t *lead;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    if (pos == end) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        return 0;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    }
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    if (*pos < 0x80) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        return 1;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    }
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    lead = lead_find(*pos);
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    if (lead == NULL || (size_t) (end - pos) < lead->length
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        || pos[1] < lead->second_min || pos[1] > lead->second_max) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        return 0;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    }
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    for (size_t i = 2; i < lead->length; i++) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        if ((pos[i] & 0xc0) != 0x80) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {            return 0;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        }
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    }
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    return lead->length;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {}
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {bool
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {dp_utf8_count(dp_slice_t text, size_t *characters)
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {{
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    size_t offset = 0;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    *characters = 0;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    while (offset < text.len) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        size_t len = dp_utf8_length(text.data + offset, text.data + text.len);
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        if (len == 0) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {            return false;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        }
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        offset += len;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        *characters += 1;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    }
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    return true;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {}
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {static uint8_t
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {continuation(uint32_t code_point, unsigned shift)
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {{
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    return (uint8_t) (0x80 | (code_point >> shift & 0x3f));
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {}
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {size_t
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {dp_utf8_encode(uint8_t bytes[4], uint32_t code_point)
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {{
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    if (code_point < 0x80) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        bytes[0] = (uint8_t) code_point;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        return 1;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    }
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    if (code_point < 0x800) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        bytes[0] = (uint8_t) (0xc0 | code_point >> 6);
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        bytes[1] = continuation(code_point, 0);
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        return 2;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    }
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {|| (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        return 0;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    }
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    if (code_point < 0x10000) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        bytes[0] = (uint8_t) (0xe0 | code_point >> 12);
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        bytes[1] = continuation(code_point, 6);
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        bytes[2] = continuation(code_point, 0);
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {        return 3;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    }
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    bytes[0] = (uint8_t) (0xf0 | code_point >> 18);
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    bytes[1] = continuation(code_point, 12);
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    bytes[2] = continuation(code_point, 6);
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    bytes[3] = continuation(code_point, 0);
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {    return 4;
    if (code_point > 0x10ffff
        || (code_point >= 0xd800 && code_point <= 0xdfff)) {}
