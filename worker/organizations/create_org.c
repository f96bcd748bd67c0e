/*
 * createOrg: an organisation, its free subscription and the caller's membership
 * as its administrator; together or not at all.
 *
 * It is another tenant than the caller's: the rows, and the event that its audit
 * trail begins with, are made by a function of the database's owner.
 */

#include "crypto/ids.h"
#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "organization.h"
#include "policy/audit.h"
#include "policy/input.h"
#include "policy/slug.h"

static const dp_statement_t select_facts = {
    .name = "create_org.facts",
    .sql = "select pg_catalog.now(), app.org_slug_free($1)",
    .rows = DP_ROWS_ONE,
};

enum {
    FACT_NOW,
    FACT_SLUG,
};

static const dp_statement_t create = {
    .name = "create_org.create",
    .sql = "select app.org_create($1, $2, $3, $4, $5)",
    .rows = DP_ROWS_ONE,
};

static void
change_queue(dp_op_t *op, const dp_organization_t *organization)
{
    dp_transaction_queue(op, &create,
                         DP_BIND(dp_uuid(organization->id),
                                 dp_text(organization->name),
                                 dp_text(organization->slug),
                                 dp_audit_actor(op), dp_transaction_trace(op)));
}

static dp_slice_t
location(dp_op_t *op, const uint8_t *org_id)
{
    char id[DP_ID_TEXT_SIZE];

    dp_id_format(id, org_id);

    return dp_arena_printf(op->arena, "/orgs/%.*s", DP_ID_TEXT_SIZE, id);
}

bool
dp_op_create_org(dp_op_t *op)
{
    dp_slice_t        name = dp_body_text(op, "name");
    char              slug[DP_SLUG_MAX];
    uint8_t           id[1][DP_ID_SIZE];
    dp_organization_t organization;
    unsigned          facts;
    dp_row_t          row;
    size_t len = dp_slug_derive(slug, name, DP_SLICE("organization"));

    dp_transaction_begin(op);
    facts = dp_transaction_queue(op, &select_facts,
                                 DP_BIND(dp_text(dp_slice(slug, len))));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, facts);
    dp_ids_make(id, 1, op->request->request_id);
    organization = (dp_organization_t) {
        .id = id[0],
        .slug = dp_row_bytes(row, FACT_SLUG),
        .name = name,
        .kind = DP_SLICE("team"),
        .created_us = dp_row_time_us(row, FACT_NOW),
    };

    change_queue(op, &organization);
    dp_organization_reply(op, 201, &organization, 1);
    op->reply.location = location(op, organization.id);

    return dp_transaction_commit(op);
}
