/*
 * Signed notes: the example of signed-note's reference implementation, and checkpoints
 * of ours.  AUD-13.
 */

#include "dp_note.h"
#include "unit.h"

#define EXAMPLE_KEY \
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define EXAMPLE_TEXT                                             \
    "If you think cryptography is the answer to your problem,\n" \
    "then you don't know what your problem is.\n"
#define EXAMPLE_SIGNATURE                                                    \
    "\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZIn" \
    "NIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

static const uint8_t seed[DP_NOTE_SEED_SIZE] = {1, 2, 3};

START_TEST(AUD_13_the_reference_note_opens)
{
    dp_note_key_t key;
    dp_slice_t    text;

    ck_assert(dp_note_key_parse(&key, DP_SLICE(EXAMPLE_KEY)));
    ck_assert_str_eq(key.name, "PeterNeumann");
    ck_assert(dp_note_open(DP_SLICE(EXAMPLE_TEXT "\n" EXAMPLE_SIGNATURE), &key,
                           &text));
    unit_assert_text(text, EXAMPLE_TEXT);
    ck_assert(!dp_note_open(
        DP_SLICE("X" EXAMPLE_TEXT "\n" EXAMPLE_SIGNATURE), &key, &text));
    ck_assert(!dp_note_open(DP_SLICE(EXAMPLE_TEXT "\n"), &key, &text));
    ck_assert(!dp_note_open(DP_SLICE(EXAMPLE_TEXT EXAMPLE_SIGNATURE), &key,
                            &text));
}
END_TEST

START_TEST(AUD_13_a_checkpoint_comes_back)
{
    dp_note_key_t   key, read;
    dp_checkpoint_t made = {.origin = DP_SLICE("tap/a"), .size = 17,
                            .root = {{9, 8, 7}}};
    dp_checkpoint_t found;
    uint8_t         text[DP_CHECKPOINT_SIZE];
    uint8_t         note[DP_NOTE_SIZE(DP_CHECKPOINT_SIZE)];
    uint8_t         name[DP_NOTE_KEY_TEXT_SIZE];
    dp_writer_t     texts = dp_writer(text, sizeof(text));
    dp_writer_t     notes = dp_writer(note, sizeof(note));
    dp_writer_t     names = dp_writer(name, sizeof(name));
    dp_slice_t      opened;

    ck_assert(dp_note_key_make(&key, "tap", seed));
    dp_note_key_write(&names, &key);
    ck_assert(dp_note_key_parse(&read, dp_written(&names)));
    ck_assert_mem_eq(&read.public_key, &key.public_key, 32);

    dp_checkpoint_write(&texts, &made);
    ck_assert(dp_note_sign(&notes, &key, seed, dp_written(&texts)));
    ck_assert(dp_note_open(dp_written(&notes), &read, &opened));
    ck_assert(dp_checkpoint_parse(&found, opened));
    unit_assert_text(found.origin, "tap/a");
    ck_assert_uint_eq(found.size, 17);
    ck_assert_mem_eq(&found.root, &made.root, sizeof(made.root));

    for (size_t i = 0; i < opened.len; i++) {
        note[i] ^= 1;
        ck_assert(!dp_note_open(dp_written(&notes), &read, &opened));
        note[i] ^= 1;
    }
}
END_TEST

START_TEST(AUD_13_what_is_no_key_is_refused)
{
    static const char *const wrong[] = {
        "", "PeterNeumann", "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T=",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    };
    dp_note_key_t key;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        ck_assert(!dp_note_key_parse(&key, dp_slice_text(wrong[i])));
    }
}
END_TEST

int
main(void)
{
    return UNIT_RUN("note", AUD_13_the_reference_note_opens,
                    AUD_13_a_checkpoint_comes_back,
                    AUD_13_what_is_no_key_is_refused);
}
