/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The buffers that data bounces through: sizes, the cap, registration, idleness. */
#include "qemu/osdep.h"
#include "block/file-buffers.h"
#include "file-rig.h"

#include "qapi/error.h"
#include "qemu/fault-inject.h"
#include "qemu/main-loop.h"

static FileBuffer must_get(FileBuffers *b, size_t size)
{
    FileBuffer buf;

    g_assert_true(file_buffers_get(b, size, &buf));
    g_assert_cmpuint((uintptr_t)buf.mem % 4096, ==, 0);
    /* It is all ours. */
    memset(buf.mem, 0x5a, size);
    return buf;
}

static void test_sizes(void)
{
    static const size_t sizes[] = {
        1, 512, 4096, 4097, 16384, 65536, 65537, 262144, 262145, FILE_BUFFER_MAX,
    };
    FileBuffers *b = file_buffers_new(aio_context_main());
    FileBuffer bufs[G_N_ELEMENTS(sizes)];

    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        bufs[i] = must_get(b, sizes[i]);
        for (unsigned j = 0; j < i; j++) {
            uint8_t *x = bufs[i].mem, *y = bufs[j].mem;

            g_assert_true(x + sizes[i] <= y || y + sizes[j] <= x);
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        file_buffers_put(b, &bufs[i]);
    }
    file_buffers_free(b);
}

/* The cap is one of bytes, whatever the sizes; what is free again serves another size. */
static void test_cap(void)
{
    enum { SMALL = FILE_SLABS * (FILE_SLAB_SIZE / 4096) };
    FileBuffers *b = file_buffers_new(aio_context_main());
    g_autofree FileBuffer *bufs = g_new(FileBuffer, SMALL);
    FileBuffer more;

    for (unsigned i = 0; i < FILE_SLABS; i++) {
        bufs[i] = must_get(b, FILE_BUFFER_MAX);
    }
    g_assert_false(file_buffers_get(b, 1, &more));
    g_assert_cmpuint(file_buffers_held(b), ==, FILE_SLABS * FILE_SLAB_SIZE);
    for (unsigned i = 0; i < FILE_SLABS; i++) {
        file_buffers_put(b, &bufs[i]);
    }
    for (unsigned i = 0; i < SMALL; i++) {
        bufs[i] = must_get(b, 4096);
    }
    g_assert_false(file_buffers_get(b, 1, &more));
    for (unsigned i = 0; i < SMALL; i++) {
        file_buffers_put(b, &bufs[i]);
    }
    bufs[0] = must_get(b, FILE_BUFFER_MAX);
    file_buffers_put(b, &bufs[0]);
    file_buffers_free(b);
}

/* No memory to be had: the first slab is always there. */
static void test_no_memory(void)
{
    FileBuffers *b = file_buffers_new(aio_context_main());
    FileBuffer big, more;

    fault_inject_arm(FAULT_MMAP, 1, true);
    big = must_get(b, FILE_BUFFER_MAX);
    g_assert_false(file_buffers_get(b, 1, &more));
    file_buffers_put(b, &big);
    more = must_get(b, 1);
    file_buffers_put(b, &more);
    fault_inject_disarm();
    file_buffers_free(b);
}

/* Given back after a second or two, and then nothing wakes the loop any more. */
static void test_idle(void)
{
    FileBuffers *b = file_buffers_new(aio_context_main());
    FileBuffer bufs[4];

    for (unsigned i = 0; i < G_N_ELEMENTS(bufs); i++) {
        bufs[i] = must_get(b, FILE_BUFFER_MAX);
    }
    file_buffers_put(b, &bufs[0]);
    for (int i = 0; i < 20000 && file_buffers_held(b) > 3 * FILE_SLAB_SIZE; i++) {
        rig_run_for_ms(1);
    }
    /* What is in use stays. */
    g_assert_cmpuint(file_buffers_held(b), ==, 3 * FILE_SLAB_SIZE);
    memset(bufs[3].mem, 1, FILE_BUFFER_MAX);
    for (unsigned i = 1; i < G_N_ELEMENTS(bufs); i++) {
        file_buffers_put(b, &bufs[i]);
    }
    for (int i = 0; i < 20000 && file_buffers_held(b); i++) {
        rig_run_for_ms(1);
    }
    g_assert_cmpuint(file_buffers_held(b), ==, 0);
    bufs[0] = must_get(b, 1);
    file_buffers_put(b, &bufs[0]);
    file_buffers_free(b);
}

/* ---- what a ring is told ---- */

typedef struct Ring {
    void *slabs[FILE_SLABS];
    unsigned calls;
    bool refuses;
} Ring;

static int ring_register(void *opaque, unsigned index, void *mem, size_t size)
{
    Ring *ring = opaque;

    g_assert_cmpuint(index, <, FILE_SLABS);
    g_assert_true(!mem || !ring->slabs[index]);
    ring->calls++;
    if (ring->refuses) {
        return -ENOMEM;
    }
    ring->slabs[index] = mem;
    return 0;
}

static void test_registration(void)
{
    FileBuffers *b = file_buffers_new(aio_context_main());
    Ring ring = { 0 }, refusing = { .refuses = true };
    FileBuffer x, y;

    x = must_get(b, FILE_BUFFER_MAX);
    g_assert_cmpint(x.registered, ==, -1);
    file_buffers_set_registrar(b, ring_register, &ring);
    y = must_get(b, 4096);
    g_assert_cmpint(y.registered, >=, 0);
    g_assert_true(ring.slabs[y.registered] == y.mem);
    g_assert_cmpuint(ring.calls, ==, 2);
    file_buffers_put(b, &x);
    file_buffers_put(b, &y);
    file_buffers_set_registrar(b, NULL, NULL);
    /* A limit on locked memory: it works without, and nobody asks again and again. */
    file_buffers_set_registrar(b, ring_register, &refusing);
    for (unsigned i = 0; i < 10; i++) {
        x = must_get(b, 4096);
        g_assert_cmpint(x.registered, ==, -1);
        file_buffers_put(b, &x);
    }
    g_assert_cmpuint(refusing.calls, <=, 2);
    file_buffers_free(b);
}

static void add_tests(void)
{
    g_test_add_func("/block/buffers/sizes", test_sizes);
    g_test_add_func("/block/buffers/cap", test_cap);
    g_test_add_func("/block/buffers/no-memory", test_no_memory);
    g_test_add_func("/block/buffers/idle", test_idle);
    g_test_add_func("/block/buffers/registration", test_registration);
}

int main(int argc, char **argv)
{
    return rig_main(argc, argv, add_tests);
}
