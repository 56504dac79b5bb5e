/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lending memory, and answering the server's DMA messages from it, in both
 * layouts, while waiting for something else.
 */
#include "qemu/osdep.h"
#include "peer.h"

#define IOVA 0x100000ull

static VfuMemory *lend(Peer *p, uint32_t flags, bool share, PeerMessage *m)
{
    VfuMemory *mem = vfu_memory_new(0x4000, NULL);
    uint8_t *data = vfu_memory_data(mem);

    for (unsigned i = 0; i < 0x4000; i++) {
        data[i] = i * 7;
    }
    peer_reply(p, 0, VFU_DMA_MAP, NULL, 0);
    g_assert_cmpint(vfu_client_dma_map(p->client, mem, 0x1000, IOVA, 0x2000, flags, share),
                    ==, 0);
    peer_recv(p, m);
    return mem;
}

static void check_map(bool share)
{
    Peer p = peer_new_ready("plain");
    PeerMessage m;
    G_GNUC_UNUSED g_autoptr(VfuMemory) mem = lend(&p, 3, share, &m);
    VfuDmaMap map = { 32, 3, share ? 0x1000 : 0, IOVA, 0x2000 };

    g_assert_cmpmem(m.payload, m.size, &map, sizeof(map));
    g_assert_cmpuint(m.nr_fds, ==, share);
    peer_close_fds(&m);
    peer_free(&p);
}

static void test_map(void)
{
    check_map(true);
    check_map(false);
}

static void test_map_arguments(void)
{
    Peer p = peer_new_ready("plain");
    G_GNUC_UNUSED g_autoptr(VfuMemory) mem = vfu_memory_new(0x2000, NULL);

    g_assert_cmpint(vfu_client_dma_map(p.client, mem, 0, 0, 0, 3, true), ==, -EINVAL);
    g_assert_cmpint(vfu_client_dma_map(p.client, mem, 0x1001, 0, 0x1000, 3, true), ==,
                    -EINVAL);
    g_assert_cmpint(vfu_client_dma_map(p.client, mem, 0, UINT64_MAX, 2, 3, true), ==,
                    -EINVAL);
    peer_quiet(&p);
    peer_free(&p);
}

/* The server asks while we wait for a reset; then it resets. */
static void run_reset_with(Peer *p, unsigned command, const void *payload, size_t size,
                           PeerMessage *answer)
{
    PeerMessage m;

    peer_send(p, 77, command, 0, 0, payload, size, NULL, 0);
    peer_reply(p, 0, VFU_DEVICE_RESET, NULL, 0);
    g_assert_cmpint(vfu_client_reset(p->client), ==, 0);
    peer_recv(p, &m);
    g_assert_cmpuint(m.header.command, ==, VFU_DEVICE_RESET);
    peer_recv(p, answer);
    g_assert_cmpuint(answer->header.id, ==, 77);
    g_assert_cmpuint(answer->header.command, ==, command);
    peer_quiet(p);
}

static void test_read(void)
{
    Peer p = peer_new_ready("plain");
    PeerMessage m;
    G_GNUC_UNUSED g_autoptr(VfuMemory) mem = lend(&p, 3, false, &m);
    uint64_t ask[2] = { IOVA + 5, 100 };

    run_reset_with(&p, VFU_DMA_READ, ask, sizeof(ask), &m);
    g_assert_cmphex(m.header.flags, ==, VFU_TYPE_REPLY);
    g_assert_cmpuint(m.size, ==, 116);
    g_assert_cmpmem(m.payload, 16, ask, 16);
    g_assert_cmpmem(m.payload + 16, 100, (uint8_t *)vfu_memory_data(mem) + 0x1005, 100);
    peer_free(&p);
}

