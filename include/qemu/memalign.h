/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Aligned memory; freed with qemu_vfree(). alignment is a power of two. */
#ifndef QEMU_MEMALIGN_H
#define QEMU_MEMALIGN_H

#include <glib.h>
#include <stddef.h>

void *qemu_try_memalign(size_t alignment, size_t size);     /* NULL when memory is short */
void *qemu_memalign(size_t alignment, size_t size);         /* stops the process then */
void qemu_vfree(void *ptr);                                 /* NULL is accepted */

static inline void qemu_vfree_cleanup_(void *pp)
{
    qemu_vfree(*(void **)pp);
}
#define QEMU_AUTO_VFREE __attribute__((cleanup(qemu_vfree_cleanup_)))

#endif
