/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What single commands accept and refuse. Each table row is one payload and
 * the verdict; numbers near the ends of their types come first to mind.
 */
#include "qemu/osdep.h"
#include "vfio-user/validate.h"
#include "good.h"

static int judge_with(const VfuLimits *limits, unsigned command, const void *payload,
                      size_t len, unsigned nr_fds)
{
    VfuHeader header = { .command = command, .size = sizeof(header) + len };
    VfuCommandView view = { &header, payload, len, nr_fds };
    VfuShape shape = good_shape();

    return vfu_validate(&view, VFU_IN_READY, limits, &shape);
}

static int judge(unsigned command, const void *payload, size_t len, unsigned nr_fds)
{
    VfuLimits limits = good_limits();

    return judge_with(&limits, command, payload, len, nr_fds);
}

#define RW (VFU_DMA_F_READ | VFU_DMA_F_WRITE)
#define TOP 0x7ffffffffffff000ull

static void test_dma_map(void)
{
    static const struct {
        VfuDmaMap map;
        unsigned fds;
        int verdict;
    } rows[] = {
        { { 32, RW, 0, 0, 0x1000 }, 1, 0 },
        { { 32, VFU_DMA_F_READ, 0, 0, 0x1000 }, 0, 0 },
        { { 64, RW, 0, 0, 0x1000 }, 1, 0 },
        { { 31, RW, 0, 0, 0x1000 }, 1, -EINVAL },
        { { 0, RW, 0, 0, 0x1000 }, 1, -EINVAL },
        { { 32, 0, 0, 0, 0x1000 }, 1, -EINVAL },
        { { 32, RW | 0x10, 0, 0, 0x1000 }, 1, -EINVAL },
        { { 32, RW | 0x80000000, 0, 0, 0x1000 }, 1, -EINVAL },
        { { 32, RW | VFU_DMA_F_MMAP, 0, 0, 0x1000 }, 1, 0 },
        { { 32, RW | VFU_DMA_F_FILE_IO, 0, 0, 0x1000 }, 1, 0 },
        { { 32, RW | VFU_DMA_F_MMAP, 0, 0, 0x1000 }, 0, -EINVAL },
        { { 32, RW | VFU_DMA_F_FILE_IO, 0, 0, 0x1000 }, 0, -EINVAL },
        { { 32, RW | VFU_DMA_F_MMAP | VFU_DMA_F_FILE_IO, 0, 0, 0x1000 }, 1, -EINVAL },
        { { 32, RW, 0, 0, 0 }, 1, -EINVAL },
        { { 32, RW, 0, 0, 0x1001 }, 1, -EINVAL },
        { { 32, RW, 0, 0x800, 0x1000 }, 1, -EINVAL },
        { { 32, RW, 0x800, 0, 0x1000 }, 1, -EINVAL },
        { { 32, RW, 0x800, 0, 0x1000 }, 0, 0 },                 /* no fd: no offset */
        { { 32, RW, 0, 0, 0x1000 }, 2, -EINVAL },
        { { 32, RW, 0, 0, 0x1000 }, 16, -EINVAL },
        { { 32, RW, 0, -0x1000ull, 0x1000 }, 1, 0 },            /* ends at 2^64 exactly */
        { { 32, RW, 0, -0x1000ull, 0x2000 }, 1, -EINVAL },      /* wraps */
        { { 32, RW, 0, 0x1000, -0x1000ull }, 0, 0 },
        { { 32, RW, 0, 0x2000, -0x1000ull }, 0, -EINVAL },
        { { 32, RW, 0, 0, -0x1000ull }, 1, -EINVAL },           /* no file is that long */
        { { 32, RW, TOP - 0x1000, 0, 0x1000 }, 1, 0 },
        { { 32, RW, TOP, 0, 0x1000 }, 1, -EINVAL },
        { { 32, RW, -0x1000ull, 0, 0x1000 }, 1, -EINVAL },
        { { 32, RW, -0x1000ull, 0, 0x1000 }, 0, 0 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        g_test_message("row %zu", i);
        g_assert_cmpint(judge(VFU_DMA_MAP, &rows[i].map, 32, rows[i].fds), ==, rows[i].verdict);
    }
}

static void test_dma_unmap(void)
{
    static const struct {
        VfuDmaUnmap unmap;
        int verdict;
    } rows[] = {
        { { 24, 0, 0x1000, 0x1000 }, 0 },
        { { 23, 0, 0x1000, 0x1000 }, -EINVAL },
        { { 24, 0, 0x1000, 0 }, -EINVAL },
        { { 24, 0, 0xfef00000, 0xffffffff01100000ull }, 0 },    /* QEMU with a vIOMMU: to 2^64 */
        { { 24, 0, 0xfef00000, 0xffffffff01100001ull }, -EINVAL },
        { { 24, 0, UINT64_MAX, 1 }, 0 },
        { { 24, 0, UINT64_MAX, 2 }, -EINVAL },
        { { 24, 0, 0, UINT64_MAX }, 0 },
        { { 24, VFU_UNMAP_F_ALL, 0, 0 }, 0 },
        { { 24, VFU_UNMAP_F_ALL, 0, 0x1000 }, -EINVAL },
        { { 24, VFU_UNMAP_F_ALL, 0x1000, 0 }, -EINVAL },
        { { 24, VFU_UNMAP_F_DIRTY, 0x1000, 0x1000 }, -EINVAL },
        { { 24, VFU_UNMAP_F_DIRTY | VFU_UNMAP_F_ALL, 0, 0 }, -EINVAL },
        { { 24, 4, 0x1000, 0x1000 }, -EINVAL },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        g_test_message("row %zu", i);
        g_assert_cmpint(judge(VFU_DMA_UNMAP, &rows[i].unmap, 24, 0), ==, rows[i].verdict);
        g_assert_cmpint(judge(VFU_DMA_UNMAP, &rows[i].unmap, 24, 1), ==, rows[i].verdict);
    }
}

#define NONE VFU_SET_DATA_NONE
#define BOOL VFU_SET_DATA_BOOL
#define FD VFU_SET_DATA_EVENTFD
#define TRIGGER VFU_SET_ACTION_TRIGGER
#define MASK VFU_SET_ACTION_MASK
#define UNMASK VFU_SET_ACTION_UNMASK

static void test_set_irqs(void)
{
    static const struct {
        uint32_t argsz, flags, index, start, count;
        unsigned extra, fds;
        int verdict;
    } rows[] = {
        { 20, NONE | TRIGGER, VFU_IRQ_MSIX, 0, 8, 0, 0, 0 },
        { 20, NONE | TRIGGER, VFU_IRQ_MSIX, 7, 1, 0, 0, 0 },
        { 20, NONE | TRIGGER, VFU_IRQ_MSIX, 8, 1, 0, 0, -EINVAL },
        { 20, NONE | TRIGGER, VFU_IRQ_MSIX, 7, 2, 0, 0, -EINVAL },
        { 20, NONE | TRIGGER, VFU_IRQ_MSIX, 1, UINT32_MAX, 0, 0, -EINVAL },
        { 20, NONE | TRIGGER, VFU_IRQ_MSIX, UINT32_MAX, 1, 0, 0, -EINVAL },
        { 20, NONE | TRIGGER, VFU_IRQ_MSIX, UINT32_MAX, UINT32_MAX, 0, 0, -EINVAL },
        { 19, NONE | TRIGGER, VFU_IRQ_MSIX, 0, 1, 0, 0, -EINVAL },
        { 20, NONE | TRIGGER, VFU_NUM_IRQS, 0, 1, 0, 0, -EINVAL },
        { 20, NONE | TRIGGER, UINT32_MAX, 0, 0, 0, 0, -EINVAL },
        /* disable all: also for an index that has no vectors */
        { 20, NONE | TRIGGER, VFU_IRQ_MSIX, 0, 0, 0, 0, 0 },
        { 20, NONE | TRIGGER, VFU_IRQ_MSI, 0, 0, 0, 0, 0 },
        { 20, NONE | TRIGGER, VFU_IRQ_MSIX, 1, 0, 0, 0, -EINVAL },
        { 20, NONE | MASK, VFU_IRQ_MSIX, 0, 0, 0, 0, -EINVAL },
        { 20, FD | TRIGGER, VFU_IRQ_MSIX, 0, 0, 0, 0, -EINVAL },
        { 20, BOOL | TRIGGER, VFU_IRQ_MSIX, 0, 0, 0, 0, -EINVAL },
        /* one kind of data, one action */
        { 20, NONE, VFU_IRQ_MSIX, 0, 1, 0, 0, -EINVAL },
        { 20, TRIGGER, VFU_IRQ_MSIX, 0, 1, 0, 0, -EINVAL },
        { 20, NONE | BOOL | TRIGGER, VFU_IRQ_MSIX, 0, 1, 1, 0, -EINVAL },
        { 20, NONE | TRIGGER | MASK, VFU_IRQ_MSIX, 0, 1, 0, 0, -EINVAL },
        { 20, NONE | TRIGGER | 0x40, VFU_IRQ_MSIX, 0, 1, 0, 0, -EINVAL },
        { 20, 0, VFU_IRQ_MSIX, 0, 1, 0, 0, -EINVAL },
        { 20, UINT32_MAX, VFU_IRQ_MSIX, 0, 1, 0, 0, -EINVAL },
        /* data agrees with the count */
        { 20, BOOL | TRIGGER, VFU_IRQ_MSIX, 2, 3, 3, 0, 0 },
        { 20, BOOL | TRIGGER, VFU_IRQ_MSIX, 2, 3, 2, 0, -EINVAL },
        { 20, BOOL | TRIGGER, VFU_IRQ_MSIX, 2, 3, 4, 0, -EINVAL },
        { 20, NONE | TRIGGER, VFU_IRQ_MSIX, 0, 1, 1, 0, -EINVAL },
        { 20, FD | TRIGGER, VFU_IRQ_MSIX, 0, 8, 0, 8, 0 },
        { 20, FD | TRIGGER, VFU_IRQ_MSIX, 0, 8, 0, 0, 0 },
        { 20, FD | TRIGGER, VFU_IRQ_MSIX, 0, 8, 0, 7, -EINVAL },
        { 20, FD | TRIGGER, VFU_IRQ_MSIX, 0, 7, 0, 8, -EINVAL },
        { 20, NONE | TRIGGER, VFU_IRQ_MSIX, 0, 1, 0, 1, -EINVAL },
        { 20, BOOL | TRIGGER, VFU_IRQ_MSIX, 0, 1, 1, 1, -EINVAL },
        { 20, FD | UNMASK, VFU_IRQ_INTX, 0, 1, 0, 1, 0 },
        { 20, NONE | UNMASK, VFU_IRQ_INTX, 0, 1, 0, 0, 0 },
        /* error and request interrupts can only be triggered, one at a time */
        { 20, FD | TRIGGER, VFU_IRQ_ERR, 0, 1, 0, 1, 0 },
        { 20, NONE | MASK, VFU_IRQ_ERR, 0, 1, 0, 0, -EINVAL },
        { 20, FD | TRIGGER, VFU_IRQ_REQ, 0, 1, 0, 1, -EINVAL },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        uint8_t payload[32] = { 0 };

        g_test_message("row %zu", i);
        memcpy(payload, &rows[i], 20);
        g_assert_cmpint(judge(VFU_DEVICE_SET_IRQS, payload, 20 + rows[i].extra, rows[i].fds), ==,
                        rows[i].verdict);
    }
}

static void test_region_access(void)
{
    static const struct {
        uint64_t offset;
        uint32_t region, count;
        int read, write;
    } rows[] = {
        { 0, 0, 4, 0, 0 },
        { GOOD_BAR_SIZE - 4, 0, 4, 0, 0 },
        { GOOD_BAR_SIZE - 3, 0, 4, -EINVAL, -EINVAL },
        { GOOD_BAR_SIZE, 0, 0, 0, 0 },
        { GOOD_BAR_SIZE + 1, 0, 0, -EINVAL, -EINVAL },
        { UINT64_MAX, 0, 4, -EINVAL, -EINVAL },
        { -4ull, 0, 8, -EINVAL, -EINVAL },
        { 0, 0, 0, 0, 0 },
        { 3, 0, 7, 0, 0 },                              /* any alignment, any length */
        { 0, 0, 2048, 0, 0 },
        { 0, 0, 2049, -EINVAL, 0 },                     /* more than the client takes */
        { 0, 1, 4, 0, -EINVAL },                        /* read-only */
        { 0, 2, 4, -EINVAL, 0 },                        /* write-only */
        { 0, 3, 4, -EINVAL, -EINVAL },                  /* not there */
        { 0, 3, 0, -EINVAL, -EINVAL },
        { 0, VFU_NUM_REGIONS, 4, -EINVAL, -EINVAL },
        { 0, UINT32_MAX, 4, -EINVAL, -EINVAL },
    };
    static uint8_t payload[16 + 4096];

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        g_test_message("row %zu", i);
        memcpy(payload, &rows[i], 16);
        g_assert_cmpint(judge(VFU_REGION_READ, payload, 16, 0), ==, rows[i].read);
        g_assert_cmpint(judge(VFU_REGION_WRITE, payload, 16 + rows[i].count, 0), ==,
                        rows[i].write);
    }
}

