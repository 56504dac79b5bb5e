/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA_READ and DMA_WRITE in both layouts.
 */
#include "qemu/osdep.h"
#include "vfio-user/dma-message.h"

#define SPEC VFU_DMA_LAYOUT_SPEC
#define OLD VFU_DMA_LAYOUT_QEMU28
#define ADDRESS 0x1122334455667788ull

static void test_heads(void)
{
    static const uint8_t address[8] = { 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11 };
    uint8_t head[16];
    size_t padding;

    g_assert_cmpuint(vfu_dma_request_head(SPEC, ADDRESS, 0x1234, head, &padding), ==, 16);
    g_assert_cmpuint(padding, ==, 0);
    g_assert_cmpmem(head, 8, address, 8);
    g_assert_cmpmem(head + 8, 8, "\x34\x12\0\0\0\0\0", 8);
    g_assert_cmpuint(vfu_dma_request_head(OLD, ADDRESS, 0x1234, head, &padding), ==, 12);
    g_assert_cmpuint(padding, ==, 4);
    g_assert_cmpmem(head + 8, 4, "\x34\x12\0", 4);
}

static size_t put(uint8_t *out, VfuDmaLayout layout, uint64_t address, uint64_t count,
                  const char *data)
{
    size_t padding, head = vfu_dma_request_head(layout, address, count, out, &padding);

    memcpy(out + head, data, strlen(data));
    memset(out + head + strlen(data), 0, padding);
    return head + strlen(data) + padding;
}

static void test_read_reply(void)
{
    static const VfuDmaLayout layouts[] = { SPEC, OLD };
    uint8_t payload[64];
    VfuDmaReply r;

    for (size_t i = 0; i < 2; i++) {
        size_t len = put(payload, layouts[i], ADDRESS, 5, "hello");

        g_assert_cmpuint(len, ==, 21);
        g_assert_true(vfu_dma_reply_parse(layouts[i], true, ADDRESS, 5, payload, len, &r));
        g_assert_cmpmem(r.data, r.count, "hello", 5);
        /* fewer than asked for: a partial success; more: nonsense */
        g_assert_true(vfu_dma_reply_parse(layouts[i], true, ADDRESS, 6, payload, len, &r));
        g_assert_cmpuint(r.count, ==, 5);
        g_assert_false(vfu_dma_reply_parse(layouts[i], true, ADDRESS, 4, payload, len, &r));
        g_assert_false(vfu_dma_reply_parse(layouts[i], true, ADDRESS + 1, 5, payload, len, &r));
        for (size_t cut = 0; cut < len; cut++) {
            g_autofree uint8_t *exact = g_memdup2(payload, MAX(cut, 1));

            g_assert_false(vfu_dma_reply_parse(layouts[i], true, ADDRESS, 5, exact, cut, &r));
        }
        g_assert_false(vfu_dma_reply_parse(layouts[i], true, ADDRESS, 5, payload, len + 1, &r));
    }
}

static void test_write_reply(void)
{
    uint8_t payload[16];
    VfuDmaReply r;

    put(payload, SPEC, ADDRESS, 5, "");
    g_assert_true(vfu_dma_reply_parse(SPEC, false, ADDRESS, 5, payload, 16, &r));
    g_assert_cmpuint(r.count, ==, 5);
    g_assert_false(r.bare);
    g_assert_true(vfu_dma_reply_parse(SPEC, false, ADDRESS, 5, payload, 12, &r));
    g_assert_cmpuint(r.count, ==, 5);
    g_assert_true(vfu_dma_reply_parse(SPEC, false, ADDRESS, 5, NULL, 0, &r));
    g_assert_true(r.bare);
    g_assert_cmpuint(r.count, ==, 5);
    g_assert_false(vfu_dma_reply_parse(SPEC, false, ADDRESS, 4, payload, 16, &r));
    g_assert_false(vfu_dma_reply_parse(SPEC, false, 0, 5, payload, 16, &r));
    for (size_t len = 1; len < 16; len++) {
        g_assert_true(vfu_dma_reply_parse(SPEC, false, ADDRESS, 5, payload, len, &r) ==
                      (len == 12));
    }
}

static void test_huge_counts(void)
{
    uint8_t payload[16];
    VfuDmaReply r;

    put(payload, SPEC, ADDRESS, UINT64_MAX, "");
    g_assert_false(vfu_dma_reply_parse(SPEC, true, ADDRESS, 16, payload, 16, &r));
    g_assert_false(vfu_dma_reply_parse(SPEC, false, ADDRESS, 16, payload, 16, &r));
    put(payload, SPEC, ADDRESS, -16ull, "");
    g_assert_false(vfu_dma_reply_parse(SPEC, true, ADDRESS, 16, payload, 16, &r));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dma-message/heads", test_heads);
    g_test_add_func("/dma-message/read-reply", test_read_reply);
    g_test_add_func("/dma-message/write-reply", test_write_reply);
    g_test_add_func("/dma-message/huge-counts", test_huge_counts);
    return g_test_run();
}
