/*
 * The build id, as the dynamic loader has it: the note NT_GNU_BUILD_ID of the
 * object that this very file was linked into.
 *
 * Read once; nginx's processes inherit what its master has read.
 */

#include <ngx_config.h>
#include <ngx_core.h>

#include <link.h>

#include "config.h"
#include "dp_build_id.h"
#include "dp_id.h"
#include "ngx_http_devpilot_build.h"

static char id_text[2 * DP_BUILD_ID_MAX + 1];

static ngx_uint_t
holds(const struct dl_phdr_info *object, const void *address)
{
    for (ngx_uint_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        uintptr_t         offset = (uintptr_t) address - object->dlpi_addr;

        if (segment->p_type == PT_LOAD && offset >= segment->p_vaddr
            && offset - segment->p_vaddr < segment->p_memsz)
        {
            return 1;
        }
    }

    return 0;
}

static void
notes_read(dp_slice_t notes, uint64_t alignment)
{
    dp_slice_t id = dp_build_id_of_notes(notes, alignment);

    if (id.len != 0) {
        dp_hex_format(id_text, id.data, id.len);
    }
}

static int
object_read(struct dl_phdr_info *object, size_t size, void *data)
{
    if (!holds(object, id_text)) {
        return 0;
    }

    for (ngx_uint_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];

        if (segment->p_type == PT_NOTE && id_text[0] == '\0') {
            notes_read(dp_slice((const u_char *) (object->dlpi_addr
                                                  + segment->p_vaddr),
                                segment->p_memsz),
                       segment->p_align);
        }
    }

    return 1;
}

const char *
ngx_http_devpilot_build_id(void)
{
    if (id_text[0] == '\0') {
        (void) dl_iterate_phdr(object_read, NULL);
    }

    return id_text;
}

void
ngx_http_devpilot_build_log(ngx_log_t *log)
{
    ngx_log_error(NGX_LOG_NOTICE, log, 0, "devpilot %s build %s", DP_VERSION,
                  ngx_http_devpilot_build_id());
}
