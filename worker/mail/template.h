/*
 * What mails say: the rows of templates.def, and filling them in.
 */

#ifndef DP_TEMPLATE_H
#define DP_TEMPLATE_H

#include "runtime/arena.h"

typedef enum {
#define DP_MAIL(member, ...) DP_MAIL_##member,
#include "templates.def"
#undef DP_MAIL
    DP_MAIL_TEMPLATES
} dp_mail_template_t;

typedef struct {
    const char *name;
    const char *subject;
    const char *text;
} dp_mail_row_t;

extern const dp_mail_row_t dp_mail_rows[DP_MAIL_TEMPLATES];

/* NULL: there is none of that name. */
const dp_mail_row_t *dp_mail_row_find(dp_slice_t name);

/* What stands in a template in braces. */
typedef struct {
    dp_slice_t name;
    dp_slice_t value;
} dp_mail_value_t;

typedef struct {
    const dp_mail_value_t *items;
    size_t                 count;
} dp_mail_values_t;

/*
 * The text with its values in place, in the arena.  False: a value that it names
 * is missing.
 */
bool dp_template_fill(dp_slice_t *filled, dp_arena_t *arena, const char *text,
                      dp_mail_values_t values)
    __attribute__((warn_unused_result));

#endif /* DP_TEMPLATE_H */
