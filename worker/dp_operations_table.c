/*
 * The function of each operation.
 *
 * generated from api/openapi.yaml by scripts/generate-contract; do not edit
 */

#include "dp_operations.h"

dp_operation_fn *const dp_operations[DP_ROUTE_COUNT] = {
    [DP_ROUTE_listProjects] = dp_op_list_projects,
    [DP_ROUTE_createProject] = dp_op_create_project,
    [DP_ROUTE_getProject] = dp_op_get_project,
};
