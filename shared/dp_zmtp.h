/*
 * ZMTP 3.1 with the NULL mechanism, as a codec without input or output.
 *
 * The side of a connection that a DEALER has towards a ROUTER, for messages of
 * one frame: see rfc.zeromq.org/spec/37.  The owner of the connection moves
 * the bytes; this turns them into events and events into bytes.
 *
 *     we                                    peer
 *     dp_zmtp_write_greeting()        ->
 *                                     <-    DP_ZMTP_GREETING
 *     dp_zmtp_write_ready()           ->
 *                                     <-    DP_ZMTP_READY
 *     dp_zmtp_frame_header() + body   <->   DP_ZMTP_MESSAGE
 *     dp_zmtp_write_pong()            <->   DP_ZMTP_PING
 *
 * Nothing is copied: a body borrows from the caller's input, so it is valid
 * as long as those bytes are.  Nothing here allocates or logs.
 */

#ifndef DP_ZMTP_H
#define DP_ZMTP_H

#include "dp_bytes.h"

#define DP_ZMTP_GREETING_SIZE 64
#define DP_ZMTP_READY_SIZE 30
#define DP_ZMTP_FRAME_HEADER_SIZE 9 /* at most */
#define DP_ZMTP_CONTEXT_SIZE 16     /* of a PING, at most */
#define DP_ZMTP_PING_SIZE 25        /* at most */
#define DP_ZMTP_PONG_SIZE 23        /* at most */

/*
 * A command's body, at most: a READY with a few properties, an ERROR with its
 * reason.  A longer one is malformed.
 */
#define DP_ZMTP_COMMAND_SIZE 1024

/*
 * The smallest input buffer that always makes progress is the largest frame:
 * the header and the larger of `message_max` and DP_ZMTP_COMMAND_SIZE.
 */
#define DP_ZMTP_INPUT_SIZE(message_max)                                       \
    (DP_ZMTP_FRAME_HEADER_SIZE                                                \
     + ((message_max) > DP_ZMTP_COMMAND_SIZE ? (message_max)                  \
                                             : DP_ZMTP_COMMAND_SIZE))

typedef enum {
    DP_ZMTP_AWAIT_GREETING,
    DP_ZMTP_AWAIT_READY,
    DP_ZMTP_TRAFFIC,
    DP_ZMTP_FAILED, /* after DP_ZMTP_ERROR or DP_ZMTP_MALFORMED, for good */
} dp_zmtp_state_t;

/* One connection's reader; dp_zmtp_init() sets it up.  Members are private. */
typedef struct {
    uint8_t state;       /* dp_zmtp_state_t */
    uint8_t peer_minor;  /* of the peer's version, when its major is 3 */
    size_t  message_max; /* bytes of a message's body */
} dp_zmtp_t;

typedef enum {
    DP_ZMTP_MORE,      /* nothing complete: keep the bytes, read more */
    DP_ZMTP_GREETING,  /* send READY now */
    DP_ZMTP_READY,     /* messages may be sent and will come */
    DP_ZMTP_MESSAGE,   /* body */
    DP_ZMTP_PING,      /* body is the context: answer with a PONG */
    DP_ZMTP_PONG,      /* body is the context of our PING */
    DP_ZMTP_IGNORED,   /* a command that means nothing to us */
    DP_ZMTP_ERROR,     /* body is the reason; close, repeating is no use */
    DP_ZMTP_MALFORMED, /* fault says why; close */
} dp_zmtp_event_kind_t;

typedef struct {
    uint8_t     kind; /* dp_zmtp_event_kind_t */
    dp_slice_t  body; /* borrowed */
    size_t      need; /* MORE: bytes the input must have before a next try */
    uint16_t    ttl_ds; /* PING: close when silent for that many 1/10 s; 0: no */
    const char *fault;  /* MALFORMED: static text, for the log */
} dp_zmtp_event_t;

/* Begins a connection whose messages have at most `message_max` bytes. */
void dp_zmtp_init(dp_zmtp_t *zmtp, size_t message_max);

/*
 * Takes one event from the front of `input`, which is advanced past it.  On
 * DP_ZMTP_MORE nothing was taken: the caller keeps what is left of `input`,
 * appends to it until it has `need` bytes at least, and calls again; calling
 * earlier is harmless.  A frame's header is read again then, its body never.
 * Returns false after DP_ZMTP_MORE, DP_ZMTP_ERROR and DP_ZMTP_MALFORMED, so
 * that while (dp_zmtp_next(...)) takes all there is.
 */
bool dp_zmtp_next(dp_zmtp_t *zmtp, dp_slice_t *input, dp_zmtp_event_t *event);

/* True between DP_ZMTP_READY and a failure. */
bool dp_zmtp_established(const dp_zmtp_t *zmtp);

/*
 * True when the peer speaks 3.1 or later: only then may a PING be sent, and a
 * PONG expected.
 */
bool dp_zmtp_heartbeats(const dp_zmtp_t *zmtp);

/* Our greeting: version 3.1, NULL, as-server 0.  DP_ZMTP_GREETING_SIZE bytes. */
void dp_zmtp_write_greeting(dp_writer_t *writer);

/* Our READY: Socket-Type DEALER, no Identity.  DP_ZMTP_READY_SIZE bytes. */
void dp_zmtp_write_ready(dp_writer_t *writer);

/*
 * A PING with a context of at most DP_ZMTP_CONTEXT_SIZE bytes, else the writer
 * fails; the peer may close the connection when it hears nothing for `ttl_ds`
 * tenths of a second (0: never).
 */
void dp_zmtp_write_ping(dp_writer_t *writer, uint16_t ttl_ds,
                        dp_slice_t context);

/* The answer to a PING with that context. */
void dp_zmtp_write_pong(dp_writer_t *writer, dp_slice_t context);

/*
 * The header of a message's only frame, to be followed by `len` bytes.
 * Returns its length: 2 up to 255 bytes, 9 above.
 */
size_t dp_zmtp_frame_header(uint8_t header[DP_ZMTP_FRAME_HEADER_SIZE],
                            size_t len);

#endif /* DP_ZMTP_H */
