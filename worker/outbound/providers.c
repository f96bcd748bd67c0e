/*
 * The table of providers.
 */

#include "providers.h"

#define DP_PROVIDER(name, CODE, integration, correlation, ...) \
    static const char *const name##_hosts[] = {__VA_ARGS__, NULL};
#include "providers.def"
#undef DP_PROVIDER

const dp_provider_t dp_providers[DP_PROVIDER_COUNT] = {
#define DP_PROVIDER(name, CODE, integration, correlation, ...) \
    [DP_PROVIDER_##name] = {#name, DP_ERR_INTEGRATION_##CODE##_UNAVAILABLE, \
                            integration, correlation, name##_hosts},
#include "providers.def"
#undef DP_PROVIDER
};