static void test_write_length(void)
{
    VfuRegionAccess access = { .count = 4 };
    uint8_t payload[32] = { 0 };

    memcpy(payload, &access, sizeof(access));
    g_assert_cmpint(judge(VFU_REGION_WRITE, payload, 19, 0), ==, -EINVAL);
    g_assert_cmpint(judge(VFU_REGION_WRITE, payload, 20, 0), ==, 0);
    g_assert_cmpint(judge(VFU_REGION_WRITE, payload, 21, 0), ==, -EINVAL);
    access.count = UINT32_MAX;
    memcpy(payload, &access, sizeof(access));
    g_assert_cmpint(judge(VFU_REGION_WRITE, payload, 20, 0), ==, -EINVAL);
}

static void test_write_multi(void)
{
    VfuLimits limits = good_limits();
    struct {
        uint64_t nr;
        VfuWriteMultiEntry entry[2];
    } multi = { 2, { { 0, 0, 8 }, { 8, 0, 1 } } };

    g_assert_cmpint(judge(VFU_REGION_WRITE_MULTI, &multi, 56, 0), ==, 0);
    g_assert_cmpint(judge(VFU_REGION_WRITE_MULTI, &multi, 55, 0), ==, -EINVAL);
    g_assert_cmpint(judge(VFU_REGION_WRITE_MULTI, &multi, 32, 0), ==, -EINVAL);
    multi.entry[1].count = 9;
    g_assert_cmpint(judge(VFU_REGION_WRITE_MULTI, &multi, 56, 0), ==, -EINVAL);
    multi.entry[1].count = 0;
    g_assert_cmpint(judge(VFU_REGION_WRITE_MULTI, &multi, 56, 0), ==, -EINVAL);
    multi.entry[1].count = 8;
    multi.entry[1].offset = GOOD_BAR_SIZE - 4;
    g_assert_cmpint(judge(VFU_REGION_WRITE_MULTI, &multi, 56, 0), ==, -EINVAL);
    multi.entry[1].offset = GOOD_BAR_SIZE - 8;
    multi.entry[1].region = 9;
    g_assert_cmpint(judge(VFU_REGION_WRITE_MULTI, &multi, 56, 0), ==, -EINVAL);
    multi.entry[1].region = 0;
    /* counts whose product with 24 wraps to the right length */
    multi.nr = 0x2aaaaaaaaaaaaaacull;
    g_assert_cmpint(judge(VFU_REGION_WRITE_MULTI, &multi, 56, 0), ==, -EINVAL);
    multi.nr = UINT64_MAX;
    g_assert_cmpint(judge(VFU_REGION_WRITE_MULTI, &multi, 56, 0), ==, -EINVAL);
    multi.nr = 0;
    g_assert_cmpint(judge(VFU_REGION_WRITE_MULTI, &multi, 8, 0), ==, 0);
    multi.nr = 2;
    limits.write_multiple = false;
    g_assert_cmpint(judge_with(&limits, VFU_REGION_WRITE_MULTI, &multi, 56, 0), ==, -EINVAL);
}

