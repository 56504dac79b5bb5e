/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Surviving a client that truncates memory it has lent us.
 *
 * The kernel raises SIGBUS on the thread that touches a page behind the end of
 * the file. Two cases are told apart:
 *  - inside client_memory_copy(): the copy is abandoned and reports failure;
 *  - through a pointer that a device got from dma_memory_map(): the window is
 *    replaced by private zero pages from there to its end (a file is cut at its
 *    end, and single pages would cost the process a VMA each), so the device
 *    reads zeros and its writes go nowhere. The window is torn then: nothing but
 *    the pointers that are out already may use it, or a client could fill the
 *    private pages at will.
 * A SIGBUS anywhere else is a bug of ours and kills the process as before.
 *
 * Locking: client_memory_copy() needs none. Windows are added and removed under
 * a lock of their own; the handler reads them without any. Lock order: last.
 */
#ifndef HW_REMOTE_OUTBOUND_SIGBUS_H
#define HW_REMOTE_OUTBOUND_SIGBUS_H

#include "qemu/osdep.h"

/* Private, but for sigbus_window_torn(). */
typedef struct SigbusWindow {
    uintptr_t base;
    size_t size;                /* 0: record is free */
    size_t page;                /* huge pages are only replaced as a whole */
    bool torn;
    struct SigbusWindow *next;  /* all records, newest first */
    struct SigbusWindow *next_free;
} SigbusWindow;

/* Once, before the first client; keeps other handlers' behaviour for SIGBUS
 * outside our windows. */
void sigbus_init(void);

/* [base, base + size) is client memory; both are multiples of `page`, the size
 * of the pages it is made of. */
SigbusWindow *sigbus_window_add(void *base, size_t size, size_t page);
void sigbus_window_remove(SigbusWindow *window);
/* A part of the window had to be replaced since it was added. */
static inline bool sigbus_window_torn(const SigbusWindow *window)
{
    return __atomic_load_n(&window->torn, __ATOMIC_RELAXED);
}

/* Copies between private memory and client memory. Naturally aligned accesses
 * of 1, 2, 4 and 8 bytes are single loads and stores. False: the client's file
 * no longer has the page; an unknown part was copied. */
bool client_memory_copy(void *dst, const void *src, size_t len);

#endif
