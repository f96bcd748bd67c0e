/*
 * createProject: the project, its first revision with the template's steps,
 * three pending environments and the caller's membership as Owner; together or
 * not at all.
 *
 * The order of the change is the order of locks: the organisation's quota comes
 * last, in the frame.
 */

#include "create_project_input.h"
#include "crypto/ids.h"
#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/etag.h"
#include "policy/quota.h"
#include "policy/slug.h"
#include "project.h"

#define ENVIRONMENTS 3

static const dp_statement_t select_facts = {
    .name = "create_project.facts",
    .sql = "select pg_catalog.now(), t.version, s.state, q.used, q.max_value,"
           "       app.project_slug_free($2)"
           "  from (select app.current_org() as org_id) me"
           "  left join lateral (select max(b.version) as version"
           "                       from dp.blueprint_template b"
           "                      where b.name = $1) t on true"
           "  left join dp.subscription s on s.org_id = me.org_id"
           "  left join lateral app.quota_now('" DP_PROJECT_QUOTA "') q on true",
    .rows = DP_ROWS_ONE,
};

enum {
    FACT_NOW,
    FACT_TEMPLATE_VERSION,
    FACT_SUBSCRIPTION_STATE,
    FACT_PROJECTS_USED,
    FACT_PROJECTS_MAX,
    FACT_SLUG,
};

