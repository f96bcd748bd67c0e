/*
 * Events of edges, from their wire form to the rows that SQL reads.
 *
 * The worker trusts no peer: what does not decode, or names a kind, tier or signal
 * that there is not, is left out.
 */

#include "abuse.h"

#include "dp_abuse.h"
#include "dp_abuse_subject.h"
#include "dp_hex.h"
#include "dp_id.h"
#include "json/render.h"

/* Names, ids and numbers of one event, beside the instance. */
#define EVENT_TEXT_SIZE 1024

#define EVENT_MIN 80 /* no event that can be read is shorter */

static const char *
action_of(const dp_abuse_event_t *event)
{
    switch (event->kind) {
    case DP_EVENT_ESCALATED:
        return "abuse.tier_escalated";
    case DP_EVENT_ENFORCED:
        return "abuse.enforced";
    case DP_EVENT_EXPIRED:
        return event->from == DP_ABUSE_BLOCK ? "abuse.block_expired"
                                             : "abuse.tier_expired";
    default:
        return NULL;
    }
}

static bool
event_valid(const dp_abuse_event_t *event)
{
    return action_of(event) != NULL
           && (event->subject_kind == DP_ABUSE_ADDRESS
               || event->subject_kind == DP_ABUSE_CREDENTIAL)
           && event->from < DP_ABUSE_TIERS && event->to < DP_ABUSE_TIERS
           && event->signal < DP_ABUSE_SIGNALS && event->level <= INT16_MAX
           && event->at_us <= DP_WIRE_TIME_MAX_US
           && event->until_us <= DP_WIRE_TIME_MAX_US;
}

static bool
event_decode(dp_slice_t message, dp_abuse_event_t *event)
{
    dp_wire_header_t header;
    dp_slice_t       fields;

    return dp_wire_open(message, &header, &fields)
           && header.kind == DP_WIRE_EVENT
           && dp_wire_decode(&dp_wire_event, fields, event)
           && event_valid(event);
}

static void
text_write(dp_writer_t *out, const char *name, dp_slice_t text)
{
    dp_write_text(out, name);
    dp_json_string(out, text);
}

static void
number_write(dp_writer_t *out, const char *name, uint64_t number)
{
    dp_write_text(out, name);
    dp_json_uint(out, number);
}

static void
id_write(dp_writer_t *out, const char *name, const uint8_t *id)
{
    dp_write_text(out, name);

    if (dp_slice_zero(dp_slice(id, DP_ID_SIZE))) {
        dp_write_text(out, "null");
    } else {
        dp_json_id(out, id);
    }
}

static void
subject_write(dp_writer_t *out, const dp_abuse_event_t *event)
{
    char   bytes[2 * DP_ID_SIZE];
    char   text[DP_ABUSE_SUBJECT_TEXT];
    size_t len = dp_abuse_subject_format(text, event->subject_kind,
                                         event->subject);

    dp_hex_format(bytes, event->subject, DP_ID_SIZE);
    text_write(out, ",\"subject_kind\":",
               dp_slice_text(dp_abuse_kind_name(event->subject_kind)));
    text_write(out, ",\"subject\":", dp_slice(bytes, sizeof(bytes)));
    text_write(out, ",\"name\":", dp_slice(text, len));
    id_write(out, ",\"org_id\":", event->org_id);
}

static void
signals_write(dp_writer_t *out, const dp_abuse_event_t *event)
{
    text_write(out, ",\"signal\":",
               dp_slice_text(dp_abuse_signal_name(event->signal)));
    number_write(out, ",\"score\":", event->score);
    dp_write_text(out, ",\"signals\":");

    for (unsigned i = 0; i < DP_ABUSE_SIGNALS; i++) {
        text_write(out, i == 0 ? "{" : ",",
                   dp_slice_text(dp_abuse_signal_name(i)));
        number_write(out, ":", event->signals[i]);
    }

    dp_write_text(out, "}");
}

static void
event_write(dp_writer_t *out, const dp_abuse_event_t *event,
            dp_slice_t instance)
{
    id_write(out, "{\"id\":", event->id);
    number_write(out, ",\"at\":", event->at_us);
    text_write(out, ",\"action\":", dp_slice_text(action_of(event)));
    subject_write(out, event);
    text_write(out, ",\"tier_from\":",
               dp_slice_text(dp_abuse_tier_name(event->from)));
    text_write(out, ",\"tier_to\":",
               dp_slice_text(dp_abuse_tier_name(event->to)));
    signals_write(out, event);
    number_write(out, ",\"level\":", event->level);
    number_write(out, ",\"until\":", event->until_us);
    dp_write_text(out, event->shadow ? ",\"shadow\":true"
                                     : ",\"shadow\":false");
    id_write(out, ",\"request_id\":", event->request_id);
    text_write(out, ",\"instance\":", instance);
    dp_write_text(out, "}");
}

dp_slice_t
dp_abuse_events_json(dp_arena_t *arena, dp_slice_t list, dp_slice_t instance,
                     unsigned *refused)
{
    dp_abuse_event_t event;
    dp_reader_t      reader = dp_reader(list);
    size_t           most = list.len / EVENT_MIN + 1;
    const char      *before = "[";
    dp_writer_t      out = dp_render_begin(
        arena, most * (EVENT_TEXT_SIZE + 6 * instance.len) + 2);

    *refused = 0;

    while (dp_reader_left(&reader) != 0) {
        dp_slice_t message = dp_read_bytes(&reader, dp_read_u16(&reader));

        if (event_decode(message, &event)) {
            dp_write_text(&out, before);
            event_write(&out, &event, instance);
            before = ",";
        } else {
            (*refused)++;
        }
    }

    dp_write_text(&out, before[0] == '[' ? "[]" : "]");

    return dp_render_end(&out);
}
