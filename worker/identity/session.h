/*
 * Sessions: who somebody is who has logged in, the rows a new one is made of, and
 * what a client is answered with.
 *
 * Whoever has established who a person is, by password, second factor or
 * elsewhere, opens a session with two calls:
 *
 *     member = dp_session_member(op, user_id);          in the first trip
 *     ...
 *     return dp_session_open(op, dp_transaction_row(op, member), &login)
 *            && dp_transaction_commit(op);
 *
 * The platform's role runs the statements: such operations are public.
 */

#ifndef DP_SESSION_H
#define DP_SESSION_H

#include "db/transaction.h"
#include "settings.h"

/* Once, before any thread is started: how long sessions last. */
void    dp_session_configure(const dp_settings_t *settings);
int32_t dp_session_idle_s(void);
int32_t dp_session_lifetime_s(void);

/* --- who ---------------------------------------------------------------------- */

/* A user in one of his organisations; borrows from a row. */
typedef struct {
    const uint8_t *user_id;
    dp_slice_t     email;
    dp_slice_t     display_name; /* may be empty */
    const uint8_t *org_id;
    dp_slice_t     org_slug;
    dp_slice_t     org_name;
    dp_slice_t     org_kind;
    int            rank;       /* of his role there */
    int            plan;       /* the organisation's, its rank */
    uint64_t       generation; /* of the control state it was read at */
} dp_member_t;

/* Its columns, of dp.member_profile m and dp.control_state c. */
#define DP_MEMBER_COLUMNS                                           \
    " m.user_id, m.email, m.display_name, m.org_id, m.org_slug,"    \
    " m.org_name, m.org_kind, m.rank, m.plan, c.generation "

#define DP_MEMBER_COLUMN_COUNT 10

/* Reads these columns, the first of which is `column`. */
dp_member_t dp_member_read(dp_row_t row, int column);

typedef struct {
    const uint8_t *id;
    bool           cookie; /* else it has tokens */
    int            auth_level;
    uint64_t       auth_us; /* times since 1970 */
    uint64_t       expires_us;
    uint64_t       absolute_us;
    dp_member_t    member;
} dp_session_t;

/* Its columns, of dp.session s besides. */
#define DP_SESSION_COLUMNS                                          \
    " s.id, s.transport = 'cookie', s.auth_level, s.auth_at,"       \
    " s.expires_at, s.absolute_expires_at," DP_MEMBER_COLUMNS

dp_session_t dp_session_read(dp_row_t row);

/* --- a new one ------------------------------------------------------------------ */

/* Somebody who has proved who he is. */
typedef struct {
    const char *method;     /* how, for the audit trail: password, totp ... */
    bool        cookie;     /* the transport he asks for */
    int         auth_level; /* 1, or 2 with a second factor */
} dp_login_t;

/*
 * Whether the body's "transport" asks for a cookie.  False after dp_op_fail():
 * AUTH_TLS_REQUIRED.
 */
bool dp_session_transport(dp_op_t *op, bool *cookie)
    __attribute__((warn_unused_result));

/*
 * Queues reading the user in the organisation that his session will act in: the
 * one of his last session, else his first.
 */
unsigned dp_session_member(dp_op_t *op, const uint8_t *user_id);

/*
 * Queues the rows of a new session of that member, with its audit event, and
 * fills the reply: tokens, or cookies; the device's cookie besides.  False after
 * dp_op_fail(): he is in no organisation any more, or nothing can be signed.
 */
bool dp_session_open(dp_op_t *op, dp_row_t member, const dp_login_t *login)
    __attribute__((warn_unused_result));

/*
 * Queues that events of this transaction are about a user in an organisation,
 * who came with a credential; each may be NULL.
 */
void dp_session_act_as(dp_op_t *op, const uint8_t *org_id,
                       const uint8_t *user_id, const uint8_t *credential_id);

/*
 * Begins a transaction and lets a refresh token be followed by its successor, of
 * which the session is borrowed from a row; the caller fills the reply and
 * commits.  False after dp_op_fail(): AUTH_TOKEN_INVALID, AUTH_SESSION_REVOKED.
 */
bool dp_session_refresh(dp_op_t *op, dp_slice_t text, dp_session_t *session,
                        dp_slice_t *successor)
    __attribute__((warn_unused_result));

/* --- what a client is told ------------------------------------------------------ */

/* Fails with AUTH_FORBIDDEN when the caller came without a session. */
bool dp_session_required(dp_op_t *op) __attribute__((warn_unused_result));

/* {"id", "user", "org", "role", ...} */
dp_slice_t dp_session_render(dp_op_t *op, const dp_session_t *session);

/*
 * Fill the reply: {"accessToken", ..., "session"}, without a refresh token when
 * that is empty; {"session", "csrfToken"}.  False after dp_op_fail(): nothing can
 * be signed.
 */
bool dp_session_tokens(dp_op_t *op, const dp_session_t *session,
                       dp_slice_t refresh) __attribute__((warn_unused_result));
bool dp_session_cookied(dp_op_t *op, const dp_session_t *session)
    __attribute__((warn_unused_result));

/* Adds a cookie to the reply: of the session, or the device; empty: it goes. */
void dp_session_cookie(dp_op_t *op, dp_slice_t secret);
void dp_device_cookie(dp_op_t *op, dp_slice_t secret);

#endif /* DP_SESSION_H */
