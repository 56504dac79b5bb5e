/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * region.c, irq.c and migration.c: the bytes of their requests and how their
 * replies are believed.
 */
#include "qemu/osdep.h"
#include "peer.h"

typedef struct Access {
    VfuRegionAccess a;
    uint8_t data[8];
} Access;

static void test_read(void)
{
    Peer p = peer_new_ready("plain");
    Access r = { { .offset = 0x10, .region = 3, .count = 4 } };
    PeerMessage m;
    uint32_t v;

    memcpy(r.data, "\x78\x56\x34\x12", 4);
    peer_reply(&p, 0, VFU_REGION_READ, &r, 20);
    g_assert_cmpint(vfu_client_read(p.client, 3, 0x10, &v, 4), ==, 0);
    g_assert_cmpmem(&v, 4, r.data, 4);
    peer_recv(&p, &m);
    g_assert_cmpmem(m.payload, m.size, &r, 16);

    peer_reply(&p, 0, VFU_REGION_READ, &r, 20);
    g_assert_cmphex(vfu_client_readn(p.client, 3, 0x10, 4), ==, 0x12345678);
    peer_error(&p, 0, VFU_REGION_READ, EIO);
    g_assert_cmphex(vfu_client_readn(p.client, 3, 0x10, 2), ==, 0xffff);

    /* the answer to another question */
    r.a.offset = 0x14;
    peer_reply(&p, 0, VFU_REGION_READ, &r, 20);
    g_assert_cmpint(vfu_client_read(p.client, 3, 0x10, &v, 4), ==, -EPROTO);
    peer_free(&p);
}

static void test_write(void)
{
    Peer p = peer_new_ready("plain");
    Access w = { { .offset = 8, .region = 1, .count = 2 }, { 0x34, 0x12 } };
    PeerMessage m;

    peer_reply(&p, 0, VFU_REGION_WRITE, &w, 16);
    g_assert_cmpint(vfu_client_writen(p.client, 1, 8, 2, 0x1234), ==, 0);
    peer_recv(&p, &m);
    g_assert_cmpuint(m.header.flags, ==, 0);
    g_assert_cmpmem(m.payload, m.size, &w, 18);
    peer_free(&p);
}

static void test_write_multi(void)
{
    Peer p = peer_new_ready("plain");
    VfuWriteMultiEntry e[2] = {
        { .offset = 4, .region = 0, .count = 4 }, { .offset = 8, .region = 0, .count = 8 },
    };
    uint64_t two = 2, done = 0;
    PeerMessage m;

    peer_reply(&p, 0, VFU_REGION_WRITE_MULTI, &two, 8);
    g_assert_cmpint(vfu_client_write_multi(p.client, e, 2, false, &done), ==, 0);
    g_assert_cmpuint(done, ==, 2);
    peer_recv(&p, &m);
    g_assert_cmpuint(m.size, ==, 8 + 48);
    g_assert_cmpmem(m.payload, 8, &two, 8);
    g_assert_cmpmem(m.payload + 8, 48, e, 48);
    g_assert_cmpint(vfu_client_write_multi(p.client, e, 1, true, NULL), ==, 0);
    peer_recv(&p, &m);
    g_assert_cmpuint(m.header.flags, ==, VFU_NO_REPLY);
    peer_free(&p);
}

static void expect_irqs(Peer *p, uint32_t flags, uint32_t start, uint32_t count,
                        unsigned nr_fds)
{
    PeerMessage m;
    VfuSetIrqs s;

    peer_recv(p, &m);
    memcpy(&s, m.payload, sizeof(s));
    g_assert_cmphex(s.flags, ==, flags);
    g_assert_cmpuint(s.start, ==, start);
    g_assert_cmpuint(s.count, ==, count);
    g_assert_cmpuint(m.nr_fds, ==, nr_fds);
    peer_close_fds(&m);
}

/* 20 vectors of which 3 are not bound, for a server that takes 16 at once. */
static void test_bind_chunks(void)
{
    Peer p = peer_new_ready("plain");
    uint32_t bind = VFU_SET_DATA_EVENTFD | VFU_SET_ACTION_TRIGGER;
    int fds[23];

    for (unsigned i = 0; i < 23; i++) {
        fds[i] = i < 3 ? -1 : 0;
    }
    for (unsigned i = 0; i < 3; i++) {
        peer_reply(&p, i, VFU_DEVICE_SET_IRQS, NULL, 0);
    }
    g_assert_cmpint(vfu_client_irq_bind(p.client, VFU_IRQ_MSIX, 0, 23, fds), ==, 0);
    expect_irqs(&p, bind, 0, 3, 0);
    expect_irqs(&p, bind, 3, 16, 16);
    expect_irqs(&p, bind, 19, 4, 4);
    peer_quiet(&p);
    peer_free(&p);
}