static void test_write(void)
{
    Peer p = peer_new_ready("plain");
    PeerMessage m;
    G_GNUC_UNUSED g_autoptr(VfuMemory) mem = lend(&p, 3, false, &m);
    struct {
        uint64_t head[2];
        char data[8];
    } ask = { { IOVA + 0x1ff8, 8 }, "written" };

    run_reset_with(&p, VFU_DMA_WRITE, &ask, sizeof(ask), &m);
    g_assert_cmphex(m.header.flags, ==, VFU_TYPE_REPLY);
    g_assert_cmpmem(m.payload, m.size, ask.head, 16);
    g_assert_cmpstr((char *)vfu_memory_data(mem) + 0x2ff8, ==, "written");
    peer_free(&p);
}

/* QEMU 10.1: count in 32 bits, data at 12, a bare header as write reply. */
static void test_narrow_layout(void)
{
    Peer p = peer_new_ready("qemu-10.1");
    PeerMessage m;
    G_GNUC_UNUSED g_autoptr(VfuMemory) mem = lend(&p, 3, false, &m);
    uint8_t *host = vfu_memory_data(mem);
    uint64_t ask[2] = { IOVA, 16 };
    uint8_t write[16 + 8] = { 0 };
    uint64_t at = IOVA + 0x100;

    run_reset_with(&p, VFU_DMA_READ, ask, sizeof(ask), &m);
    g_assert_cmpuint(m.size, ==, 32);
    g_assert_cmpmem(m.payload, 12, ask, 12);
    g_assert_cmpmem(m.payload + 12, 16, host + 0x1000, 16);
    g_assert_cmpmem(m.payload + 28, 4, "\0\0\0\0", 4);

    memcpy(write, &at, 8);
    write[8] = 8;
    memcpy(write + 12, "narrow!", 8);
    run_reset_with(&p, VFU_DMA_WRITE, write, sizeof(write), &m);
    g_assert_cmpuint(m.size, ==, 0);
    g_assert_cmpstr((char *)host + 0x1100, ==, "narrow!");

    /* what the zero-length probe sees */
    ask[1] = 0;
    run_reset_with(&p, VFU_DMA_WRITE, ask, sizeof(ask), &m);
    g_assert_cmpuint(m.header.size, ==, 16);
    g_assert_cmphex(m.header.flags, ==, VFU_TYPE_REPLY);
    peer_free(&p);
}

static void check_refused(uint32_t map_flags, unsigned command, uint64_t address,
                          uint64_t count, size_t size, uint32_t error)
{
    Peer p = peer_new_ready("plain");
    PeerMessage m;
    G_GNUC_UNUSED g_autoptr(VfuMemory) mem = lend(&p, map_flags, false, &m);
    uint64_t ask[8] = { address, count };

    run_reset_with(&p, command, ask, size, &m);
    g_assert_cmphex(m.header.flags, ==, VFU_TYPE_REPLY | VFU_ERROR);
    g_assert_cmpuint(m.header.error, ==, error);
    g_assert_cmpuint(m.header.size, ==, 16);
    g_assert_cmpuint(vfu_client_stats(p.client)->dma_refused, ==, 1);
    peer_free(&p);
}

static void test_refused(void)
{
    check_refused(3, VFU_DMA_READ, IOVA - 1, 2, 16, ENODEV);
    check_refused(3, VFU_DMA_READ, IOVA + 0x1fff, 2, 16, ENODEV);
    check_refused(3, VFU_DMA_READ, UINT64_MAX, 2, 16, ENODEV);
    check_refused(3, VFU_DMA_READ, IOVA, UINT64_MAX, 16, E2BIG);
    check_refused(3, VFU_DMA_READ, IOVA, 4, 12, EINVAL);
    check_refused(3, VFU_DMA_WRITE, IOVA, 16, 24, E2BIG);
    check_refused(1, VFU_DMA_WRITE, IOVA, 8, 24, EPERM);
    check_refused(2, VFU_DMA_READ, IOVA, 8, 16, EPERM);
    check_refused(3, VFU_REGION_READ, IOVA, 8, 16, ENOSYS);
}

