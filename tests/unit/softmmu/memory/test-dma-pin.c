/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pins of what is not a client's: RAM, ROM, holes, devices, providers that have no pins. */
#include "common.h"
#include "qapi/error.h"
#include "sysemu/dma.h"

#define PAGE 4096

typedef struct Fixture {
    Object *owner;
    MemoryRegion root, ram, rom, io, dma;
    AddressSpace as;
} Fixture;

static MemTxResult no_rw(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write,
                         MemTxAttrs attrs)
{
    return MEMTX_OK;
}

static void setup(Fixture *f, gconstpointer unused)
{
    static const MemoryRegionDMAOps no_pins = { .rw = no_rw };
    static const MemoryRegionOps ops = { .endianness = DEVICE_LITTLE_ENDIAN };

    f->owner = test_owner_new();
    memory_region_init(&f->root, f->owner, "root", UINT64_MAX);
    memory_region_init_ram(&f->ram, f->owner, "ram", 4 * PAGE, &error_abort);
    memory_region_init_rom(&f->rom, f->owner, "rom", PAGE, &error_abort);
    memory_region_init_io(&f->io, f->owner, &ops, f, "io", PAGE);
    memory_region_init_dma(&f->dma, f->owner, &no_pins, f, "client", PAGE);
    memory_region_add_subregion(&f->root, 0, &f->ram);
    memory_region_add_subregion(&f->root, 0x10000, &f->rom);
    memory_region_add_subregion(&f->root, 0x20000, &f->io);
    memory_region_add_subregion(&f->root, 0x30000, &f->dma);
    address_space_init(&f->as, &f->root, "test");
}

static void teardown(Fixture *f, gconstpointer unused)
{
    address_space_destroy(&f->as);
    g_assert_cmpuint(f->owner->refs, ==, 1);
    object_unref(f->owner);
}

static bool pin(Fixture *f, hwaddr addr, hwaddr len, bool write, DMAPin *p)
{
    return dma_memory_pin(&f->as, addr, len,
                          write ? DMA_DIRECTION_FROM_DEVICE : DMA_DIRECTION_TO_DEVICE,
                          MEMTXATTRS_UNSPECIFIED, p);
}

static void test_ram(Fixture *f, gconstpointer unused)
{
    uint8_t *ram = memory_region_get_ram_ptr(&f->ram);
    unsigned refs = f->owner->refs;
    DMAPin a, b;

    g_assert_true(pin(f, PAGE + 8, 100, true, &a));
    g_assert_true(a.host == ram + PAGE + 8);
    g_assert_cmpuint(a.len, ==, 100);
    g_assert_true(pin(f, 4 * PAGE - 10, PAGE, false, &b));      /* as far as it goes */
    g_assert_true(b.host == ram + 4 * PAGE - 10);
    g_assert_cmpuint(b.len, ==, 10);
    g_assert_cmpuint(f->owner->refs, ==, refs + 2);             /* an unplug leaves it there */
    g_assert_true(dma_memory_unpin(&a));
    g_assert_true(dma_memory_unpin(&b));
}

static void test_refused(Fixture *f, gconstpointer unused)
{
    DMAPin p;

    g_assert_false(pin(f, 0x10000, 8, true, &p));
    g_assert_false(pin(f, 0x20000, 8, false, &p));
    g_assert_false(pin(f, 0x30000, 8, false, &p));
    g_assert_false(pin(f, 0x40000, 8, false, &p));
    g_assert_false(pin(f, 0, 0, false, &p));
    g_assert_false(pin(f, UINT64_MAX, 2, false, &p));
    g_assert_true(pin(f, 0x10000, 8, false, &p));
    g_assert_true(dma_memory_unpin(&p));
    g_assert_cmpuint(address_space_fault_count(&f->as), ==, 0);
}

/* What was pinned stays in reach when the view changes; nothing new is found there. */
static void test_view_changes(Fixture *f, gconstpointer unused)
{
    DMAPin p, q;

    g_assert_true(pin(f, 0, 8, true, &p));
    memory_region_set_enabled(&f->ram, false);
    g_assert_false(pin(f, 0, 8, true, &q));
    memset(p.host, 1, 8);
    g_assert_true(dma_memory_unpin(&p));
}

#define ADD(name, fn) g_test_add("/memory/dma-pin/" name, Fixture, NULL, setup, fn, teardown)

int main(int argc, char **argv)
{
    test_init(&argc, &argv);
    ADD("ram", test_ram);
    ADD("refused", test_refused);
    ADD("view-changes", test_view_changes);
    return g_test_run();
}
