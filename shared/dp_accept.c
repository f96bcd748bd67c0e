/*
 * Reading Accept.  See dp_accept.h.  One pass, in memory of the caller.
 */

#include "dp_accept.h"
#include "dp_media_type.h"

typedef enum {
    FITS_NOT,
    FITS_ANY,     /* a range of all types */
    FITS_TYPE,    /* a range of all subtypes */
    FITS_EXACTLY,
} fit_t;

/* "0", "0.5", "1.000": one digit and at most three behind the point. */
static bool
quality_parse(dp_slice_t text, uint16_t *quality)
{
    unsigned thousandths = 0;
    unsigned weight = 100;

    if (text.len == 0 || text.len > 5 || (text.data[0] & 0xfe) != '0'
        || (text.len > 1 && text.data[1] != '.'))
    {
        return false;
    }

    thousandths = (unsigned) (text.data[0] - '0') * DP_ACCEPT_FULL;

    for (size_t i = 2; i < text.len; i++, weight /= 10) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }

        thousandths += (unsigned) (text.data[i] - '0') * weight;
    }

    *quality = (uint16_t) thousandths;

    return thousandths <= DP_ACCEPT_FULL;
}

static bool
is_any(dp_slice_t text)
{
    return dp_slice_equal(text, DP_SLICE("*"));
}

static fit_t
range_fit(const dp_media_type_t *range, const char *media_type)
{
    dp_reader_t     reader = dp_reader(dp_slice_text(media_type));
    dp_media_type_t offer = dp_media_type_read(&reader);

    if (is_any(range->type)) {
        return FITS_ANY;
    }

    if (!dp_media_text_is(range->type, offer.type)) {
        return FITS_NOT;
    }

    if (is_any(range->subtype)) {
        return FITS_TYPE;
    }

    return dp_media_text_is(range->subtype, offer.subtype) ? FITS_EXACTLY
                                                           : FITS_NOT;
}

static void
offer_judge(dp_accept_offer_t *offer, const dp_media_type_t *range,
            uint16_t quality)
{
    fit_t fit = range_fit(range, offer->media_type);

    if (fit == FITS_NOT || fit < offer->specificity) {
        return;
    }

    if (fit > offer->specificity || quality > offer->quality) {
        offer->quality = quality;
    }

    offer->specificity = (uint8_t) fit;
}

/* What follows q belongs to extensions that nobody defined; it is read over. */
static bool
range_read(dp_reader_t *reader, dp_media_type_t *range, uint16_t *quality)
{
    dp_media_parameter_t parameter;
    bool                 weighted = false;

    *range = dp_media_type_read(reader);
    *quality = DP_ACCEPT_FULL;

    while (dp_media_parameter_read(reader, &parameter)) {
        if (weighted || !dp_media_text_is(parameter.name, DP_SLICE("q"))) {
            continue;
        }

        weighted = true;

        if (!quality_parse(parameter.value, quality)) {
            return false;
        }
    }

    return !reader->failed && (dp_reader_done(reader) || *reader->pos == ',')
           && !(is_any(range->type) && !is_any(range->subtype));
}

/* Behind the next comma, or at the end. */
static void
range_leave(dp_reader_t *reader)
{
    while (reader->pos < reader->end && *reader->pos++ != ',') {
    }
}

void
dp_accept_read(dp_accept_t *accept, dp_slice_t value)
{
    dp_reader_t     reader = dp_reader(value);
    dp_media_type_t range;
    uint16_t        quality;

    while (dp_reader_left(&reader) != 0) {
        dp_reader_t ahead = reader;

        if (range_read(&ahead, &range, &quality)) {
            accept->said = true;
            reader = ahead;

            for (size_t i = 0; i < accept->count; i++) {
                offer_judge(&accept->offers[i], &range, quality);
            }
        }

        range_leave(&reader);
    }
}

uint16_t
dp_accept_quality(const dp_accept_t *accept, size_t offer)
{
    return accept->said ? accept->offers[offer].quality : DP_ACCEPT_FULL;
}
