/*
 * The principals zone: what a worker said of a credential, for as long as that
 * holds: until it expires, until it is old, until a revocation.
 *
 * The table (dp_principal_table.h) knows no time and no revocation; both are
 * judged here, whenever a record is looked up.  So nothing is ever taken out of
 * the table: a record that holds no more is no record.
 */

#include <openssl/rand.h>

#include "ngx_http_devpilot_clock.h"
#include "ngx_http_devpilot_principals.h"
#include "ngx_http_devpilot_zone.h"

#define TABLE_OFFSET 64 /* as the table is aligned */

static ngx_int_t
zone_begin(void *zone, size_t size)
{
    uint8_t random[DP_PRINCIPAL_TABLE_RANDOM];

    if (RAND_bytes(random, sizeof(random)) != 1) {
        return NGX_ERROR;
    }

    dp_principal_table_init((void *) ((u_char *) zone + TABLE_OFFSET),
                            size - TABLE_OFFSET, random);
    ngx_explicit_memzero(random, sizeof(random));

    return NGX_OK;
}

ngx_int_t
ngx_http_devpilot_principals_add(ngx_conf_t *cf,
                                 ngx_http_devpilot_main_conf_t *mcf)
{
    const ngx_http_devpilot_zone_spec_t spec = {
        .name = ngx_string("devpilot_principals"),
        .magic = 0x64705072,
        .layout = 2,
        .size = mcf->principal_zone,
        .begin = zone_begin,
    };

    mcf->principals = ngx_http_devpilot_zone_add(cf, &spec);

    return mcf->principals == NULL ? NGX_ERROR : NGX_OK;
}

static dp_principal_table_t *
table_of(const ngx_http_devpilot_main_conf_t *mcf)
{
    u_char *zone = ngx_http_devpilot_zone_data(mcf->principals);

    return (void *) (zone + TABLE_OFFSET);
}

const dp_principal_table_t *
ngx_http_devpilot_principals(const ngx_http_devpilot_main_conf_t *mcf)
{
    return table_of(mcf);
}

void
ngx_http_devpilot_principals_name(const ngx_http_devpilot_main_conf_t *mcf,
                                  dp_slice_t                           credential,
                                  dp_principal_record_t               *record)
{
    dp_principal_table_name(table_of(mcf), record->name, credential);
}

/* Another process may have asked later than our cached time. */
static ngx_uint_t
record_fresh(const ngx_http_devpilot_main_conf_t *mcf,
             const dp_principal_record_t *record)
{
    ngx_msec_int_t age = (ngx_msec_int_t) (ngx_current_msec - record->asked_ms);
    ngx_msec_t     ttl = record->refused == DP_OK ? mcf->principal_ttl
                                                  : mcf->principal_refused_ttl;

    return age < (ngx_msec_int_t) ttl;
}

/*
 * Something about its credential, user or organisation changed since it was
 * read.  A credential that nobody knows has none of these.
 */
static ngx_uint_t
record_outdated(const ngx_http_devpilot_main_conf_t *mcf,
                const dp_principal_record_t *record)
{
    const dp_principal_t *principal = &record->principal;

    if (principal->kind == DP_PRINCIPAL_NONE) {
        return 0;
    }

    return record->generation
               < ngx_http_devpilot_revoked_at(mcf, principal->credential_id)
           || record->generation
                  < ngx_http_devpilot_revoked_at(mcf, principal->user_id)
           || record->generation
                  < ngx_http_devpilot_revoked_at(mcf, principal->org_id);
}

static ngx_uint_t
record_holds(const ngx_http_devpilot_main_conf_t *mcf,
             const dp_principal_record_t *record)
{
    if (!record_fresh(mcf, record) || record_outdated(mcf, record)) {
        return 0;
    }

    return record->refused != DP_OK || record->expires_us == 0
           || ngx_http_devpilot_wall_us() < record->expires_us;
}

ngx_uint_t
ngx_http_devpilot_principals_find(const ngx_http_devpilot_main_conf_t *mcf,
                                  dp_principal_record_t *record)
{
    dp_principal_record_t found;

    if (!dp_principal_table_find(table_of(mcf), record->name, &found)
        || !record_holds(mcf, &found))
    {
        return 0;
    }

    *record = found;

    return 1;
}

ngx_uint_t
ngx_http_devpilot_principals_keep(const ngx_http_devpilot_main_conf_t *mcf,
                                  const dp_principal_record_t *record)
{
    uint64_t useful_ms = ngx_current_msec > mcf->principal_ttl
                             ? ngx_current_msec - mcf->principal_ttl
                             : 0;

    if (record_outdated(mcf, record)) {
        return 0;
    }

    dp_principal_table_keep(table_of(mcf), record, useful_ms);

    return 1;
}
