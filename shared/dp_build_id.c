/*
 * Program headers lead to segments of notes; a note is three lengths, a name
 * and a description, both padded.  Structures are copied out, since a file's
 * offsets need not be aligned.
 */

#include "dp_build_id.h"

#include <elf.h>
#include <link.h>

#define OWN_CLASS (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32)
#define OWN_DATA                                                              \
    (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB)

/* The bytes at an offset; false when they are not all in the file. */
static bool
part(dp_slice_t file, uint64_t offset, uint64_t len, dp_slice_t *bytes)
{
    if (offset > file.len || len > file.len - offset) {
        return false;
    }

    *bytes = dp_slice(file.data + offset, (size_t) len);
    return true;
}

static bool
copy(dp_slice_t file, uint64_t offset, void *into, size_t size)
{
    dp_slice_t bytes;

    if (!part(file, offset, size, &bytes)) {
        return false;
    }

    memcpy(into, bytes.data, size);
    return true;
}

/* Takes a field and what pads it; the last one's padding may be missing. */
static dp_slice_t
padded_take(dp_reader_t *notes, size_t len, size_t alignment)
{
    dp_slice_t bytes = dp_read_bytes(notes, len);
    size_t     padding = (alignment - len % alignment) % alignment;
    size_t     left = dp_reader_left(notes);

    (void) dp_read_bytes(notes, padding < left ? padding : left);

    return bytes;
}

dp_slice_t
dp_build_id_of_notes(dp_slice_t notes, uint64_t alignment)
{
    dp_reader_t reader = dp_reader(notes);
    size_t      unit = alignment == 8 ? 8 : 4;
    ElfW(Nhdr)  note;

    while (dp_reader_left(&reader) >= sizeof(note)) {
        dp_slice_t name;
        dp_slice_t description;

        memcpy(&note, dp_read_bytes(&reader, sizeof(note)).data, sizeof(note));
        name = padded_take(&reader, note.n_namesz, unit);
        description = padded_take(&reader, note.n_descsz, unit);

        if (!reader.failed && note.n_type == NT_GNU_BUILD_ID
            && dp_slice_equal(name, dp_slice("GNU", sizeof("GNU")))
            && description.len <= DP_BUILD_ID_MAX) {
            return description;
        }
    }

    return (dp_slice_t) {NULL, 0};
}

static bool
header_read(dp_slice_t file, ElfW(Ehdr) *header)
{
    return copy(file, 0, header, sizeof(*header))
           && memcmp(header->e_ident, ELFMAG, SELFMAG) == 0
           && header->e_ident[EI_CLASS] == OWN_CLASS
           && header->e_ident[EI_DATA] == OWN_DATA
           && header->e_phentsize == sizeof(ElfW(Phdr));
}

dp_slice_t
dp_build_id_of_file(dp_slice_t file)
{
    dp_slice_t found = {NULL, 0};
    ElfW(Ehdr) header;
    ElfW(Phdr) segment;
    dp_slice_t headers;

    if (!header_read(file, &header)
        || !part(file, header.e_phoff,
                 (uint64_t) header.e_phnum * sizeof(segment), &headers)) {
        return found;
    }

    for (size_t i = 0; i < header.e_phnum && found.len == 0; i++) {
        dp_slice_t notes;

        memcpy(&segment, headers.data + i * sizeof(segment), sizeof(segment));

        if (segment.p_type == PT_NOTE
            && part(file, segment.p_offset, segment.p_filesz, &notes)) {
            found = dp_build_id_of_notes(notes, segment.p_align);
        }
    }

    return found;
}
