/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reply of DEVICE_GET_REGION_INFO byte by byte.
 */
#include "qemu/osdep.h"
#include "vfio-user/region-info.h"

typedef struct Reply {
    uint8_t bytes[VFU_REGION_INFO_MAX];
    VfuRegionInfo info;
    size_t len;
    bool with_fd;
} Reply;

static Reply build(const VfuRegion *region, uint32_t argsz)
{
    Reply r = { 0 };

    r.len = vfu_region_info_build(r.bytes, region, 2, argsz, &r.with_fd);
    memcpy(&r.info, r.bytes, sizeof(r.info));
    g_assert_cmpuint(r.info.index, ==, 2);
    return r;
}

#define RW (VFU_REGION_F_READ | VFU_REGION_F_WRITE)

static void test_plain(void)
{
    VfuRegion region = { .size = 0x1000, .flags = RW, .fd = -1, .offset = 77 };
    Reply r = build(&region, 32);

    g_assert_cmpuint(r.len, ==, 32);
    g_assert_cmpuint(r.info.argsz, ==, 32);
    g_assert_cmphex(r.info.flags, ==, RW);
    g_assert_cmpuint(r.info.size, ==, 0x1000);
    g_assert_cmpuint(r.info.offset, ==, 0);             /* means nothing without an fd */
    g_assert_cmpuint(r.info.cap_offset, ==, 0);
    g_assert_false(r.with_fd);
    r = build(&region, UINT32_MAX);
    g_assert_cmpuint(r.len, ==, 32);
}

static void test_absent(void)
{
    VfuRegion region = { .size = 0, .flags = RW | VFU_REGION_F_MMAP, .fd = 5 };
    Reply r = build(&region, 32);

    g_assert_cmphex(r.info.flags, ==, 0);
    g_assert_cmpuint(r.info.size, ==, 0);
    g_assert_false(r.with_fd);
}

static void test_whole_mapping(void)
{
    VfuRegion region = { .size = 0x2000, .flags = RW | VFU_REGION_F_MMAP, .fd = 5,
                         .offset = 0x4000 };
    Reply r = build(&region, 32);

    g_assert_cmpuint(r.len, ==, 32);
    g_assert_cmphex(r.info.flags, ==, RW | VFU_REGION_F_MMAP);
    g_assert_cmphex(r.info.offset, ==, 0x4000);
    g_assert_true(r.with_fd);
    region.fd = -1;                                     /* mmap without an fd is no mmap */
    r = build(&region, 32);
    g_assert_cmphex(r.info.flags, ==, RW);
    g_assert_false(r.with_fd);
}

static void test_sparse(void)
{
    static const VfuSparseArea areas[] = { { 0, 0x1000 }, { 0x3000, 0x2000 } };
    VfuRegion region = { .size = 0x8000, .flags = RW | VFU_REGION_F_MMAP, .fd = 5,
                         .areas = areas, .nr_areas = 2 };
    const uint32_t needed = 32 + 16 + 32;
    VfuCapSparse cap;
    Reply r;

    /* What a client does: it asks with the least, sees how much it takes, asks again. */
    for (uint32_t argsz = 32; argsz < needed; argsz++) {
        r = build(&region, argsz);
        g_assert_cmpuint(r.len, ==, 32);
        g_assert_cmpuint(r.info.argsz, ==, needed);
        g_assert_cmphex(r.info.flags, ==, RW | VFU_REGION_F_MMAP);
        g_assert_cmpuint(r.info.cap_offset, ==, 0);
        g_assert_false(r.with_fd);
    }
    r = build(&region, r.info.argsz);
    g_assert_cmpuint(r.len, ==, needed);
    g_assert_cmphex(r.info.flags, ==, RW | VFU_REGION_F_MMAP | VFU_REGION_F_CAPS);
    g_assert_cmpuint(r.info.cap_offset, ==, 32);
    g_assert_true(r.with_fd);
    memcpy(&cap, r.bytes + 32, sizeof(cap));
    g_assert_cmpuint(cap.header.id, ==, VFU_CAP_SPARSE_MMAP);
    g_assert_cmpuint(cap.header.version, ==, 1);
    g_assert_cmpuint(cap.header.next, ==, 0);
    g_assert_cmpuint(cap.nr_areas, ==, 2);
    g_assert_cmpmem(r.bytes + 48, 32, areas, sizeof(areas));
}

static void test_many_areas(void)
{
    static VfuSparseArea areas[VFU_SPARSE_AREAS_MAX + 9];
    VfuRegion region = { .size = 0x8000, .flags = RW | VFU_REGION_F_MMAP, .fd = 5,
                         .areas = areas, .nr_areas = ARRAY_SIZE(areas) };
    Reply r = build(&region, UINT32_MAX);

    g_assert_cmpuint(r.len, ==, VFU_REGION_INFO_MAX);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/region-info/plain", test_plain);
    g_test_add_func("/region-info/absent", test_absent);
    g_test_add_func("/region-info/whole-mapping", test_whole_mapping);
    g_test_add_func("/region-info/sparse", test_sparse);
    g_test_add_func("/region-info/many-areas", test_many_areas);
    return g_test_run();
}
