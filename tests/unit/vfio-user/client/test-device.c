/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Region descriptions from a server that is not trusted; mapping; resets.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include "peer.h"

typedef struct Described {
    VfuRegionInfo r;
    VfuCapSparse sparse;
    VfuSparseArea areas[2];
    VfuCapHeader type;
    uint32_t type_words[2];
} Described;

static Described good(void)
{
    Described d = {
        .r = { .argsz = sizeof(Described), .flags = 0xf, .index = 2, .cap_offset = 32,
               .size = 0x10000, .offset = 0x2000 },
        .sparse = { .header = { VFU_CAP_SPARSE_MMAP, 1, 32 + 16 + 32 }, .nr_areas = 2 },
        .areas = { { 0x1000, 0x1000 }, { 0x8000, 0x4000 } },
        .type = { VFU_CAP_TYPE, 1, 0 }, .type_words = { 7, 9 },
    };

    return d;
}

static int ask(const Described *d, size_t size, bool with_fd, VfuClientRegion *region)
{
    Peer p = peer_new_ready("spdk");        /* asks once */
    int fd = memfd_create("r", MFD_CLOEXEC), ret;

    g_assert_cmpint(ftruncate(fd, 0x20000), ==, 0);
    peer_send(&p, 0, VFU_DEVICE_GET_REGION_INFO, VFU_TYPE_REPLY, 0, d, size, &fd, with_fd);
    close(fd);
    ret = vfu_client_get_region(p.client, 2, region);
    peer_free(&p);
    return ret;
}

static void test_caps(void)
{
    Described d = good();
    VfuClientRegion r;

    g_assert_cmpint(ask(&d, sizeof(d), true, &r), ==, 0);
    g_assert_cmpuint(r.size, ==, 0x10000);
    g_assert_cmpuint(r.offset, ==, 0x2000);
    g_assert_cmpuint(r.nr_areas, ==, 2);
    g_assert_cmpuint(r.areas[1].offset, ==, 0x8000);
    g_assert_cmpuint(r.type, ==, 7);
    g_assert_cmpuint(r.subtype, ==, 9);
    vfu_client_region_clear(&r);
}

static void broken(void (*damage)(Described *d))
{
    unsigned before = count_fds();
    Described d = good();
    VfuClientRegion r;

    damage(&d);
    g_assert_cmpint(ask(&d, sizeof(d), true, &r), ==, -EPROTO);
    vfu_client_region_clear(&r);
    g_assert_cmpuint(count_fds(), ==, before);
}

static void cap_behind_end(Described *d)
{
    d->r.cap_offset = sizeof(*d);
}

static void cap_in_struct(Described *d)
{
    d->r.cap_offset = 8;
}

static void cap_loop(Described *d)
{
    d->type.next = 32;
}

static void too_many_areas(Described *d)
{
    d->sparse.nr_areas = 0x10000001;
}

static void area_outside(Described *d)
{
    d->areas[1].size = 0x8001;
}

static void area_wraps(Described *d)
{
    d->areas[0].offset = UINT64_MAX;
}

static void test_broken_caps(void)
{
    broken(cap_behind_end);
    broken(cap_in_struct);
    broken(cap_loop);
    broken(too_many_areas);
    broken(area_outside);
    broken(area_wraps);
}

static void test_huge_argsz(void)
{
    Peer p = peer_new_ready("plain");
    VfuRegionInfo r = { .argsz = 0x10000000 };
    VfuClientRegion region;

    peer_reply(&p, 0, VFU_DEVICE_GET_REGION_INFO, &r, sizeof(r));
    g_assert_cmpint(vfu_client_get_region(p.client, 0, &region), ==, -EPROTO);
    peer_free(&p);
}

static void test_mapping(void)
{
    Described d = good();
    VfuClientRegion r;
    void *base, *at;
    size_t len;
    uint32_t v = 0x12345678, back;

    g_assert_cmpint(ask(&d, sizeof(d), true, &r), ==, 0);
    g_assert_null(vfu_client_region_map(&r, 0, 4096, &base, &len));
    g_assert_null(vfu_client_region_map(&r, 0x1000, 0x1001, &base, &len));
    g_assert_null(vfu_client_region_map(&r, 0x1800, UINT64_MAX, &base, &len));
    at = vfu_client_region_map(&r, 0x8010, 16, &base, &len);
    g_assert_nonnull(at);
    memcpy(at, &v, 4);
    /* region offset 0x2000 in the file and 0x8010 in the region */
    g_assert_cmpint(pread(r.fd, &back, 4, 0xa010), ==, 4);
    g_assert_cmphex(back, ==, v);
    munmap(base, len);
    vfu_client_region_clear(&r);
}

static void test_irq_and_reset(void)
{
    Peer p = peer_new_ready("plain");
    VfuIrqInfo reply = { 16, 7, 0, 1 }, got;
    PeerMessage m;

    peer_reply(&p, 0, VFU_DEVICE_GET_IRQ_INFO, &reply, sizeof(reply));
    g_assert_cmpint(vfu_client_get_irq(p.client, 0, &got), ==, 0);
    g_assert_cmpmem(&got, 16, &reply, 16);
    peer_recv(&p, &m);
    peer_reply(&p, 0, VFU_DEVICE_RESET, NULL, 0);
    g_assert_cmpint(vfu_client_reset(p.client), ==, 0);
    peer_recv(&p, &m);
    g_assert_cmpuint(m.header.command, ==, VFU_DEVICE_RESET);
    g_assert_cmpuint(m.header.size, ==, 16);
    peer_free(&p);
}

static void test_io_fds(void)
{
    Peer p = peer_new_ready("plain");
    struct {
        VfuRegionIoFds head;
        VfuIoEventFd e[2];
    } reply = {
        .head = { .argsz = 96, .index = 0, .count = 2 },
        .e = { { .offset = 8, .size = 4 }, { .offset = 16, .size = 4, .fd_index = 1 } },
    };
    VfuIoEventFd entries[2];
    unsigned count = 2, nr_fds;
    int fds[VFU_CLIENT_MAX_FDS], two[2] = { 0, 1 };

    peer_send(&p, peer_next_id(&p), 6, 1, 0, &reply, sizeof(reply), two, 2);
    g_assert_cmpint(vfu_client_get_io_fds(p.client, 0, entries, &count, fds, &nr_fds), ==, 0);
    g_assert_cmpuint(count, ==, 2);
    g_assert_cmpuint(nr_fds, ==, 2);
    g_assert_cmpuint(entries[1].offset, ==, 16);
    close(fds[0]);
    close(fds[1]);
    peer_free(&p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vfu-client/device/caps", test_caps);
    g_test_add_func("/vfu-client/device/broken-caps", test_broken_caps);
    g_test_add_func("/vfu-client/device/huge-argsz", test_huge_argsz);
    g_test_add_func("/vfu-client/device/mapping", test_mapping);
    g_test_add_func("/vfu-client/device/irq-and-reset", test_irq_and_reset);
    g_test_add_func("/vfu-client/device/io-fds", test_io_fds);
    return g_test_run();
}
