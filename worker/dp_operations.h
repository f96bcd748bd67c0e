/*
 * The functions of the operations that run in a transaction thread.
 *
 * generated from api/openapi.yaml by scripts/generate-contract; do not edit
 */

#ifndef DP_OPERATIONS_H
#define DP_OPERATIONS_H

#include "dp_routes_index.h"
#include "runtime/operation.h"

dp_operation_fn dp_op_get_key_manifest;
dp_operation_fn dp_op_login;
dp_operation_fn dp_op_logout;
dp_operation_fn dp_op_regenerate_recovery_codes;
dp_operation_fn dp_op_enrol_totp;
dp_operation_fn dp_op_remove_totp;
dp_operation_fn dp_op_confirm_totp;
dp_operation_fn dp_op_verify_mfa;
dp_operation_fn dp_op_finish_o_auth_login;
dp_operation_fn dp_op_start_o_auth_login;
dp_operation_fn dp_op_change_password;
dp_operation_fn dp_op_forgot_password;
dp_operation_fn dp_op_reset_password;
dp_operation_fn dp_op_refresh_session;
dp_operation_fn dp_op_get_session;
dp_operation_fn dp_op_set_session_org;
dp_operation_fn dp_op_list_sessions;
dp_operation_fn dp_op_revoke_all_sessions;
dp_operation_fn dp_op_revoke_session;
dp_operation_fn dp_op_signup;
dp_operation_fn dp_op_verify_email;
dp_operation_fn dp_op_accept_invitation;
dp_operation_fn dp_op_get_me;
dp_operation_fn dp_op_update_me;
dp_operation_fn dp_op_issue_token;
dp_operation_fn dp_op_list_orgs;
dp_operation_fn dp_op_create_org;
dp_operation_fn dp_op_get_org;
dp_operation_fn dp_op_update_org;
dp_operation_fn dp_op_delete_org;
dp_operation_fn dp_op_list_api_keys;
dp_operation_fn dp_op_create_api_key;
dp_operation_fn dp_op_revoke_api_key;
dp_operation_fn dp_op_rotate_api_key;
dp_operation_fn dp_op_list_audit_events;
dp_operation_fn dp_op_get_audit_checkpoint;
dp_operation_fn dp_op_export_audit;
dp_operation_fn dp_op_get_audit_summary;
dp_operation_fn dp_op_verify_audit;
dp_operation_fn dp_op_get_audit_event;
dp_operation_fn dp_op_get_audit_proof;
dp_operation_fn dp_op_list_invitations;
dp_operation_fn dp_op_create_invitation;
dp_operation_fn dp_op_revoke_invitation;
dp_operation_fn dp_op_list_members;
dp_operation_fn dp_op_set_member_role;
dp_operation_fn dp_op_remove_member;
dp_operation_fn dp_op_list_roles;
dp_operation_fn dp_op_list_projects;
dp_operation_fn dp_op_create_project;
dp_operation_fn dp_op_get_project;
dp_operation_fn dp_op_update_project;
dp_operation_fn dp_op_delete_project;
dp_operation_fn dp_op_list_project_members;
dp_operation_fn dp_op_set_project_member;
dp_operation_fn dp_op_remove_project_member;

/*
 * By DP_ROUTE_*.  NULL for what the edge answers by itself, and for what the
 * worker's runtime answers without a transaction.
 */
extern dp_operation_fn *const dp_operations[DP_ROUTE_COUNT];

#endif /* DP_OPERATIONS_H */
