/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA that needs no message: mapped client memory, and client files that the
 * operator wants read and written by system calls (dma-access=file).
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "outbound/iova-internal.h"
#include "trace.h"

/* Larger copies are made by string instructions, which need no help. */
enum { PREFETCH_BYTES = 4096, PREFETCH_BELOW = 2 * PREFETCH_BYTES };

/*
 * A locked addition would wait for the stores of the copy before it, which costs
 * more than the rest of a 4 KiB access. So it is a plain one; what two threads
 * add at the same moment may count once.
 */
void iova_count_bytes(uint64_t *counter, hwaddr len)
{
    __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + len,
                     __ATOMIC_RELAXED);
}

static void prefetch_line_for_write(const uint8_t *line)
{
#if defined(__x86_64__)
    /* The builtin is no side effect to gcc: a function of nothing else is dropped. */
    __asm__ volatile("prefetchw %0" : : "m"(*line));
#else
    __builtin_prefetch(line, 1);
#endif
}

/*
 * Asks for the lines of a page that is about to be written. Stores leave the
 * store buffer in order, each when its line has come; what the dispatch of an
 * access stores takes places there, so fewer lines would be under way than in
 * a plain loop of copies (docs/devel/benchmarks.rst: dma-4k). A part of the
 * page is worse than nothing. Never faults, whatever has become of the memory.
 */
static void prefetch_page_for_write(const uint8_t *host)
{
    enum { LINE = 64 };

    for (unsigned i = 0; i < PREFETCH_BYTES; i += LINE) {
        prefetch_line_for_write(host + i);
    }
}

static bool file_rw(int fd, uint64_t offset, uint8_t *buf, hwaddr len, bool is_write)
{
    while (len) {
        ssize_t n = is_write ? pwrite(fd, buf, len, offset) : pread(fd, buf, len, offset);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {           /* 0: the file has been truncated */
            return false;
        }
        buf += n;
        offset += n;
        len -= n;
    }
    return true;
}

bool iova_region_torn(const IOVARegion *r)
{
    return r->kind == IOVA_MAPPED && sigbus_window_torn(r->mapping->window);
}

static bool copy(const IOVARegion *r, hwaddr addr, void *buf, hwaddr len, bool is_write)
{
    uint8_t *host;

    if (r->kind == IOVA_FILE) {
        return file_rw(client_file_fd(r->file), r->offset + (addr - r->first), buf, len,
                       is_write);
    }
    host = r->host + (addr - r->first);
    if (!is_write) {
        return client_memory_copy(buf, host, len);
    }
    if (len >= PREFETCH_BYTES && len < PREFETCH_BELOW) {
        prefetch_page_for_write(host);
    }
    return client_memory_copy(host, buf, len);
}

bool iova_direct_copy(const IOVARegion *r, hwaddr addr, void *buf, hwaddr len, bool is_write)
{
    return !iova_region_torn(r) && copy(r, addr, buf, len, is_write);
}

bool iova_direct_rw(IOVASpace *space, IOVARegion *r, hwaddr addr, void *buf, hwaddr len,
                    bool is_write)
{
    if (iova_region_torn(r)) {
        return false;           /* perhaps private pages: a write would be lost */
    }
    iova_count_bytes(r->kind == IOVA_FILE ? &space->stats.file_bytes
                                          : &space->stats.direct_bytes, len);
    return copy(r, addr, buf, len, is_write);
}

void *iova_direct_map(IOVASpace *space, hwaddr addr, hwaddr *plen, bool is_write)
{
    IOVAPointer *p = g_new(IOVAPointer, 1);
    hwaddr avail;

    p->region = iova_region_point(space, addr, is_write, &avail, p);
    if (!p->region) {
        g_free(p);
        return NULL;
    }
    *plen = MIN(*plen, avail);
    iova_count_bytes(&space->stats.direct_bytes, *plen);
    return p->host;
}

void iova_direct_unmap(IOVASpace *space, void *host)
{
    IOVAPointer *p;
    bool idle = false;

    qemu_mutex_lock(&space->lock);
    QLIST_FOREACH(p, &space->pointers, next) {
        if (p->host == host) {
            QLIST_REMOVE(p, next);
            idle = --p->region->users == 0 && p->region->dying;
            break;
        }
    }
    qemu_mutex_unlock(&space->lock);
    g_assert(p);                /* a device gives back only what it got */
    if (idle) {
        iova_drain_region_idle(space);
    }
    client_mapping_unref(p->mapping);
    g_free(p);
}

/* --- taking the pages away from pointers that do not let go --- */

typedef struct DetachSearch {
    IOVARegion *victim;
    ClientMapping *mapping;     /* the victim's, or one that it has had */
    bool moved;                 /* regions that shared its bytes have a new mapping */
    bool shared;                /* a live region uses the same mapping */
} DetachSearch;

static bool files_overlap(const IOVARegion *a, const IOVARegion *b)
{
    return a->offset < b->offset ? b->offset - a->offset < iova_region_size(a)
                                 : a->offset - b->offset < iova_region_size(b);
}

/* Another region that shows the same bytes of the file moves to a mapping of
 * its own first, or it would lose them too. */
static gboolean move_away(gpointer key, gpointer value, gpointer opaque)
{
    IOVARegion *r = value;
    DetachSearch *search = opaque;
    ClientMapping *fresh;

    if (r->mapping != search->mapping) {
        return FALSE;
    }
    if (files_overlap(r, search->victim)) {
        /* All of them move to one mapping, not each to one of its own. */
        if (!search->moved) {
            client_file_forget_mapping(r->file);
            search->moved = true;
        }
        fresh = client_file_map(r->file, r->offset, iova_region_size(r));
        if (fresh) {
            r->left_mappings = g_slist_prepend(r->left_mappings, r->mapping);
            r->mapping = fresh;
            r->host = fresh->base + (r->offset - fresh->offset);
            return FALSE;
        }
        r->detached = true;
    }
    search->shared = true;
    return FALSE;
}

static void detach_from(IOVASpace *space, IOVARegion *victim, ClientMapping *m)
{
    DetachSearch search = { .victim = victim, .mapping = m };

    qemu_mutex_lock(&space->lock);
    g_tree_foreach(space->tree, move_away, &search);
    qemu_mutex_unlock(&space->lock);
    if (search.shared) {
        client_mapping_detach(m, m->base + (victim->offset - m->offset),
                              iova_region_size(victim));
    } else {
        client_file_forget_mapping(victim->file);
        client_mapping_detach(m, m->base, m->size);
    }
}

void iova_direct_detach(IOVASpace *space, IOVARegion *victim)
{
    if (!victim->mapping) {
        return;
    }
    trace_iova_detach(space->config.name, victim->first, victim->last);
    victim->detached = true;
    detach_from(space, victim, victim->mapping);
    /* Pointers that are older than a move go there. */
    for (GSList *m = victim->left_mappings; m; m = m->next) {
        detach_from(space, victim, m->data);
    }
}
