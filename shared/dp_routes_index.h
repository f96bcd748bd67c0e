/*
 * The index of each operation in dp_routes.
 *
 * generated from api/openapi.yaml by scripts/generate-contract; do not edit
 */

#ifndef DP_ROUTES_INDEX_H
#define DP_ROUTES_INDEX_H

typedef enum {
    DP_ROUTE_getKeyManifest,
    DP_ROUTE_getCsrfToken,
    DP_ROUTE_login,
    DP_ROUTE_logout,
    DP_ROUTE_regenerateRecoveryCodes,
    DP_ROUTE_enrolTotp,
    DP_ROUTE_removeTotp,
    DP_ROUTE_confirmTotp,
    DP_ROUTE_verifyMfa,
    DP_ROUTE_finishOAuthLogin,
    DP_ROUTE_startOAuthLogin,
    DP_ROUTE_changePassword,
    DP_ROUTE_forgotPassword,
    DP_ROUTE_resetPassword,
    DP_ROUTE_refreshSession,
    DP_ROUTE_getSession,
    DP_ROUTE_setSessionOrg,
    DP_ROUTE_listSessions,
    DP_ROUTE_revokeAllSessions,
    DP_ROUTE_revokeSession,
    DP_ROUTE_signup,
    DP_ROUTE_verifyEmail,
    DP_ROUTE_listErrorCodes,
    DP_ROUTE_getHealth,
    DP_ROUTE_getLiveness,
    DP_ROUTE_getReadiness,
    DP_ROUTE_acceptInvitation,
    DP_ROUTE_getMe,
    DP_ROUTE_updateMe,
    DP_ROUTE_getMetrics,
    DP_ROUTE_issueToken,
    DP_ROUTE_getOpenApi,
    DP_ROUTE_getOpenApiYaml,
    DP_ROUTE_listOrgs,
    DP_ROUTE_createOrg,
    DP_ROUTE_getOrg,
    DP_ROUTE_updateOrg,
    DP_ROUTE_deleteOrg,
    DP_ROUTE_listApiKeys,
    DP_ROUTE_createApiKey,
    DP_ROUTE_revokeApiKey,
    DP_ROUTE_rotateApiKey,
    DP_ROUTE_listInvitations,
    DP_ROUTE_createInvitation,
    DP_ROUTE_revokeInvitation,
    DP_ROUTE_listMembers,
    DP_ROUTE_setMemberRole,
    DP_ROUTE_removeMember,
    DP_ROUTE_listRoles,
    DP_ROUTE_listProjects,
    DP_ROUTE_createProject,
    DP_ROUTE_getProject,
    DP_ROUTE_updateProject,
    DP_ROUTE_deleteProject,
    DP_ROUTE_listProjectMembers,
    DP_ROUTE_setProjectMember,
    DP_ROUTE_removeProjectMember,
    DP_ROUTE_COUNT
} dp_route_index_t;

#endif /* DP_ROUTES_INDEX_H */
