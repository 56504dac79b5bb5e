/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readers in their own threads while the topology changes under them: each
 * access sees one whole view, old or new. Meant to be run under TSan too.
 */
#include "common.h"
#include "qapi/error.h"
#include "sysemu/dma.h"

#define CHANGES 300

static AddressSpace as;
static MemoryRegion root, ram[2];
static bool stop;

/* The two RAMs hold different bytes: an access never meets a mixture or a hole. */
static void *reader(void *opaque)
{
    uint64_t *seen = opaque;
    uint8_t buf[64];

    while (!qatomic_read(&stop)) {
        MemTxResult res = address_space_read(&as, 0x800, MEMTXATTRS_UNSPECIFIED, buf, 64);

        g_assert_cmpuint(res, ==, MEMTX_OK);
        g_assert_true(buf[0] == 1 || buf[0] == 2);
        g_assert_cmpuint(buf[63], ==, buf[0]);
        seen[buf[0]]++;
    }
    return NULL;
}

static void *mapper(void *opaque)
{
    uint64_t *seen = opaque;

    while (!qatomic_read(&stop)) {
        dma_addr_t len = 64;
        uint8_t *p = dma_memory_map(&as, 0x900, &len, DMA_DIRECTION_TO_DEVICE,
                                    MEMTXATTRS_UNSPECIFIED);

        g_assert_nonnull(p);
        g_assert_cmpuint(p[0], ==, p[len - 1]);
        seen[p[0]]++;
        dma_memory_unmap(&as, p, len, DMA_DIRECTION_TO_DEVICE, len);
    }
    return NULL;
}

static void test_readers(void)
{
    Object *owner = test_owner_new();
    QemuThread threads[3];
    uint64_t seen[3][3] = { 0 };

    memory_region_init(&root, NULL, "root", 0x10000);
    for (int i = 0; i < 2; i++) {
        memory_region_init_ram(&ram[i], owner, "ram", 0x1000, &error_abort);
        memset(memory_region_get_ram_ptr(&ram[i]), i + 1, 0x1000);
        memory_region_add_subregion_overlap(&root, 0, &ram[i], i);
    }
    address_space_init(&as, &root, "as");
    for (int i = 0; i < 3; i++) {
        qemu_thread_create(&threads[i], "reader", i == 2 ? mapper : reader, seen[i],
                           QEMU_THREAD_JOINABLE);
    }
    for (int i = 0; i < CHANGES; i++) {
        memory_region_set_enabled(&ram[1], i & 1);
        g_usleep(100);
    }
    qatomic_set(&stop, true);
    for (int i = 0; i < 3; i++) {
        qemu_thread_join(&threads[i]);
        g_assert_cmpuint(seen[i][1] + seen[i][2], >, 0);
    }
    address_space_destroy(&as);
    memory_region_del_subregion(&root, &ram[0]);
    memory_region_del_subregion(&root, &ram[1]);
    object_unref(&root);
    object_unref(owner);
}

int main(int argc, char **argv)
{
    test_init(&argc, &argv);
    g_test_add_func("/memory/threads/readers", test_readers);
    return g_test_run();
}
