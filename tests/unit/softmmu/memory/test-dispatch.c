/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Splitting and merging: every combination of access size, alignment, valid
 * and impl limits and byte order, against a model that is written differently
 * (bytes instead of shifts).
 */
#include "common.h"

#define BYTES 32

typedef struct Dev {
    uint8_t mem[BYTES];
    bool big;
    unsigned calls;
    unsigned max_seen;
    unsigned min_seen;
    bool unaligned_seen;
} Dev;

static void note(Dev *d, hwaddr addr, unsigned size)
{
    d->calls++;
    d->max_seen = MAX(d->max_seen, size);
    d->min_seen = d->min_seen ? MIN(d->min_seen, size) : size;
    d->unaligned_seen |= (addr & (size - 1)) != 0;
}

/* The device is an array of bytes, read in its own order. */
static uint64_t dev_read(void *opaque, hwaddr addr, unsigned size)
{
    Dev *d = opaque;
    uint64_t v = 0;

    note(d, addr, size);
    for (unsigned i = 0; i < size; i++) {
        uint8_t byte = d->mem[(addr + i) % BYTES];

        v |= (uint64_t)byte << (8 * (d->big ? size - 1 - i : i));
    }
    return v;
}

static void dev_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    Dev *d = opaque;

    note(d, addr, size);
    for (unsigned i = 0; i < size; i++) {
        d->mem[(addr + i) % BYTES] = val >> (8 * (d->big ? size - 1 - i : i));
    }
}

typedef struct Shape {
    unsigned vmin, vmax, imin, imax;
    bool vun, iun, big;
} Shape;

static bool model_valid(const Shape *s, hwaddr addr, unsigned size)
{
    if (!s->vun && addr % size) {
        return false;
    }
    return s->vmax == 0 || (size >= s->vmin && size <= s->vmax);
}

static void fill(Dev *d, Shape *s)
{
    memset(d, 0, sizeof(*d));
    d->big = s->big;
    for (int i = 0; i < BYTES; i++) {
        d->mem[i] = 0x41 + i * 7;
    }
}

static void check_calls(const Shape *s, const Dev *d, hwaddr addr, unsigned size)
{
    unsigned imax = s->imax ? s->imax : 4;
    unsigned imin = s->imin ? s->imin : 1;

    g_assert_cmpuint(d->max_seen, <=, MAX(imax, imin));
    g_assert_cmpuint(d->min_seen, >=, imin);
    if (!s->iun && imin == 1) {
        g_assert_false(d->unaligned_seen);
    }
    if (size <= imax && size >= imin && (s->iun || addr % size == 0)) {
        g_assert_cmpuint(d->calls, ==, 1);
    }
}

/* A widened access touches bytes beyond it; what a client sees is only its own bytes. */
static void check_read(MemoryRegion *mr, Dev *d, Shape *s, hwaddr addr, unsigned size)
{
    uint64_t got = 0x5a5a5a5a5a5a5a5aULL;
    uint8_t bytes[8];
    MemTxResult res;

    fill(d, s);
    res = memory_region_dispatch_read(mr, addr, &got, size_memop(size) | MO_LE,
                                      MEMTXATTRS_UNSPECIFIED);
    if (!model_valid(s, addr, size)) {
        g_assert_cmpuint(res, ==, MEMTX_DECODE_ERROR);
        g_assert_cmpuint(got, ==, 0);
        g_assert_cmpuint(d->calls, ==, 0);
        return;
    }
    g_assert_cmpuint(res, ==, MEMTX_OK);
    check_calls(s, d, addr, size);
    stn_le_p(bytes, size, got);
    for (unsigned i = 0; i < size; i++) {
        g_assert_cmphex(bytes[i], ==, d->mem[(addr + i) % BYTES]);
    }
}

static void check_write(MemoryRegion *mr, Dev *d, Shape *s, hwaddr addr, unsigned size)
{
    uint64_t val = 0x1122334455667788ULL;
    uint8_t bytes[8];
    MemTxResult res;
    Dev before;

    fill(d, s);
    before = *d;
    res = memory_region_dispatch_write(mr, addr, val, size_memop(size) | MO_LE,
                                       MEMTXATTRS_UNSPECIFIED);
    if (!model_valid(s, addr, size)) {
        g_assert_cmpuint(res, ==, MEMTX_DECODE_ERROR);
        g_assert_cmpmem(d->mem, BYTES, before.mem, BYTES);
        return;
    }
    g_assert_cmpuint(res, ==, MEMTX_OK);
    check_calls(s, d, addr, size);
    stn_le_p(bytes, size, val);
    for (unsigned i = 0; i < size; i++) {
        g_assert_cmphex(d->mem[(addr + i) % BYTES], ==, bytes[i]);
    }
}

static void check_shape(Shape *s)
{
    MemoryRegionOps ops = {
        .read = dev_read,
        .write = dev_write,
        .endianness = s->big ? DEVICE_BIG_ENDIAN : DEVICE_LITTLE_ENDIAN,
        .valid = { s->vmin, s->vmax, s->vun, NULL },
        .impl = { s->imin, s->imax, s->iun },
    };
    Object *owner = test_owner_new();
    MemoryRegion *mr = g_new0(MemoryRegion, 1);
    Dev d = { 0 };

    memory_region_init_io(mr, owner, &ops, &d, "dev", BYTES);
    for (unsigned size = 1; size <= 8; size *= 2) {
        for (hwaddr addr = 0; addr + 8 <= 16; addr++) {
            check_read(mr, &d, s, addr, size);
            /* Widened stores of big-endian devices put their byte elsewhere by definition. */
            if (size >= (s->imin ? s->imin : 1)) {
                check_write(mr, &d, s, addr, size);
            }
        }
    }
    object_unref(owner);
    g_free(mr);
}