static void test_queries(void)
{
    VfuRegionInfo region = { .argsz = 32, .index = 8 };
    VfuRegionIoFds io = { .argsz = 16 };
    VfuIrqInfo irq = { .argsz = 16, .index = 4 };
    VfuDeviceInfo info = { .argsz = 15 };

    g_assert_cmpint(judge(VFU_DEVICE_GET_INFO, &info, 16, 0), ==, -EINVAL);
    info.argsz = 32;
    g_assert_cmpint(judge(VFU_DEVICE_GET_INFO, &info, 16, 0), ==, 0);
    g_assert_cmpint(judge(VFU_DEVICE_GET_REGION_INFO, &region, 32, 0), ==, 0);
    region.index = 9;
    g_assert_cmpint(judge(VFU_DEVICE_GET_REGION_INFO, &region, 32, 0), ==, -EINVAL);
    region = (VfuRegionInfo) { .argsz = 31 };
    g_assert_cmpint(judge(VFU_DEVICE_GET_REGION_INFO, &region, 32, 0), ==, -EINVAL);
    g_assert_cmpint(judge(VFU_DEVICE_GET_IRQ_INFO, &irq, 16, 0), ==, 0);
    irq.index = 5;
    g_assert_cmpint(judge(VFU_DEVICE_GET_IRQ_INFO, &irq, 16, 0), ==, -EINVAL);
    g_assert_cmpint(judge(VFU_DEVICE_GET_REGION_IO_FDS, &io, 16, 0), ==, 0);
    io.count = 1;
    g_assert_cmpint(judge(VFU_DEVICE_GET_REGION_IO_FDS, &io, 16, 0), ==, -EINVAL);
    io = (VfuRegionIoFds) { .argsz = 16, .index = 3 };
    g_assert_cmpint(judge(VFU_DEVICE_GET_REGION_IO_FDS, &io, 16, 0), ==, -EINVAL);
}

static void test_version(void)
{
    VfuHeader header = { .command = VFU_VERSION };
    VfuVersion version = { 0, 2 };
    VfuCommandView view = { &header, &version, 4, 0 };
    VfuLimits limits = good_limits();

    g_assert_cmpint(vfu_validate(&view, VFU_IN_NEW, &limits, NULL), ==, 0);
    version.major = 1;
    g_assert_cmpint(vfu_validate(&view, VFU_IN_NEW, &limits, NULL), ==, -EINVAL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rules/dma-map", test_dma_map);
    g_test_add_func("/rules/dma-unmap", test_dma_unmap);
    g_test_add_func("/rules/set-irqs", test_set_irqs);
    g_test_add_func("/rules/region-access", test_region_access);
    g_test_add_func("/rules/write-length", test_write_length);
    g_test_add_func("/rules/write-multi", test_write_multi);
    g_test_add_func("/rules/queries", test_queries);
    g_test_add_func("/rules/version", test_version);
    return g_test_run();
}
