/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VERSION replies: what is taken over, and which of them the real clients
 * would refuse.
 */
#include "qemu/osdep.h"
#include "peer.h"

static int negotiate(const char *persona, unsigned minor, const char *text, Peer *p)
{
    g_autoptr(GByteArray) b = g_byte_array_new();
    VfuVersion v = { 0, minor };
    Error *err = NULL;
    int ret;

    *p = peer_new(persona);
    g_byte_array_append(b, (void *)&v, sizeof(v));
    if (text) {
        g_byte_array_append(b, (const void *)text, strlen(text) + 1);
    }
    peer_reply(p, 0, VFU_VERSION, b->data, b->len);
    ret = vfu_client_negotiate(p->client, &err);
    g_assert_true((ret < 0) == (err != NULL));
    g_assert_true((ret == 0) == vfu_client_alive(p->client));
    error_free(err);
    return ret;
}

static void check(const char *persona, unsigned minor, const char *text, int expect)
{
    Peer p;

    g_assert_cmpint(negotiate(persona, minor, text, &p), ==, expect);
    peer_free(&p);
}

#define CAPS(x) "{\"capabilities\":{" x "}}"

static void test_defaults(void)
{
    Peer p;
    const VfuServerLimits *l;

    g_assert_cmpint(negotiate("plain", 1, NULL, &p), ==, 0);
    l = vfu_client_server(p.client);
    g_assert_cmpuint(l->max_msg_fds, ==, 1);
    g_assert_cmpuint(l->max_data_xfer_size, ==, 1048576);
    g_assert_cmpuint(l->max_dma_maps, ==, 65535);
    g_assert_cmpuint(l->pgsizes, ==, 4096);
    g_assert_null(l->json);
    peer_free(&p);
}

static void test_values(void)
{
    Peer p;
    const VfuServerLimits *l;

    g_assert_cmpint(negotiate("plain", 0, CAPS("\"max_msg_fds\":8,\"pgsizes\":2101248,"
                    "\"max_dma_maps\":16,\"max_data_xfer_size\":65536,\"other\":[1],"
                    "\"write_multiple\":true,\"migration\":{\"pgsize\":4096}"), &p), ==, 0);
    l = vfu_client_server(p.client);
    g_assert_cmpuint(l->minor, ==, 0);
    g_assert_cmpuint(l->max_msg_fds, ==, 8);
    g_assert_cmpuint(l->max_data_xfer_size, ==, 65536);
    g_assert_cmpuint(l->max_dma_maps, ==, 16);
    g_assert_cmpuint(l->pgsizes, ==, 2101248);
    g_assert_true(l->write_multiple);
    g_assert_true(l->migration);
    peer_free(&p);
}

static void test_refused_by_all(void)
{
    check("plain", 2, CAPS(""), -EPROTO);           /* a higher minor */
    check("plain", 1, "{", -EPROTO);
    check("plain", 1, "[]", -EPROTO);
    check("plain", 1, "", -EPROTO);                 /* a NUL alone */
    check("plain", 1, CAPS("\"max_msg_fds\":-1"), -EPROTO);
    check("plain", 1, CAPS("\"max_msg_fds\":\"8\""), -EPROTO);
    check("plain", 1, CAPS("\"pgsizes\":1.5"), -EPROTO);
    check("plain", 1, CAPS("\"write_multiple\":1"), -EPROTO);
    check("plain", 1, CAPS("\"migration\":true"), -EPROTO);
    check("plain", 1, "{\"capabilities\":3}", -EPROTO);
}

static void test_refused_by_qemu(void)
{
    check("qemu", 0, CAPS("\"max_msg_fds\":16"), 0);
    check("qemu", 1, CAPS(""), -EPROTO);            /* it proposed 0.0 */
    check("qemu", 0, NULL, -EPROTO);
    check("qemu", 0, CAPS("\"max_msg_fds\":32"), -EPROTO);
    check("qemu", 0, CAPS("\"max_dma_maps\":1000000"), -EPROTO);
    check("qemu", 0, CAPS("\"max_data_xfer_size\":134217728"), -EPROTO);
    check("qemu", 0, CAPS("\"pgsizes\":512"), -EPROTO);
    /* longer than its request of 214 bytes */
    check("qemu", 0, CAPS("\"x\":\"0123456789012345678901234567890123456789012345678901234567"
                          "8901234567890123456789012345678901234567890123456789012345678901"
                          "23456789012345678901234567890123456789012345678901234567\""),
          -EPROTO);
}

static void test_refused_by_rust_vmm(void)
{
    check("cloud-hypervisor", 1, CAPS(""), 0);
    check("cloud-hypervisor", 1, NULL, -EPROTO);
    check("cloud-hypervisor", 1, "{}", -EPROTO);
    check("cloud-hypervisor", 1, CAPS("\"pgsizes\":8589934592"), -EPROTO);
    check("cloud-hypervisor", 1, CAPS("\"migration\":{}"), -EPROTO);
    check("spdk", 1, "not json", 0);                /* SPDK does not look */
}

static void test_missing_nul(void)
{
    Peer p = peer_new("plain");
    Error *err = NULL;

    peer_reply(&p, 0, VFU_VERSION, "\0\0\1\0{}", 6);
    g_assert_cmpint(vfu_client_negotiate(p.client, &err), ==, -EPROTO);
    error_free(err);
    peer_free(&p);
}

static void test_open_errors(void)
{
    g_autofree char *longer = g_strnfill(108, 'a');
    Error *err = NULL;

    g_assert_null(vfu_client_open("/nonexistent/x.sock", NULL, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "/nonexistent/x.sock"));
    g_assert_nonnull(strstr(error_get_pretty(err), "server"));
    g_clear_pointer(&err, error_free);
    g_assert_null(vfu_client_open(longer, NULL, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "107"));
    error_free(err);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vfu-client/version/defaults", test_defaults);
    g_test_add_func("/vfu-client/version/values", test_values);
    g_test_add_func("/vfu-client/version/refused-by-all", test_refused_by_all);
    g_test_add_func("/vfu-client/version/refused-by-qemu", test_refused_by_qemu);
    g_test_add_func("/vfu-client/version/refused-by-rust-vmm", test_refused_by_rust_vmm);
    g_test_add_func("/vfu-client/version/missing-nul", test_missing_nul);
    g_test_add_func("/vfu-client/version/open-errors", test_open_errors);
    return g_test_run();
}
