/*
 * The keys zone: the store of shared/dp_key_store.h, and that no core dump has it.
 */

#include <openssl/rand.h>
#include <sys/mman.h>

#include "ngx_http_devpilot_keys.h"
#include "ngx_http_devpilot_zone.h"

#define STORE_OFFSET 64

static ngx_int_t
zone_begin(void *zone, size_t size)
{
    uint8_t random[DP_KEY_STORE_RANDOM];

    if (RAND_bytes(random, sizeof(random)) != 1) {
        return NGX_ERROR;
    }

    dp_key_store_init((void *) ((u_char *) zone + STORE_OFFSET), random);
    ngx_explicit_memzero(random, sizeof(random));

    return NGX_OK;
}

ngx_int_t
ngx_http_devpilot_keys_add(ngx_conf_t *cf, ngx_http_devpilot_main_conf_t *mcf)
{
    const ngx_http_devpilot_zone_spec_t spec = {
        .name = ngx_string("devpilot_keys"),
        .magic = 0x64704b79,
        .layout = 1,
        .size = STORE_OFFSET + dp_key_store_size(),
        .begin = zone_begin,
    };

    mcf->keys = ngx_http_devpilot_zone_add(cf, &spec);

    return mcf->keys == NULL ? NGX_ERROR : NGX_OK;
}

void
ngx_http_devpilot_keys_commit(const ngx_http_devpilot_main_conf_t *mcf)
{
    (void) madvise(mcf->keys->shm.addr, mcf->keys->shm.size, MADV_DONTDUMP);
}

dp_key_store_t *
ngx_http_devpilot_keys_store(const ngx_http_devpilot_main_conf_t *mcf)
{
    u_char *zone = ngx_http_devpilot_zone_data(mcf->keys);

    return (void *) (zone + STORE_OFFSET);
}
