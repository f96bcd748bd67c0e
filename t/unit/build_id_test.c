/*
 * The build id of ELF files: one that was built by hand, each way to damage it,
 * and this program itself.
 */

#include "dp_build_id.h"
#include "unit.h"

#include <elf.h>
#include <link.h>
#include <stdlib.h>

#define ID "0123456789abcdefghij"

/* A header, two note segments and nothing else. */
typedef struct {
    ElfW(Ehdr) header;
    ElfW(Phdr) segments[2];
    struct {
        ElfW(Nhdr) note;
        char       name[4];
        char       description[8];
    } other;
    struct {
        ElfW(Nhdr) note;
        char       name[4];
        char       description[20];
    } id;
} file_t;

static file_t
file_make(void)
{
    file_t file = {
        .header = {
            .e_phoff = offsetof(file_t, segments),
            .e_phentsize = sizeof(ElfW(Phdr)),
            .e_phnum = 2,
        },
        .segments = {
            {.p_type = PT_NOTE, .p_offset = offsetof(file_t, other),
             .p_filesz = sizeof(file.other), .p_align = 8},
            {.p_type = PT_NOTE, .p_offset = offsetof(file_t, id),
             .p_filesz = sizeof(file.id), .p_align = 4},
        },
        .other = {.note = {4, 8, NT_GNU_PROPERTY_TYPE_0}, .name = "GNU"},
        .id = {.note = {4, 20, NT_GNU_BUILD_ID}, .name = "GNU"},
    };

    memcpy(file.header.e_ident, ELFMAG, SELFMAG);
    file.header.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS64
                                                        : ELFCLASS32;
    file.header.e_ident[EI_DATA] =
        __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
    memcpy(file.id.description, ID, sizeof(file.id.description));

    return file;
}

/* In memory of its own, cut to `size`. */
static bool
found(const file_t *file, size_t size)
{
    dp_slice_t bytes = unit_copy(dp_slice(file, size));
    dp_slice_t id = dp_build_id_of_file(bytes);
    bool       is = dp_slice_equal(id, DP_SLICE(ID));

    ck_assert(is || id.len == 0);
    free((void *) bytes.data);

    return is;
}

START_TEST(the_note_is_found)
{
    file_t file = file_make();

    ck_assert(found(&file, sizeof(file)));
}
END_TEST

START_TEST(a_file_that_ends_anywhere_has_none)
{
    file_t file = file_make();

    size_t whole = offsetof(file_t, id) + sizeof(file.id);

    ck_assert(found(&file, whole));

    for (size_t size = 0; size < whole; size++) {
        ck_assert(!found(&file, size));
    }
}
END_TEST

/* Offsets, counts and lengths at their limits. */
START_TEST(what_it_says_of_itself_is_not_believed)
{
    static const struct {
        size_t offset;
        size_t size;
    } fields[] = {
        {offsetof(file_t, header.e_ident), SELFMAG},
        {offsetof(file_t, header.e_ident) + EI_CLASS, 2},
        {offsetof(file_t, header.e_phoff), sizeof(ElfW(Off))},
        {offsetof(file_t, header.e_phnum), 2},
        {offsetof(file_t, header.e_phentsize), 2},
        {offsetof(file_t, segments[1].p_type), 4},
        {offsetof(file_t, segments[1].p_offset), sizeof(ElfW(Off))},
        {offsetof(file_t, segments[1].p_filesz), sizeof(ElfW(Off))},
        {offsetof(file_t, id.note.n_namesz), 4},
        {offsetof(file_t, id.note.n_descsz), 4},
        {offsetof(file_t, id.note.n_type), 4},
        {offsetof(file_t, id.name), 4},
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        file_t file = file_make();

        memset((uint8_t *) &file + fields[i].offset, 0xff, fields[i].size);
        ck_assert(!found(&file, sizeof(file)));
        memset((uint8_t *) &file + fields[i].offset, 0x7f, fields[i].size);
        ck_assert(!found(&file, sizeof(file)));
    }
}
END_TEST

START_TEST(notes_before_it_are_passed_over)
{
    file_t file = file_make();

    file.segments[1].p_offset = offsetof(file_t, other);
    file.segments[1].p_filesz = sizeof(file.other) + sizeof(file.id);
    ck_assert(found(&file, sizeof(file)));

    file.other.note.n_descsz = UINT32_MAX;
    ck_assert(!found(&file, sizeof(file)));
}
END_TEST

START_TEST(this_program_has_one)
{
    dp_slice_t file = unit_file("/proc/self/exe");

    ck_assert_uint_ne(dp_build_id_of_file(file).len, 0);
    free((void *) file.data);
}
END_TEST

int
main(void)
{
    return UNIT_RUN("build ids", the_note_is_found,
                    a_file_that_ends_anywhere_has_none,
                    what_it_says_of_itself_is_not_believed,
                    notes_before_it_are_passed_over, this_program_has_one);
}
