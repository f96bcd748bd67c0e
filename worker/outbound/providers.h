/*
 * The providers, from providers.def.
 */

#ifndef DP_PROVIDERS_H
#define DP_PROVIDERS_H

#include "dp_error.h"

typedef enum {
#define DP_PROVIDER(name, ...) DP_PROVIDER_##name,
#include "providers.def"
#undef DP_PROVIDER
    DP_PROVIDER_COUNT
} dp_provider_id_t;

typedef struct {
    const char        *name;
    dp_error_t         unavailable; /* while its breaker is open */
    bool               integration; /* EXTERNAL_INTEGRATIONS stops it */
    const char        *correlation; /* a header, lower case; "": none */
    const char *const *hosts;       /* NULL behind the last */
} dp_provider_t;

extern const dp_provider_t dp_providers[DP_PROVIDER_COUNT];

#endif /* DP_PROVIDERS_H */
