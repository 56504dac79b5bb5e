/* SPDX-License-Identifier: GPL-2.0-or-later */
/* I/O regions with a page behind them: what they are, and when a BAR has one to lend. */
#include "common.h"
#include "exec/shared-io.h"
#include "qapi/error.h"
#include "qemu/fault-inject.h"

enum { PAGE = 4096 };

typedef struct Fixture {
    Object *owner;
    MemoryRegion bar, page, other, cover;
    AddressSpace as;
    uint64_t written;
} Fixture;

static uint64_t on_read(void *opaque, hwaddr addr, unsigned size)
{
    return 0x5a;
}

static void on_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    ((Fixture *)opaque)->written = val;
}

static const MemoryRegionOps ops = {
    .read = on_read, .write = on_write, .endianness = DEVICE_LITTLE_ENDIAN,
};

static void setup(Fixture *f, gconstpointer unused)
{
    f->owner = test_owner_new();
    memory_region_init(&f->bar, f->owner, "bar", 4 * PAGE);
    g_assert_true(memory_region_init_shared_io(&f->page, f->owner, &ops, f, "page", PAGE, PAGE,
                                               &error_abort));
    g_assert_true(memory_region_init_shared_io(&f->other, f->owner, &ops, f, "other", PAGE,
                                               2 * PAGE, &error_abort));
    memory_region_init_io(&f->cover, f->owner, &ops, f, "cover", 16);
    memory_region_add_subregion(&f->bar, PAGE, &f->page);
    address_space_init(&f->as, &f->bar, "test");
}

static void teardown(Fixture *f, gconstpointer unused)
{
    address_space_destroy(&f->as);
    object_unref(f->owner);
}

static void test_is_io(Fixture *f, gconstpointer unused)
{
    uint8_t *p = memory_region_shared_io_ptr(&f->page), *bounce, byte = 1;
    hwaddr len = 16;

    g_assert_true(memory_region_is_shared_io(&f->page));
    g_assert_false(memory_region_is_shared_io(&f->cover));
    g_assert_null(memory_region_shared_io_ptr(&f->cover));
    g_assert_false(memory_region_is_ram(&f->page));
    p[0] = 7;
    p[PAGE - 1] = 8;
    g_assert_cmpint(address_space_read(&f->as, PAGE, MEMTXATTRS_UNSPECIFIED, &byte, 1), ==,
                    MEMTX_OK);
    g_assert_cmphex(byte, ==, 0x5a);
    g_assert_cmpint(address_space_write(&f->as, PAGE, MEMTXATTRS_UNSPECIFIED, &byte, 1), ==,
                    MEMTX_OK);
    g_assert_cmphex(f->written, ==, 0x5a);
    address_space_write_rom(&f->as, PAGE, MEMTXATTRS_UNSPECIFIED, &byte, 1);
    g_assert_cmphex(p[0], ==, 7);
    /* A pointer for DMA is a bounce buffer. */
    bounce = address_space_map(&f->as, PAGE, &len, false, MEMTXATTRS_UNSPECIFIED);
    g_assert_true(bounce && bounce != p);
    g_assert_cmphex(*bounce, ==, 0x5a);
    address_space_unmap(&f->as, bounce, len, false, len);
}

static MemoryRegion *find(Fixture *f)
{
    hwaddr offset;
    MemoryRegion *mr = memory_region_find_shared_io(&f->bar, &offset);

    g_assert_cmphex(offset, ==, (mr ? PAGE : 0));
    return mr;
}

static void test_find(Fixture *f, gconstpointer unused)
{
    g_assert_true(find(f) == &f->page);
    memory_region_set_address(&f->page, 2 * PAGE);      /* not where the file has it */
    g_assert_null(find(f));
    memory_region_set_address(&f->page, PAGE);
    memory_region_add_subregion(&f->bar, 2 * PAGE, &f->other);  /* two of them */
    g_assert_null(find(f));
    memory_region_del_subregion(&f->bar, &f->other);
    memory_region_add_subregion_overlap(&f->bar, PAGE + 64, &f->cover, 1);      /* in pieces */
    g_assert_null(find(f));
    memory_region_del_subregion(&f->bar, &f->cover);
    memory_region_set_enabled(&f->page, false);
    g_assert_null(find(f));
    memory_region_set_enabled(&f->page, true);
    g_assert_true(find(f) == &f->page);
}

static void test_renewed_in_place(Fixture *f, gconstpointer unused)
{
    uint32_t *p = memory_region_shared_io_ptr(&f->page);
    int before = memory_region_get_fd(&f->page);
    uint32_t word = 5;

    p[3] = 17;
    before = dup(before);
    g_assert_true(memory_region_renew(&f->page));
    g_assert_true(memory_region_shared_io_ptr(&f->page) == p);
    g_assert_cmpuint(p[3], ==, 17);
    g_assert_cmpint(pwrite(before, &word, 4, PAGE + 12), ==, 4);
    g_assert_cmpuint(p[3], ==, 17);
    g_assert_cmpint(pwrite(memory_region_get_fd(&f->page), &word, 4, PAGE + 12), ==, 4);
    g_assert_cmpuint(p[3], ==, 5);
    close(before);
}

static void test_refused(void)
{
    static const struct { uint64_t size, offset; } bad[] = {
        { 0, 0 }, { 100, 0 }, { PAGE, 100 }, { PAGE, INT64_MAX - 100 }, { PAGE, -PAGE },
    };
    Object *owner = test_owner_new();
    MemoryRegion mr[ARRAY_SIZE(bad) + 1];

    for (unsigned i = 0; i <= ARRAY_SIZE(bad); i++) {
        bool last = i == ARRAY_SIZE(bad);
        g_autoptr(Error) err = NULL;

        if (last) {
            fault_inject_arm(FAULT_OPEN, 1, false);
        }
        g_assert_false(memory_region_init_shared_io(&mr[i], owner, &ops, NULL, "bad",
                                                    last ? PAGE : bad[i].size,
                                                    last ? 0 : bad[i].offset, &err));
        g_assert_nonnull(err);
        g_assert_false(memory_region_is_shared_io(&mr[i]));
    }
    fault_inject_disarm();
    object_unref(owner);
}

#define ADD(name, fn) g_test_add("/memory/shared-io/" name, Fixture, NULL, setup, fn, teardown)

int main(int argc, char **argv)
{
    test_init(&argc, &argv);
    ADD("is-io", test_is_io);
    ADD("find", test_find);
    ADD("renewed-in-place", test_renewed_in_place);
    g_test_add_func("/memory/shared-io/refused", test_refused);
    return g_test_run();
}
