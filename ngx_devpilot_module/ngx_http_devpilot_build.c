/*
 * The build id, as the dynamic loader has it: the note NT_GNU_BUILD_ID of the
 * object that this very file was linked into.
 *
 * Read once; nginx's processes inherit what its master has read.
 */

#include <ngx_config.h>
#include <ngx_core.h>

#include <elf.h>
#include <link.h>

#include "config.h"
#include "dp_id.h"
#include "ngx_http_devpilot_build.h"

#define ID_MAX 32 /* bytes: a SHA-256; ld makes 20 */
#define NOTE_ALIGN 4

static char id_text[2 * ID_MAX + 1];

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

static ngx_uint_t
note_is_id(const ElfW(Nhdr) *note, const u_char *name)
{
    return note->n_type == NT_GNU_BUILD_ID
           && note->n_namesz == sizeof(ELF_NOTE_GNU)
           && ngx_memcmp(name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) == 0
           && note->n_descsz <= ID_MAX;
}

/* Notes follow one another: head, name and content, the latter two padded. */
static void
notes_read(const u_char *pos, size_t size)
{
    ElfW(Nhdr) note;

    while (size >= sizeof(note)) {
        const u_char *name = pos + sizeof(note);
        size_t        name_size, length;

        ngx_memcpy(&note, pos, sizeof(note));
        name_size = ngx_align((size_t) note.n_namesz, NOTE_ALIGN);
        length = sizeof(note) + name_size
                 + ngx_align((size_t) note.n_descsz, NOTE_ALIGN);

        if (length > size) {
            return;
        }

        if (note_is_id(&note, name)) {
            dp_hex_format(id_text, name + name_size, note.n_descsz);
            return;
        }

        pos += length;
        size -= length;
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
            notes_read((const u_char *) (object->dlpi_addr + segment->p_vaddr),
                       segment->p_memsz);
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
