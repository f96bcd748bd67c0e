/*
 * Zones: one struct each, in memory that nginx shares among its processes.
 *
 * nginx keeps a zone over a reload when name, size and module are the same; the
 * struct's magic and layout say whether we can read what it kept.  When not,
 * the zone starts empty with a warning: a reload is never refused for it.
 */

#include <signal.h>

#include "ngx_http_devpilot_zone.h"

static ngx_int_t zone_init(ngx_shm_zone_t *zone, void *old);

/* What nginx's slab allocator needs beside the struct: some words a page. */
static size_t
slab_overhead(size_t size)
{
    return 16 * ngx_pagesize + ngx_align(size / 128, ngx_pagesize);
}

ngx_shm_zone_t *
ngx_http_devpilot_zone_add(ngx_conf_t *cf,
                           const ngx_http_devpilot_zone_spec_t *spec)
{
    ngx_str_t                      name = spec->name;
    size_t                         size = ngx_align(spec->size, ngx_pagesize);
    ngx_shm_zone_t                *zone;
    ngx_http_devpilot_zone_spec_t *kept = ngx_palloc(cf->pool, sizeof(*kept));

    if (kept == NULL) {
        return NULL;
    }

    *kept = *spec;
    size += slab_overhead(size);
    zone = ngx_shared_memory_add(cf, &name, size, &ngx_http_devpilot_module);
    if (zone == NULL) {
        return NULL;
    }

    zone->init = zone_init;
    zone->data = kept;

    return zone;
}

size_t
ngx_http_devpilot_zone_size(const ngx_shm_zone_t *zone)
{
    return ((const ngx_http_devpilot_zone_spec_t *) zone->data)->size;
}

void *
ngx_http_devpilot_zone_data(const ngx_shm_zone_t *zone)
{
    return ((ngx_slab_pool_t *) zone->shm.addr)->data;
}

const void *
ngx_http_devpilot_zone_before(const ngx_str_t *name, const void *zone)
{
    const void      *old;
    ngx_list_part_t *part = (ngx_list_part_t *) &ngx_cycle->shared_memory.part;

    for ( ; part != NULL; part = part->next) {
        ngx_shm_zone_t *zones = part->elts;

        for (ngx_uint_t i = 0; i < part->nelts; i++) {
            if (zones[i].tag == &ngx_http_devpilot_module
                && zones[i].shm.name.len == name->len
                && ngx_memcmp(zones[i].shm.name.data, name->data, name->len)
                       == 0)
            {
                old = ngx_http_devpilot_zone_data(&zones[i]);

                return old != zone ? old : NULL;
            }
        }
    }

    return NULL;
}

static ngx_int_t
zone_begin(const ngx_http_devpilot_zone_spec_t *spec,
           ngx_http_devpilot_zone_head_t *head)
{
    ngx_memzero(head, spec->size);
    head->magic = spec->magic;
    head->layout = spec->layout;

    return spec->begin == NULL ? NGX_OK : spec->begin(head, spec->size);
}

static ngx_int_t
zone_init(ngx_shm_zone_t *zone, void *old)
{
    ngx_slab_pool_t                     *pool = (void *) zone->shm.addr;
    const ngx_http_devpilot_zone_spec_t *spec = zone->data;
    ngx_http_devpilot_zone_head_t       *head = pool->data;

    if (head == NULL) {
        head = ngx_slab_alloc(pool, spec->size);
        if (head == NULL) {
            return NGX_ERROR;
        }

        pool->data = head;
        return zone_begin(spec, head);
    }

    if (head->magic != spec->magic || head->layout != spec->layout) {
        ngx_log_error(NGX_LOG_WARN, zone->shm.log, 0,
                      "shared zone \"%V\" has layout %uD, not %uD: "
                      "it starts empty",
                      &spec->name, head->layout, spec->layout);
        return zone_begin(spec, head);
    }

    return NGX_OK;
}

bool
ngx_http_devpilot_process_lives(uint32_t pid)
{
    return pid != 0 && (kill((pid_t) pid, 0) == 0 || ngx_errno == NGX_EPERM);
}
