/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages as text, and pcapng files block by block. */
#include "capture.h"
#include "tools/vfu/decode.h"
#include "tools/vfu/pcapng.h"

static void check(unsigned command, uint32_t flags, const void *payload, size_t size,
                  const char *expect)
{
    VfuHeader h = { .command = command, .flags = flags, .size = 16 + size };
    g_autofree char *text = decode_payload(NULL, &h, payload, size);

    g_assert_cmpstr(text, ==, expect);
}

static void test_fields(void)
{
    VfuDmaMap map = { 32, 3, 0x1000, 0x100000, 0x2000 };
    VfuSetIrqs set = { 20, 0x24, 2, 1, 3 };
    VfuDeviceInfo info = { 16, 3, 9, 5 };
    struct {
        VfuRegionAccess a;
        uint8_t data[20];
    } access = { { 0x10, 7, 4 }, { 0x78, 0x56, 0x34, 0x12 } };

    check(VFU_DMA_MAP, 0, &map, sizeof(map),
          "address=0x100000 size=0x2000 flags=READ|WRITE offset=0x1000");
    check(VFU_DMA_MAP, VFU_TYPE_REPLY, NULL, 0, "");
    check(VFU_DEVICE_SET_IRQS, 0, &set, sizeof(set),
          "irq=msix flags=EVENTFD|TRIGGER start=1 count=3");
    check(VFU_DEVICE_GET_INFO, VFU_TYPE_REPLY, &info, sizeof(info),
          "flags=RESET|PCI regions=9 irqs=5");
    check(VFU_REGION_READ, 0, &access, 16, "region=config offset=0x10 count=4");
    check(VFU_REGION_READ, VFU_TYPE_REPLY, &access, 20,
          "region=config offset=0x10 count=4 data=0x12345678");
    check(VFU_REGION_READ, VFU_TYPE_REPLY, &access, 36, "region=config offset=0x10 count=4 "
          "data=78563412000000000000000000000000...(20 bytes)");
    check(VFU_VERSION, 0, "\0\0\1\0{\"a\n\":1}", 14, "major=0 minor=1 text={\"a?\":1}");
}

/* Any length of any command: the sanitizers watch. */
static void test_lengths(void)
{
    uint8_t bytes[64];

    memset(bytes, 0xff, sizeof(bytes));
    for (unsigned command = 0; command < 256; command++) {
        for (unsigned size = 0; size <= sizeof(bytes); size++) {
            for (unsigned flags = 0; flags < 64; flags += 33) {
                VfuHeader h = { .command = command, .flags = flags };
                g_autofree uint8_t *exact = g_memdup2(bytes, size);

                g_free(decode_payload(NULL, &h, exact, size));
            }
        }
    }
    check(VFU_DMA_MAP, 0, bytes, 4, "(short)");
    check(200, 0, bytes, 4, "");
    check(VFU_REGION_READ, VFU_TYPE_REPLY | VFU_ERROR, bytes, 20, "");
}

static uint32_t word(const char *text, size_t at)
{
    uint32_t v;

    memcpy(&v, text + at, sizeof(v));
    return v;
}

/* Walks the blocks: each says its length twice, and is a multiple of 4. */
static void test_pcapng(void)
{
    VfuHeader h = { 1, VFU_REGION_READ, 19, 0, 0 };
    char *text = NULL;
    size_t size = 0, at = 0;
    unsigned types[4], nr = 0;
    FILE *f = open_memstream(&text, &size);

    g_assert_true(pcapng_begin(f));
    g_assert_true(pcapng_message(f, 0x123456789abll, true, 2, &h, "abc", 3));
    g_assert_true(pcapng_message(f, 1, false, 0, &h, NULL, 0));
    fclose(f);
    while (at < size) {
        uint32_t length = word(text, at + 4);

        g_assert_cmpuint(nr, <, 4);
        types[nr++] = word(text, at);
        g_assert_cmpuint(length % 4, ==, 0);
        g_assert_cmpuint(at + length, <=, size);
        g_assert_cmpuint(word(text, at + length - 4), ==, length);
        if (nr == 2) {
            g_assert_cmpuint(word(text, at + 8) & 0xffff, ==, PCAPNG_LINKTYPE_USER0);
        }
        if (nr == 3) {
            g_assert_cmphex(word(text, at + 12), ==, 0x123);
            g_assert_cmphex(word(text, at + 16), ==, 0x456789ab);
            g_assert_cmpuint(word(text, at + 20), ==, 19);
            g_assert_cmpmem(text + at + 28, 16, &h, 16);
            g_assert_cmpmem(text + at + 44, 3, "abc", 3);
            /* option epb_flags: outbound */
            g_assert_cmphex(word(text, at + 48), ==, 0x00040002);
            g_assert_cmphex(word(text, at + 52), ==, 2);
            g_assert_cmphex(word(text, at + 56) & 0xffff, ==, 1);
            g_assert_cmpmem(text + at + 60, 18, "2 file descriptors", 18);
        }
        at += length;
    }
    g_assert_cmpuint(nr, ==, 4);
    g_assert_cmphex(types[0], ==, 0x0a0d0d0a);
    g_assert_cmpuint(types[1], ==, 1);
    g_assert_cmpuint(types[2], ==, 6);
    g_assert_cmpuint(types[3], ==, 6);
    free(text);
}

static void print_both(VfuOut *o, void *opaque)
{
    out_text(o, "text %d\n", 1);
    out_list(o, "list");
    out_int(o, NULL, 3);
    out_string(o, NULL, "\xff");
    out_list_end(o);
    out_hex(o, "big", UINT64_MAX);
    out_bool(o, "yes", true);
}

static void test_output(void)
{
    g_autofree char *text = capture(false, print_both, NULL);
    g_autofree char *json = capture(true, print_both, NULL);

    g_assert_cmpstr(text, ==, "text 1\n");
    assert_has(json, "\"big\":\"0xffffffffffffffff\",\"yes\":true");
    g_assert_true(g_utf8_validate(json, -1, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vfu/decode/fields", test_fields);
    g_test_add_func("/vfu/decode/lengths", test_lengths);
    g_test_add_func("/vfu/pcapng", test_pcapng);
    g_test_add_func("/vfu/output", test_output);
    return g_test_run();
}
