/*
 * The function of each operation.
 *
 * generated from api/openapi.yaml by scripts/generate-contract; do not edit
 */

#include "dp_operations.h"

dp_operation_fn *const dp_operations[DP_ROUTE_COUNT] = {
    [DP_ROUTE_getKeyManifest] = dp_op_get_key_manifest,
    [DP_ROUTE_login] = dp_op_login,
    [DP_ROUTE_logout] = dp_op_logout,
    [DP_ROUTE_regenerateRecoveryCodes] = dp_op_regenerate_recovery_codes,
    [DP_ROUTE_enrolTotp] = dp_op_enrol_totp,
    [DP_ROUTE_removeTotp] = dp_op_remove_totp,
    [DP_ROUTE_confirmTotp] = dp_op_confirm_totp,
    [DP_ROUTE_verifyMfa] = dp_op_verify_mfa,
    [DP_ROUTE_finishOAuthLogin] = dp_op_finish_o_auth_login,
    [DP_ROUTE_startOAuthLogin] = dp_op_start_o_auth_login,
    [DP_ROUTE_changePassword] = dp_op_change_password,
    [DP_ROUTE_forgotPassword] = dp_op_forgot_password,
    [DP_ROUTE_resetPassword] = dp_op_reset_password,
    [DP_ROUTE_refreshSession] = dp_op_refresh_session,
    [DP_ROUTE_getSession] = dp_op_get_session,
    [DP_ROUTE_setSessionOrg] = dp_op_set_session_org,
    [DP_ROUTE_listSessions] = dp_op_list_sessions,
    [DP_ROUTE_revokeAllSessions] = dp_op_revoke_all_sessions,
    [DP_ROUTE_revokeSession] = dp_op_revoke_session,
    [DP_ROUTE_signup] = dp_op_signup,
    [DP_ROUTE_verifyEmail] = dp_op_verify_email,
    [DP_ROUTE_getMe] = dp_op_get_me,
    [DP_ROUTE_updateMe] = dp_op_update_me,
    [DP_ROUTE_issueToken] = dp_op_issue_token,
    [DP_ROUTE_getOrg] = dp_op_get_org,
    [DP_ROUTE_listApiKeys] = dp_op_list_api_keys,
    [DP_ROUTE_createApiKey] = dp_op_create_api_key,
    [DP_ROUTE_revokeApiKey] = dp_op_revoke_api_key,
    [DP_ROUTE_rotateApiKey] = dp_op_rotate_api_key,
    [DP_ROUTE_listProjects] = dp_op_list_projects,
    [DP_ROUTE_createProject] = dp_op_create_project,
    [DP_ROUTE_getProject] = dp_op_get_project,
    [DP_ROUTE_updateProject] = dp_op_update_project,
    [DP_ROUTE_deleteProject] = dp_op_delete_project,
    [DP_ROUTE_listProjectMembers] = dp_op_list_project_members,
};
