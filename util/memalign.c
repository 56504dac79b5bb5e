/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Aligned memory from the C library. */
#include "qemu/osdep.h"
#include "qemu/fault-inject.h"
#include "qemu/memalign.h"

void *qemu_try_memalign(size_t alignment, size_t size)
{
    void *ptr = NULL;

    if (fault_inject(FAULT_ALLOC)) {
        return NULL;
    }
    /* Two equal requests of 0 bytes must still be told apart. */
    return posix_memalign(&ptr, MAX(alignment, sizeof(void *)), MAX(size, (size_t)1)) ? NULL : ptr;
}

void *qemu_memalign(size_t alignment, size_t size)
{
    void *ptr = qemu_try_memalign(alignment, size);

    if (!ptr) {
        g_error("out of memory: %zu bytes aligned to %zu", size, alignment);
    }
    return ptr;
}

void qemu_vfree(void *ptr)
{
    free(ptr);
}
