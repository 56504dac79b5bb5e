/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buffers for bouncing. A slab belongs to one size class while anything of it is
 * in use, and an empty one can change its class. The first slab stays for ever,
 * without its memory when idle: so a request that finds nothing else in use
 * always gets a buffer, and waiting for one always ends.
 */
#include "qemu/osdep.h"
#include "file-buffers.h"
#include "qemu/fault-inject.h"
#include "qemu/memalign.h"
#include <sys/mman.h>

enum {
    CLASSES = 5,                /* 4, 16, 64, 256 KiB, 1 MiB */
    CLASS_0_BITS = 12,
    PER_SLAB_MAX = FILE_SLAB_SIZE >> CLASS_0_BITS,
    IDLE_NS = 1000 * 1000 * 1000,
};

struct FileSlab {
    uint8_t *mem;               /* NULL: there is none in this place */
    bool registered;
    bool asked;                 /* registered or refused */
    bool clean;                 /* its memory was given back, and not used since */
    unsigned class;
    unsigned nr_free;
    uint8_t free[PER_SLAB_MAX]; /* a stack: what was used last is used next */
    QLIST_ENTRY(FileSlab) link; /* in partial[class] while nr_free */
};

struct FileBuffers {
    FileSlab slabs[FILE_SLABS];
    QLIST_HEAD(, FileSlab) partial[CLASSES];
    unsigned nr_slabs;
    bool used;                  /* since the timer looked */
    QEMUTimer *idle;
    FileRegisterFn *register_fn;
    void *register_opaque;
};

static unsigned class_bits(unsigned class)
{
    return CLASS_0_BITS + 2 * class;
}

static unsigned per_slab(unsigned class)
{
    return FILE_SLAB_SIZE >> class_bits(class);
}

static bool slab_empty(const FileSlab *s)
{
    return s->mem && s->nr_free == per_slab(s->class);
}

/* ---- slabs ---- */

static void slab_register(FileBuffers *b, FileSlab *s)
{
    if (b->register_fn && !s->asked) {
        s->asked = true;
        s->registered = b->register_fn(b->register_opaque, s - b->slabs, s->mem,
                                       FILE_SLAB_SIZE) == 0;
    }
}

static void slab_unregister(FileBuffers *b, FileSlab *s)
{
    if (s->registered) {
        b->register_fn(b->register_opaque, s - b->slabs, NULL, 0);
    }
    s->registered = s->asked = false;
}

static void slab_set_class(FileBuffers *b, FileSlab *s, unsigned class)
{
    s->class = class;
    s->nr_free = per_slab(class);
    for (unsigned i = 0; i < s->nr_free; i++) {
        s->free[i] = s->nr_free - 1 - i;
    }
    QLIST_INSERT_HEAD(&b->partial[class], s, link);
}

/* An empty one of any class, out of its list; NULL: all are in use. */
static FileSlab *slab_take_empty(FileBuffers *b)
{
    for (unsigned i = 0; i < FILE_SLABS; i++) {
        if (slab_empty(&b->slabs[i])) {
            QLIST_REMOVE(&b->slabs[i], link);
            return &b->slabs[i];
        }
    }
    return NULL;
}

