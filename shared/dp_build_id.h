/*
 * The GNU build id of an ELF file: which build it is, whatever its name.
 *
 * The bytes may be anybody's: nothing in them is believed that is not inside of
 * them.  Read are files of this machine's own word size and byte order.
 */

#ifndef DP_BUILD_ID_H
#define DP_BUILD_ID_H

#include "dp_bytes.h"

#define DP_BUILD_ID_MAX 64 /* bytes; linkers make 8, 16 or 20 */

/*
 * The note NT_GNU_BUILD_ID of a whole file in memory, borrowed from it.  Empty
 * when the file is no such ELF file, has no such note or is damaged.
 */
dp_slice_t dp_build_id_of_file(dp_slice_t file);

/* The same of the bytes of one note segment, whose p_align is given. */
dp_slice_t dp_build_id_of_notes(dp_slice_t notes, uint64_t alignment);

#endif /* DP_BUILD_ID_H */
