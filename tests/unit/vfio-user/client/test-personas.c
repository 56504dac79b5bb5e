/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each personality, byte by byte as far as the real client is known.
 */
#include "qemu/osdep.h"
#include "peer.h"

static const char server_caps[] =
    "\0\0\0\0{\"capabilities\":{\"max_msg_fds\":8,\"pgsizes\":4096}}";

static void negotiate(Peer *p, PeerMessage *m)
{
    peer_reply(p, 0, VFU_VERSION, server_caps, sizeof(server_caps));
    g_assert_cmpint(vfu_client_negotiate(p->client, NULL), ==, 0);
    peer_recv(p, m);
    g_assert_cmpuint(m->header.command, ==, VFU_VERSION);
    g_assert_cmpuint(m->header.flags, ==, 0);
    g_assert_cmpuint(m->header.error, ==, 0);
    g_assert_cmpuint(m->nr_fds, ==, 0);
}

static void test_qemu_version(void)
{
    static const char text[] =
        "{\"capabilities\": {\"pgsizes\": 4096, \"max_msg_fds\": 16, \"max_dma_maps\": 65535, "
        "\"max_data_xfer_size\": 1048576, \"migration\": {\"max_bitmap_size\": 268435456, "
        "\"pgsize\": 4096}, \"write_multiple\": true}}";
    Peer p = peer_new("qemu");
    PeerMessage m;

    negotiate(&p, &m);
    g_assert_cmpuint(m.header.size, ==, 214);
    g_assert_cmpmem(m.payload, 4, "\0\0\0\0", 4);
    g_assert_cmpmem(m.payload + 4, m.size - 4, text, sizeof(text));
    peer_free(&p);
}

static void test_spdk_version(void)
{
    Peer p = peer_new("spdk");
    PeerMessage m;

    negotiate(&p, &m);
    g_assert_cmpuint(m.header.id, ==, 0);
    g_assert_cmpmem(m.payload, m.size, "\0\0\1\0", 4);
    peer_free(&p);
}

static void check_minor(const char *persona, unsigned minor)
{
    Peer p = peer_new(persona);
    PeerMessage m;
    VfuVersion v;

    negotiate(&p, &m);
    memcpy(&v, m.payload, sizeof(v));
    g_assert_cmpuint(v.major, ==, 0);
    g_assert_cmpuint(v.minor, ==, minor);
    g_assert_cmpuint(m.payload[m.size - 1], ==, 0);
    g_assert_cmpuint(strlen((char *)m.payload + 4), ==, m.size - 5);
    peer_free(&p);
}

static void test_minors(void)
{
    check_minor("plain", 1);
    check_minor("qemu", 0);
    check_minor("cloud-hypervisor", 1);
    check_minor("libvfio-user", 2);
}

/* SPDK: id 0 for all; others count; QEMU counts for the whole process. */
static void test_ids(void)
{
    Peer a = peer_new_ready("qemu"), b = peer_new_ready("qemu");
    Peer s = peer_new_ready("spdk"), c = peer_new_ready("cloud-hypervisor");
    PeerMessage m, n;

    vfu_client_submit_read(a.client, 7, 0, 4, NULL);
    vfu_client_submit_read(b.client, 7, 0, 4, NULL);
    peer_recv(&a, &m);
    peer_recv(&b, &n);
    g_assert_cmpuint(n.header.id, ==, (uint16_t)(m.header.id + 1));

    for (unsigned i = 0; i < 3; i++) {
        vfu_client_submit_read(s.client, 7, 0, 4, NULL);
        peer_recv(&s, &m);
        g_assert_cmpuint(m.header.id, ==, 0);
        vfu_client_submit_read(c.client, 7, 0, 4, NULL);
        peer_recv(&c, &m);
        g_assert_cmpuint(m.header.id, ==, 1 + i);   /* VERSION was 0 */
    }
    peer_free(&a);
    peer_free(&b);
    peer_free(&s);
    peer_free(&c);
}

static uint32_t word(const PeerMessage *m, size_t at)
{
    uint32_t v;

    memcpy(&v, m->payload + at, sizeof(v));
    return v;
}

static void check_argsz(const char *persona, uint32_t get_info, uint32_t region_info)
{
    Peer p = peer_new_ready(persona);
    VfuDeviceInfo info = { 16, 3, 9, 5 };
    VfuRegionInfo r = { .argsz = 32, .index = 7, .size = 256, .flags = 3 };
    VfuClientRegion region;
    PeerMessage m;

    peer_reply(&p, 0, VFU_DEVICE_GET_INFO, &info, sizeof(info));
    g_assert_cmpint(vfu_client_get_info(p.client, &info), ==, 0);
    peer_recv(&p, &m);
    g_assert_cmpuint(m.size, ==, 16);
    g_assert_cmpuint(word(&m, 0), ==, get_info);

    peer_reply(&p, 0, VFU_DEVICE_GET_REGION_INFO, &r, sizeof(r));
    g_assert_cmpint(vfu_client_get_region(p.client, 7, &region), ==, 0);
    peer_recv(&p, &m);
    g_assert_cmpuint(m.size, ==, region_info);
    g_assert_cmpuint(word(&m, 0), ==, region_info);
    g_assert_cmpuint(word(&m, 8), ==, 7);
    vfu_client_region_clear(&region);
    peer_free(&p);
}

static void test_argsz(void)
{
    check_argsz("plain", 16, 32);
    check_argsz("qemu", 16, 32);
    check_argsz("cloud-hypervisor", 32, 32);
    check_argsz("spdk", 16, 4064);
}

