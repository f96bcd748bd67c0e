/*
 * Any bytes from a peer: the events do not depend on how the bytes arrive, and
 * bodies lie within them.  The first input byte says how they are split.
 */

#include "dp_zmtp.h"
#include "fuzz.h"

#include <stdlib.h>

#define MESSAGE_MAX 2048

/* What happened, in one number each. */
typedef struct {
    uint64_t hash;
    size_t   events;
    uint8_t  last;
} story_t;

static void
story_add(story_t *story, const dp_zmtp_event_t *event)
{
    story->hash = story->hash * 1099511628211u + event->kind;

    for (size_t i = 0; i < event->body.len; i++) {
        story->hash = story->hash * 1099511628211u + event->body.data[i];
    }

    story->events++;
}

/* One piece, in memory of its own; returns how much of it was taken. */
static size_t
piece_read(dp_zmtp_t *zmtp, dp_slice_t piece, story_t *story)
{
    uint8_t        *copy = malloc(piece.len + 1);
    dp_slice_t      input = dp_slice(copy, piece.len);
    dp_zmtp_event_t event;

    memcpy(copy, piece.data, piece.len);

    while (dp_zmtp_next(zmtp, &input, &event)) {
        story_add(story, &event);
    }

    FUZZ_ASSERT(event.kind != DP_ZMTP_MORE || event.need > input.len);
    FUZZ_ASSERT(event.kind != DP_ZMTP_MALFORMED || event.fault != NULL);
    FUZZ_ASSERT(event.need <= DP_ZMTP_INPUT_SIZE(MESSAGE_MAX));
    story->last = event.kind;
    free(copy);

    return piece.len - input.len;
}

static story_t
told(dp_slice_t bytes, size_t step)
{
    story_t   story = {0};
    dp_zmtp_t zmtp;
    size_t    taken = 0;
    size_t    end = 0;

    dp_zmtp_init(&zmtp, MESSAGE_MAX);

    do {
        end = bytes.len - end > step ? end + step : bytes.len;
        taken += piece_read(&zmtp,
                            dp_slice(bytes.data + taken, end - taken), &story);
    } while (end < bytes.len && story.last == DP_ZMTP_MORE);

    return story;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dp_slice_t bytes;
    story_t    whole, split;

    if (size < 2) {
        return 0;
    }

    bytes = dp_slice(data + 1, size - 1);
    whole = told(bytes, bytes.len);
    split = told(bytes, data[0] + 1u);
    FUZZ_ASSERT(whole.hash == split.hash && whole.events == split.events);
    FUZZ_ASSERT(whole.last == split.last);

    return 0;
}