static void test_all_shapes(void)
{
    static const unsigned sizes[] = { 0, 1, 2, 4, 8 };

    for (int bits = 0; bits < 8; bits++) {
        for (int n = 0; n < 5 * 5 * 5 * 5; n++) {
            Shape s = {
                .vmin = sizes[n % 5],
                .vmax = sizes[n / 5 % 5],
                .imin = sizes[n / 25 % 5],
                .imax = sizes[n / 125],
                .vun = bits & 1,
                .iun = bits & 2,
                .big = bits & 4,
            };

            if ((s.vmax && s.vmin > s.vmax) || (s.imax && s.imin > s.imax)) {
                continue;
            }
            check_shape(&s);
        }
    }
}

static void test_outside(void)
{
    MemoryRegionOps ops = { .read = dev_read, .write = dev_write, .valid.unaligned = true };
    Object *owner = test_owner_new();
    MemoryRegion mr;
    Dev d = { 0 };
    uint64_t v;

    memory_region_init_io(&mr, owner, &ops, &d, "dev", 7);
    g_assert_cmpuint(memory_region_dispatch_read(&mr, 3, &v, MO_32, MEMTXATTRS_UNSPECIFIED), ==,
                     MEMTX_OK);
    g_assert_cmpuint(memory_region_dispatch_read(&mr, 4, &v, MO_32, MEMTXATTRS_UNSPECIFIED), ==,
                     MEMTX_DECODE_ERROR);
    g_assert_cmpuint(memory_region_dispatch_read(&mr, UINT64_MAX, &v, MO_64,
                                                 MEMTXATTRS_UNSPECIFIED), ==, MEMTX_DECODE_ERROR);
    object_unref(owner);
}

static bool refuse_odd(void *opaque, hwaddr addr, unsigned size, bool is_write, MemTxAttrs attrs)
{
    return !is_write && attrs.user;
}

static MemTxResult read_attrs(void *opaque, hwaddr addr, uint64_t *data, unsigned size,
                              MemTxAttrs attrs)
{
    *data = attrs.requester_id;
    return addr == 8 ? MEMTX_ERROR : MEMTX_OK;
}

static void test_attrs_and_accepts(void)
{
    MemoryRegionOps ops = {
        .read_with_attrs = read_attrs,
        .valid.accepts = refuse_odd,
    };
    MemTxAttrs attrs = { .user = 1, .requester_id = 0x4321 };
    Object *owner = test_owner_new();
    MemoryRegion mr;
    uint64_t v;

    memory_region_init_io(&mr, owner, &ops, NULL, "dev", 16);
    g_assert_cmpuint(memory_region_dispatch_read(&mr, 0, &v, MO_32, attrs), ==, MEMTX_OK);
    g_assert_cmphex(v, ==, 0x4321);
    /* the second half of the access fails, and the whole says so */
    g_assert_cmpuint(memory_region_dispatch_read(&mr, 8, &v, MO_64, attrs), ==, MEMTX_ERROR);
    g_assert_cmpuint(memory_region_dispatch_write(&mr, 0, 0, MO_32, attrs), ==,
                     MEMTX_DECODE_ERROR);
    attrs.user = 0;
    g_assert_cmpuint(memory_region_dispatch_read(&mr, 0, &v, MO_32, attrs), ==,
                     MEMTX_DECODE_ERROR);
    object_unref(owner);
}

static void test_eventfd(void)
{
    MemoryRegionOps ops = { .read = dev_read, .write = dev_write };
    Object *owner = test_owner_new();
    MemoryRegion mr;
    EventNotifier any, exact;
    Dev d = { 0 };

    event_notifier_init(&any, 0);
    event_notifier_init(&exact, 0);
    memory_region_init_io(&mr, owner, &ops, &d, "dev", BYTES);
    memory_region_add_eventfd(&mr, 4, 2, true, 0xbeef, &exact);
    memory_region_add_eventfd(&mr, 8, 0, false, 0, &any);
    memory_region_dispatch_write(&mr, 4, 0xbeee, MO_16, MEMTXATTRS_UNSPECIFIED);
    memory_region_dispatch_write(&mr, 4, 0xbeef, MO_32, MEMTXATTRS_UNSPECIFIED);
    g_assert_cmpuint(d.calls, ==, 2);
    g_assert_false(event_notifier_test_and_clear(&exact));
    memory_region_dispatch_write(&mr, 4, 0xbeef, MO_16, MEMTXATTRS_UNSPECIFIED);
    g_assert_true(event_notifier_test_and_clear(&exact));
    memory_region_dispatch_write(&mr, 8, 1, MO_8, MEMTXATTRS_UNSPECIFIED);
    memory_region_dispatch_write(&mr, 8, 2, MO_32, MEMTXATTRS_UNSPECIFIED);
    g_assert_cmpuint(d.calls, ==, 2);
    g_assert_true(event_notifier_test_and_clear(&any));
    memory_region_del_eventfd(&mr, 8, 0, false, 0, &any);
    memory_region_dispatch_write(&mr, 8, 1, MO_8, MEMTXATTRS_UNSPECIFIED);
    g_assert_cmpuint(d.calls, ==, 3);
    event_notifier_cleanup(&any);
    event_notifier_cleanup(&exact);
    object_unref(owner);
}

int main(int argc, char **argv)
{
    test_init(&argc, &argv);
    g_test_add_func("/memory/dispatch/all-shapes", test_all_shapes);
    g_test_add_func("/memory/dispatch/outside", test_outside);
    g_test_add_func("/memory/dispatch/attrs", test_attrs_and_accepts);
    g_test_add_func("/memory/dispatch/eventfd", test_eventfd);
    return g_test_run();
}