/* After the unmap nothing of it can be reached. */
static void test_unmap(void)
{
    Peer p = peer_new_ready("plain");
    PeerMessage m;
    G_GNUC_UNUSED g_autoptr(VfuMemory) mem = lend(&p, 3, false, &m);
    VfuDmaUnmap echo = { 24, 0, IOVA, 0x2000 };
    uint64_t ask[2] = { IOVA, 4 }, unmapped = 0;

    peer_reply(&p, 0, VFU_DMA_UNMAP, &echo, sizeof(echo));
    g_assert_cmpint(vfu_client_dma_unmap(p.client, IOVA, 0x2000, &unmapped), ==, 0);
    g_assert_cmpuint(unmapped, ==, 0x2000);
    peer_recv(&p, &m);
    g_assert_cmpmem(m.payload, m.size, &echo, sizeof(echo));
    run_reset_with(&p, VFU_DMA_READ, ask, sizeof(ask), &m);
    g_assert_cmpuint(m.header.error, ==, ENODEV);

    peer_reply(&p, 0, VFU_DMA_UNMAP, &echo, sizeof(echo));
    g_assert_cmpint(vfu_client_dma_unmap_all(p.client), ==, 0);
    peer_recv(&p, &m);
    echo = (VfuDmaUnmap) { 24, VFU_UNMAP_F_ALL, 0, 0 };
    g_assert_cmpmem(m.payload, m.size, &echo, sizeof(echo));
    peer_free(&p);
}

static void test_refused_map_is_forgotten(void)
{
    Peer p = peer_new_ready("plain");
    PeerMessage m;
    G_GNUC_UNUSED g_autoptr(VfuMemory) mem = vfu_memory_new(0x1000, NULL);
    uint64_t ask[2] = { IOVA, 4 };

    peer_error(&p, 0, VFU_DMA_MAP, ENOSPC);
    g_assert_cmpint(vfu_client_dma_map(p.client, mem, 0, IOVA, 0x1000, 3, false), ==,
                    -ENOSPC);
    peer_recv(&p, &m);
    run_reset_with(&p, VFU_DMA_READ, ask, sizeof(ask), &m);
    g_assert_cmpuint(m.header.error, ==, ENODEV);
    peer_free(&p);
}

static int misbehave(void *opaque, VfuClient *c, const VfuClientMessage *msg)
{
    return *(int *)opaque;
}

static void test_hook(void)
{
    static const VfuClientHooks hooks = { .command = misbehave };
    Peer p = peer_new_ready("plain");
    PeerMessage m;
    G_GNUC_UNUSED g_autoptr(VfuMemory) mem = lend(&p, 3, false, &m);
    uint64_t ask[2] = { IOVA, 4 };
    int what = -EIO;

    vfu_client_set_hooks(p.client, &hooks, &what);
    run_reset_with(&p, VFU_DMA_READ, ask, sizeof(ask), &m);
    g_assert_cmpuint(m.header.error, ==, EIO);
    what = VFU_HOOK_DEFAULT;
    run_reset_with(&p, VFU_DMA_READ, ask, sizeof(ask), &m);
    g_assert_cmpuint(m.size, ==, 20);
    what = VFU_HOOK_SILENT;
    peer_send(&p, 1, VFU_DMA_READ, 0, 0, ask, sizeof(ask), NULL, 0);
    g_assert_cmpint(vfu_client_serve(p.client, 1000000), ==, 0);
    peer_quiet(&p);
    peer_free(&p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vfu-client/memory/map", test_map);
    g_test_add_func("/vfu-client/memory/map-arguments", test_map_arguments);
    g_test_add_func("/vfu-client/memory/read", test_read);
    g_test_add_func("/vfu-client/memory/write", test_write);
    g_test_add_func("/vfu-client/memory/narrow-layout", test_narrow_layout);
    g_test_add_func("/vfu-client/memory/refused", test_refused);
    g_test_add_func("/vfu-client/memory/unmap", test_unmap);
    g_test_add_func("/vfu-client/memory/refused-map", test_refused_map_is_forgotten);
    g_test_add_func("/vfu-client/memory/hook", test_hook);
    return g_test_run();
}
