/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The buffers that requests of one AioContext bounce through: what the kernel
 * reads and writes is never the guest's memory. Aligned to pages, in classes of
 * 4 KiB to 1 MiB, cut out of slabs of 1 MiB that come when needed and go when
 * idle. At most FILE_SLABS of them: the cap of bytes in flight.
 *
 * All under the lock of the context (after it was left: of whoever reaps).
 */
#ifndef BLOCK_FILE_BUFFERS_H
#define BLOCK_FILE_BUFFERS_H

#include "block/aio.h"
#include "qemu/units.h"

#define FILE_SLAB_SIZE (1 * MiB)
#define FILE_SLABS 64
#define FILE_BUFFER_MAX FILE_SLAB_SIZE

typedef struct FileBuffers FileBuffers;
typedef struct FileSlab FileSlab;

typedef struct FileBuffer {
    void *mem;
    FileSlab *slab;             /* NULL: none */
    int registered;             /* its slab's index in the ring, -1: the ring does not know it */
} FileBuffer;

/*
 * Tells a ring of the slab `index`: mem NULL takes it back. 0 or -errno. Only
 * called when nothing of that slab is in use, or by file_buffers_set_registrar().
 */
typedef int FileRegisterFn(void *opaque, unsigned index, void *mem, size_t size);

FileBuffers *file_buffers_new(AioContext *ctx);
/* Nothing is in use. */
void file_buffers_free(FileBuffers *b);
void file_buffers_rehome(FileBuffers *b, AioContext *ctx);
/* fn NULL: the ring is gone, and its registrations with it. */
void file_buffers_set_registrar(FileBuffers *b, FileRegisterFn *fn, void *opaque);

/*
 * At least size bytes, at most FILE_BUFFER_MAX. false: the cap is reached, or
 * memory is short. Never false when no buffer is in use.
 */
bool file_buffers_get(FileBuffers *b, size_t size, FileBuffer *out);
void file_buffers_put(FileBuffers *b, FileBuffer *buf);

/* Bytes in slabs, for tests. */
size_t file_buffers_held(const FileBuffers *b);

#endif