static void test_irq_forms(void)
{
    Peer p = peer_new_ready("plain");
    uint8_t bools[3] = { 1, 0, 1 };
    PeerMessage m;

    for (unsigned i = 0; i < 6; i++) {
        peer_reply(&p, i, VFU_DEVICE_SET_IRQS, NULL, 0);
    }
    g_assert_cmpint(vfu_client_irq_disable(p.client, 2), ==, 0);
    g_assert_cmpint(vfu_client_irq_mask(p.client, 0, 0, 1), ==, 0);
    g_assert_cmpint(vfu_client_irq_unmask(p.client, 0, 0, 1), ==, 0);
    g_assert_cmpint(vfu_client_irq_trigger(p.client, 2, 4, 2), ==, 0);
    g_assert_cmpint(vfu_client_irq_resample(p.client, 0, 0), ==, 0);
    g_assert_cmpint(vfu_client_set_irqs(p.client, VFU_SET_DATA_BOOL | VFU_SET_ACTION_TRIGGER,
                                        2, 1, 3, bools, NULL, 0), ==, 0);
    expect_irqs(&p, 0x21, 0, 0, 0);
    expect_irqs(&p, 0x09, 0, 1, 0);
    expect_irqs(&p, 0x11, 0, 1, 0);
    expect_irqs(&p, 0x21, 4, 2, 0);
    expect_irqs(&p, 0x14, 0, 1, 1);
    peer_recv(&p, &m);
    g_assert_cmpuint(m.payload[0], ==, 23);
    g_assert_cmpmem(m.payload + 20, m.size - 20, bools, 3);
    peer_free(&p);
}

static void test_feature(void)
{
    Peer p = peer_new_ready("plain");
    struct {
        VfuDeviceFeature f;
        uint64_t value;
    } reply = { { 16, VFU_FEATURE_GET | 1 }, 5 };
    uint64_t value = 0;
    size_t got;
    PeerMessage m;

    peer_reply(&p, 0, VFU_DEVICE_FEATURE, &reply, 16);
    g_assert_cmpint(vfu_client_feature(p.client, VFU_FEATURE_GET | 1, NULL, 0, &value, 8,
                                       &got), ==, 0);
    g_assert_cmpuint(got, ==, 8);
    g_assert_cmpuint(value, ==, 5);
    peer_recv(&p, &m);
    g_assert_cmpuint(m.size, ==, 8);
    g_assert_cmpuint(m.payload[0], ==, 16);
    peer_free(&p);
}

static void test_migration_data(void)
{
    Peer p = peer_new_ready("plain");
    struct {
        VfuMigData d;
        char data[8];
    } reply = { { 16, 8 }, "abcdefg" };
    char data[16];
    uint32_t got;
    PeerMessage m;

    peer_reply(&p, 0, VFU_MIG_DATA_READ, &reply, 16);
    g_assert_cmpint(vfu_client_mig_read(p.client, data, 16, &got), ==, 0);
    g_assert_cmpuint(got, ==, 8);
    g_assert_cmpstr(data, ==, "abcdefg");
    peer_recv(&p, &m);
    peer_reply(&p, 0, VFU_MIG_DATA_WRITE, NULL, 0);
    g_assert_cmpint(vfu_client_mig_write(p.client, data, 8), ==, 0);
    peer_recv(&p, &m);
    g_assert_cmpuint(m.size, ==, 16);
    /* a length that the bytes do not hold */
    reply.d.size = 9;
    peer_reply(&p, 0, VFU_MIG_DATA_READ, &reply, 16);
    g_assert_cmpint(vfu_client_mig_read(p.client, data, 16, &got), ==, -EPROTO);
    peer_free(&p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vfu-client/access/read", test_read);
    g_test_add_func("/vfu-client/access/write", test_write);
    g_test_add_func("/vfu-client/access/write-multi", test_write_multi);
    g_test_add_func("/vfu-client/access/bind-chunks", test_bind_chunks);
    g_test_add_func("/vfu-client/access/irq-forms", test_irq_forms);
    g_test_add_func("/vfu-client/access/feature", test_feature);
    g_test_add_func("/vfu-client/access/migration-data", test_migration_data);
    return g_test_run();
}
