/*
 * The rows of the contract, and their order by name.
 *
 * generated from api/openapi.yaml by scripts/generate-contract; do not edit
 */

#include "dp_kill_switch.h"
#include "dp_routes.h"
#include "dp_routes_index.h"

const dp_route_t dp_routes[] = {
    [DP_ROUTE_getLiveness] = {
        .operation = "getLiveness",
        .path = "/health/live",
        .method = DP_METHOD_GET,
        .at_edge = true,
        .role_scope = DP_ROLE_PUBLIC,
        .idempotency = DP_KEY_NONE,
        .cost_class = DP_COST_FREE,
        .produces = "application/json",
    },
    [DP_ROUTE_getReadiness] = {
        .operation = "getReadiness",
        .path = "/health/ready",
        .method = DP_METHOD_GET,
        .role_scope = DP_ROLE_PUBLIC,
        .idempotency = DP_KEY_NONE,
        .cost_class = DP_COST_FREE,
        .produces = "application/json",
    },
    [DP_ROUTE_getMetrics] = {
        .operation = "getMetrics",
        .path = "/metrics",
        .method = DP_METHOD_GET,
        .at_edge = true,
        .role_scope = DP_ROLE_PUBLIC,
        .idempotency = DP_KEY_NONE,
        .cost_class = DP_COST_FREE,
        .produces = "text/plain",
    },
    [DP_ROUTE_listProjects] = {
        .operation = "listProjects",
        .path = "/projects",
        .method = DP_METHOD_GET,
        .role_scope = DP_ROLE_USER,
        .idempotency = DP_KEY_NONE,
        .cost_class = DP_COST_READ,
        .cost = 1,
        .produces = "application/json",
    },
    [DP_ROUTE_createProject] = {
        .operation = "createProject",
        .path = "/projects",
        .method = DP_METHOD_POST,
        .mutates = true,
        .role_scope = DP_ROLE_ORG,
        .min_rank = 20,
        .idempotency = DP_KEY_REQUIRED,
        .cost_class = DP_COST_CREATE_PROJECT,
        .cost = 5,
        .kill_classes = DP_KILL_GLOBAL_WRITE,
        .body_limit = 1048576,
        .audit_action = "project.created",
        .produces = "application/json",
    },
    [DP_ROUTE_getProject] = {
        .operation = "getProject",
        .path = "/projects/{projectId}",
        .method = DP_METHOD_GET,
        .role_scope = DP_ROLE_PROJECT,
        .min_rank = 10,
        .idempotency = DP_KEY_NONE,
        .cost_class = DP_COST_READ,
        .cost = 1,
        .param_count = 1,
        .param_names = {"projectId"},
        .produces = "application/json",
    },
};

const size_t dp_routes_count = DP_ROUTE_COUNT;

const uint16_t dp_routes_by_name[] = {
    DP_ROUTE_createProject,
    DP_ROUTE_getLiveness,
    DP_ROUTE_getMetrics,
    DP_ROUTE_getProject,
    DP_ROUTE_getReadiness,
    DP_ROUTE_listProjects,
};