static const dp_statement_t insert_project = {
    .name = "create_project.project",
    .sql = "insert into dp.project (org_id, id, name, slug, template,"
           "                        template_version, preview_ttl_hours,"
           "                        created_by)"
           "values (app.current_org(), $1, $2, $3, $4, $5, $6,"
           "        app.current_actor())",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t insert_member = {
    .name = "create_project.member",
    .sql = "insert into dp.project_member (org_id, project_id, user_id, role)"
           "values (app.current_org(), $1, app.current_actor(), 'Owner')",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t insert_revision = {
    .name = "create_project.revision",
    .sql = "insert into dp.revision (org_id, id, project_id, number)"
           "values (app.current_org(), $1, $2, 1)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t insert_steps = {
    .name = "create_project.steps",
    .sql = "insert into dp.step (org_id, project_id, revision_id, ordinal)"
           "select app.current_org(), $1, $2, d.ordinal"
           "  from dp.step_definition d"
           " where d.template = $3 and d.version = $4",
};

static const dp_statement_t insert_environments = {
    .name = "create_project.environments",
    .sql = "insert into dp.environment (org_id, id, project_id, kind, name)"
           "values (app.current_org(), $2, $1, 'core', '" DP_ENVIRONMENT_DEV "'),"
           "       (app.current_org(), $3, $1, 'core', '" DP_ENVIRONMENT_STAGING "'),"
           "       (app.current_org(), $4, $1, 'core', '" DP_ENVIRONMENT_PROD "')",
};

/* Everything the change consists of; ids are made here, not by the database. */
typedef struct {
    uint8_t ids[2 + ENVIRONMENTS][DP_ID_SIZE];

    const uint8_t   *revision_id;
    dp_project_t     project;
    dp_environment_t environments[ENVIRONMENTS];
} change_t;

/* The facts in the order in which they refuse. */
static bool
facts_judge(dp_op_t *op, dp_row_t facts)
{
    dp_slice_t subscription = dp_row_bytes(facts, FACT_SUBSCRIPTION_STATE);
    int64_t    used = dp_row_int(facts, FACT_PROJECTS_USED);
    int64_t    limit = dp_row_int(facts, FACT_PROJECTS_MAX);

    if (!dp_slice_equal(subscription, DP_SLICE("active"))
        && !dp_slice_equal(subscription, DP_SLICE("trialing"))
        && !dp_slice_equal(subscription, DP_SLICE("none"))) {
        return dp_op_fail(op, DP_ERR_SUBSCRIPTION_INACTIVE);
    }

    if (used >= limit) {
        return dp_quota_refuse(op, DP_PROJECT_QUOTA, used, limit);
    }

    if (dp_row_null(facts, FACT_TEMPLATE_VERSION)) {
        return dp_create_project_template_unknown(op);
    }

    return true;
}

static void
change_plan(change_t *change, const dp_op_t *op,
            const dp_create_project_input_t *input, dp_row_t facts)
{
    static const char *const names[ENVIRONMENTS] = {
        DP_ENVIRONMENT_DEV, DP_ENVIRONMENT_STAGING, DP_ENVIRONMENT_PROD,
    };

    dp_ids_make(change->ids, sizeof(change->ids) / sizeof(*change->ids),
                op->request->request_id);

    change->revision_id = change->ids[1];
    change->project = (dp_project_t) {
        .id = change->ids[0],
        .name = input->name,
        .slug = dp_row_bytes(facts, FACT_SLUG),
        .template = input->template,
        .template_version = (int) dp_row_int(facts, FACT_TEMPLATE_VERSION),
        .preview_ttl_hours = (int) input->preview_ttl_hours,
        .created_us = dp_row_time_us(facts, FACT_NOW),
        .version = 1,
    };

    for (size_t i = 0; i < ENVIRONMENTS; i++) {
        change->environments[i] = (dp_environment_t) {
            .id = change->ids[2 + i],
            .name = dp_slice_text(names[i]),
            .kind = DP_SLICE("core"),
            .state = DP_SLICE("pending"),
        };
    }
}

static void
change_queue(dp_op_t *op, const change_t *change)
{
    const dp_project_t     *project = &change->project;
    const dp_environment_t *environments = change->environments;

    dp_transaction_queue(op, &insert_project,
                         DP_BIND(dp_uuid(project->id), dp_text(project->name),
                                 dp_text(project->slug),
                                 dp_text(project->template),
                                 dp_int4(project->template_version),
                                 dp_int2((int16_t) project->preview_ttl_hours)));
    dp_transaction_queue(op, &insert_member, DP_BIND(dp_uuid(project->id)));
    dp_transaction_queue(op, &insert_revision,
                         DP_BIND(dp_uuid(change->revision_id),
                                 dp_uuid(project->id)));
    dp_transaction_queue(op, &insert_steps,
                         DP_BIND(dp_uuid(project->id),
                                 dp_uuid(change->revision_id),
                                 dp_text(project->template),
                                 dp_int4(project->template_version)));
    dp_transaction_queue(op, &insert_environments,
                         DP_BIND(dp_uuid(project->id),
                                 dp_uuid(environments[0].id),
                                 dp_uuid(environments[1].id),
                                 dp_uuid(environments[2].id)));
}

static void
reply_fill(dp_op_t *op, const change_t *change)
{
    const dp_project_t *project = &change->project;
    char                id[DP_ID_TEXT_SIZE];
    size_t              size = dp_project_size(project)
                  + dp_environments_size(change->environments, ENVIRONMENTS);
    dp_writer_t         writer = dp_render_begin(op->arena, size);

    dp_write_text(&writer, "{");
    dp_project_members(&writer, project);
    dp_write_text(&writer, ",");
    dp_environments(&writer, change->environments, ENVIRONMENTS);
    dp_write_text(&writer, "}");

    dp_id_format(id, project->id);
    op->reply.status = 201;
    op->reply.location = dp_arena_printf(op->arena, "/projects/%.*s",
                                         DP_ID_TEXT_SIZE, id);
    op->reply.body = dp_render_end(&writer);
    dp_etag_fill(op, project->version);
}

bool
dp_op_create_project(dp_op_t *op)
{
    dp_create_project_input_t input;
    char                      slug[DP_SLUG_MAX];
    change_t                  change;
    unsigned                  facts;
    dp_row_t                  row;

    dp_create_project_read(op, &input);
    dp_transaction_begin(op);
    facts = dp_transaction_queue(
        op, &select_facts,
        DP_BIND(dp_text(input.template),
                dp_text(dp_slice(slug, dp_slug_derive(slug, input.name,
                                                      DP_SLICE("project"))))));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, facts);
    if (!facts_judge(op, row)) {
        return false;
    }

    change_plan(&change, op, &input, row);
    change_queue(op, &change);
    dp_project_announce(op, &change.project);
    dp_quota_take(op, DP_PROJECT_QUOTA, 1);
    reply_fill(op, &change);

    return dp_transaction_commit(op);
}