/* The second GET_REGION_INFO: a new id, or rust-vmm's reuse of the old one. */
static void check_retry_id(const char *persona, unsigned step)
{
    Peer p = peer_new_ready(persona);
    uint16_t id = peer_next_id(&p);
    struct {
        VfuRegionInfo r;
        VfuCapHeader cap;
    } reply = {
        .r = { .argsz = 40, .index = 0, .size = 4096, .flags = 3 },
        .cap = { .id = VFU_CAP_MSIX_MAPPABLE, .version = 1 },
    };
    VfuClientRegion region;
    PeerMessage m;

    peer_send(&p, id, 5, VFU_TYPE_REPLY, 0, &reply, 32, NULL, 0);
    reply.r.flags |= VFU_REGION_F_CAPS;
    reply.r.cap_offset = 32;
    peer_send(&p, id + step, 5, VFU_TYPE_REPLY, 0, &reply, 40, NULL, 0);
    g_assert_cmpint(vfu_client_get_region(p.client, 0, &region), ==, 0);
    g_assert_true(region.msix_mappable);
    peer_recv(&p, &m);
    peer_recv(&p, &m);
    g_assert_cmpuint(word(&m, 0), ==, 40);
    g_assert_cmpuint(m.size, ==, 32);
    vfu_client_region_clear(&region);
    peer_free(&p);
}

static void test_retry_id(void)
{
    check_retry_id("plain", 1);
    check_retry_id("qemu", 1);
    check_retry_id("cloud-hypervisor", 0);
}

static void test_set_irqs_argsz(void)
{
    Peer q = peer_new_ready("qemu"), o = peer_new_ready("plain");
    PeerMessage m;
    int fd = 0;

    peer_reply(&q, 0, VFU_DEVICE_SET_IRQS, NULL, 0);
    g_assert_cmpint(vfu_client_irq_bind(q.client, 2, 3, 1, &fd), ==, 0);
    peer_recv(&q, &m);
    g_assert_cmpuint(word(&m, 0), ==, 20);
    g_assert_cmpuint(m.nr_fds, ==, 1);
    peer_close_fds(&m);

    peer_reply(&o, 0, VFU_DEVICE_SET_IRQS, NULL, 0);
    g_assert_cmpint(vfu_client_irq_bind(o.client, 2, 3, 1, &fd), ==, 0);
    peer_recv(&o, &m);
    g_assert_cmpuint(word(&m, 0), ==, 24);
    peer_close_fds(&m);
    peer_free(&q);
    peer_free(&o);
}

static void test_unmap_fd(void)
{
    Peer p = peer_new_ready("spdk");
    g_autoptr(VfuMemory) mem = vfu_memory_new(4096, NULL);
    VfuDmaUnmap echo = { 24, 0, 0x1000, 0x1000 };
    PeerMessage m;

    peer_reply(&p, 0, VFU_DMA_MAP, NULL, 0);
    g_assert_cmpint(vfu_client_dma_map(p.client, mem, 0, 0x1000, 0x1000, 3, true), ==, 0);
    peer_recv(&p, &m);
    g_assert_cmpuint(m.nr_fds, ==, 1);
    peer_close_fds(&m);
    peer_reply(&p, 0, VFU_DMA_UNMAP, &echo, sizeof(echo));
    g_assert_cmpint(vfu_client_dma_unmap(p.client, 0x1000, 0x1000, NULL), ==, 0);
    peer_recv(&p, &m);
    g_assert_cmpuint(m.nr_fds, ==, 1);
    peer_close_fds(&m);
    peer_free(&p);
}

/* What would break the real client is found out here. */
static void test_fragile_clients(void)
{
    Peer c = peer_new_ready("cloud-hypervisor"), q = peer_new_ready("qemu");
    Peer s = peer_new_ready("spdk");
    uint64_t dma[2] = { 0x1000, 4 }, longer[5] = { 0 };
    VfuDeviceInfo info;

    /* rust-vmm waits for 16 bytes that an error reply does not have */
    peer_error(&c, 0, VFU_DEVICE_GET_INFO, EINVAL);
    g_assert_cmpint(vfu_client_get_info(c.client, &info), ==, -EPROTO);
    g_assert_false(vfu_client_alive(c.client));

    peer_reply(&q, 0, VFU_DEVICE_GET_INFO, longer, sizeof(longer));
    g_assert_cmpint(vfu_client_get_info(q.client, &info), ==, -EPROTO);
    g_assert_nonnull(strstr(vfu_client_complaint(q.client), "longer"));

    /* SPDK takes any message for its reply */
    peer_send(&s, 1, VFU_DMA_READ, 0, 0, dma, sizeof(dma), NULL, 0);
    g_assert_cmpint(vfu_client_get_info(s.client, &info), ==, -EPROTO);
    peer_free(&c);
    peer_free(&q);
    peer_free(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vfu-client/personas/qemu-version", test_qemu_version);
    g_test_add_func("/vfu-client/personas/spdk-version", test_spdk_version);
    g_test_add_func("/vfu-client/personas/minors", test_minors);
    g_test_add_func("/vfu-client/personas/ids", test_ids);
    g_test_add_func("/vfu-client/personas/argsz", test_argsz);
    g_test_add_func("/vfu-client/personas/retry-id", test_retry_id);
    g_test_add_func("/vfu-client/personas/set-irqs-argsz", test_set_irqs_argsz);
    g_test_add_func("/vfu-client/personas/unmap-fd", test_unmap_fd);
    g_test_add_func("/vfu-client/personas/fragile-clients", test_fragile_clients);
    return g_test_run();
}