static void *slab_map(void)
{
    void *mem;

    if (fault_inject(FAULT_MMAP)) {
        return NULL;
    }
    mem = mmap(NULL, FILE_SLAB_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mem == MAP_FAILED ? NULL : mem;
}

static FileSlab *slab_new(FileBuffers *b)
{
    FileSlab *s = b->slabs;

    if (b->nr_slabs == FILE_SLABS) {
        return NULL;
    }
    while (s->mem) {
        s++;
    }
    s->mem = slab_map();
    if (!s->mem) {
        return NULL;
    }
    b->nr_slabs++;
    return s;
}

/* The first empty one that has its memory: new memory costs more than a new class. */
static FileSlab *slab_for(FileBuffers *b, unsigned class)
{
    FileSlab *s = slab_take_empty(b) ?: slab_new(b);

    if (s) {
        slab_set_class(b, s, class);
    }
    return s;
}

/* Back to the system; the first one keeps its addresses. */
static void slab_give_back(FileBuffers *b, FileSlab *s)
{
    slab_unregister(b, s);
    if (s == b->slabs) {
        madvise(s->mem, FILE_SLAB_SIZE, MADV_DONTNEED);
        s->clean = true;
        return;
    }
    QLIST_REMOVE(s, link);
    munmap(s->mem, FILE_SLAB_SIZE);
    s->mem = NULL;
    b->nr_slabs--;
}

/* ---- idleness ---- */

static void arm_idle(FileBuffers *b)
{
    timer_mod(b->idle, qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + IDLE_NS);
}

static bool give_back_empty(FileBuffers *b)
{
    bool left = false;

    for (unsigned i = 0; i < FILE_SLABS; i++) {
        FileSlab *s = &b->slabs[i];

        if (slab_empty(s) && !s->clean) {
            slab_give_back(b, s);
        } else {
            left |= s->mem && !s->clean;
        }
    }
    return left;
}

/* Armed only while there is something to give back: an idle process has no timer. */
static void idle_timer(void *opaque)
{
    FileBuffers *b = opaque;

    if (b->used || give_back_empty(b)) {
        b->used = false;
        arm_idle(b);
    }
}

/* ---- life ---- */

FileBuffers *file_buffers_new(AioContext *ctx)
{
    FileBuffers *b = g_new0(FileBuffers, 1);

    b->idle = aio_timer_new(ctx, QEMU_CLOCK_REALTIME, SCALE_NS, idle_timer, b);
    b->slabs[0].mem = qemu_memalign(qemu_real_host_page_size(), FILE_SLAB_SIZE);
    b->slabs[0].clean = true;
    b->nr_slabs = 1;
    slab_set_class(b, &b->slabs[0], 0);
    return b;
}

void file_buffers_free(FileBuffers *b)
{
    for (unsigned i = FILE_SLABS; i-- > 0; ) {
        if (b->slabs[i].mem) {
            g_assert(slab_empty(&b->slabs[i]));
            slab_give_back(b, &b->slabs[i]);
        }
    }
    qemu_vfree(b->slabs[0].mem);
    timer_free(b->idle);
    g_free(b);
}

void file_buffers_rehome(FileBuffers *b, AioContext *ctx)
{
    timer_free(b->idle);
    b->idle = aio_timer_new(ctx, QEMU_CLOCK_REALTIME, SCALE_NS, idle_timer, b);
    arm_idle(b);
}

void file_buffers_set_registrar(FileBuffers *b, FileRegisterFn *fn, void *opaque)
{
    b->register_fn = fn;
    b->register_opaque = opaque;
    for (unsigned i = 0; i < FILE_SLABS; i++) {
        FileSlab *s = &b->slabs[i];

        s->registered = s->asked = false;
        if (fn && s->mem && !s->clean) {
            slab_register(b, s);
        }
    }
}

/* ---- buffers ---- */

static unsigned class_of(size_t size)
{
    unsigned class = 0;

    while (size > (size_t)1 << class_bits(class)) {
        class++;
    }
    return class;
}

static void mark_used(FileBuffers *b, FileSlab *s)
{
    b->used = true;
    if (unlikely(s->clean || !timer_pending(b->idle))) {
        s->clean = false;
        arm_idle(b);
    }
    if (unlikely(!s->asked)) {
        slab_register(b, s);
    }
}

bool file_buffers_get(FileBuffers *b, size_t size, FileBuffer *out)
{
    unsigned class = class_of(size);
    FileSlab *s;

    g_assert(class < CLASSES);
    s = QLIST_FIRST(&b->partial[class]) ?: slab_for(b, class);
    if (!s) {
        return false;
    }
    mark_used(b, s);
    out->slab = s;
    out->mem = s->mem + ((size_t)s->free[--s->nr_free] << class_bits(class));
    out->registered = s->registered ? s - b->slabs : -1;
    if (!s->nr_free) {
        QLIST_REMOVE(s, link);
    }
    return true;
}

void file_buffers_put(FileBuffers *b, FileBuffer *buf)
{
    FileSlab *s = g_steal_pointer(&buf->slab);
    size_t at = (uint8_t *)buf->mem - s->mem;

    if (!s->nr_free) {
        QLIST_INSERT_HEAD(&b->partial[s->class], s, link);
    }
    s->free[s->nr_free++] = at >> class_bits(s->class);
}

size_t file_buffers_held(const FileBuffers *b)
{
    return (b->nr_slabs - b->slabs[0].clean) * FILE_SLAB_SIZE;
}
