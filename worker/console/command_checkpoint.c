/*
 * The newest checkpoint of a chain of the audit trail, for who keeps them elsewhere.
 */

#include "commands_private.h"

#include "audit/audit.h"
#include "audit/checkpoint.h"
#include "db/ask.h"
#include "dp_id.h"
#include "dp_json_out.h"
#include "runtime/deadline.h"

#include <sysexits.h>

static const dp_statement_t select_head = {
    .name = "command_checkpoint.head",
    .sql = "select s.no, s.hash"
           "  from dp.audit_seal s"
           " where s.chain_id = $1"
           " order by s.no desc"
           " limit 1",
};

static void
say(const dp_errand_t *errand, dp_arena_t *arena, dp_slice_t note)
{
    if (!errand->command->json) {
        dp_write_bytes(errand->text, note);
        return;
    }

    dp_errand_say(errand, "{\"checkpoint\":");
    dp_json_string(errand->text, note);
    dp_errand_say(errand, ",\"key\":");
    dp_json_string(errand->text, dp_checkpoint_key(arena));
    dp_errand_say(errand, "}\n");
}

static uint16_t
head_show(const dp_errand_t *errand, dp_arena_t *arena, const uint8_t *chain_id,
          dp_row_t row)
{
    enum { NO, HASH };
    dp_hash_t hash;

    if (dp_row_count(row) == 0) {
        dp_errand_say(errand, "there is no seal of that chain\n");
        return EX_NOINPUT;
    }

    hash = dp_audit_hash(row, HASH);
    say(errand, arena,
        dp_checkpoint_make(arena, chain_id, (uint64_t) dp_row_int(row, NO), &hash));

    return EX_OK;
}

void
dp_command_checkpoint(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    dp_slice_t  name = errand->command->name;
    uint8_t     chain_id[DP_ID_SIZE] = {0};
    dp_arena_t *arena;
    dp_row_t    row;

    if (name.len != 0 && !dp_id_parse(chain_id, name)) {
        dp_errand_say(errand, "that is no id of an organisation\n");
        outcome->exit = EX_USAGE;
        return;
    }

    if (dp_ask(errand->db,
               &(dp_question_t) {
                   .statement = &select_head,
                   .values = DP_BIND(dp_uuid(chain_id)),
                   .until_us = dp_monotonic_us() + DP_ERRAND_DATABASE_US,
               },
               &row) != DP_OK) {
        dp_errand_say(errand, "the database cannot be asked\n");
        outcome->exit = EX_UNAVAILABLE;
        return;
    }

    arena = dp_arena_create();
    outcome->exit = head_show(errand, arena, chain_id, row);
    dp_arena_destroy(arena);
}
