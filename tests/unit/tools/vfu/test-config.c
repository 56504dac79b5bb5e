/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration spaces as text and JSON: a made-up device with every kind of
 * capability, and spaces that are broken.
 */
#include "capture.h"
#include "tools/vfu/config-space.h"

static void put16(uint8_t *b, unsigned at, uint16_t v)
{
    b[at] = v;
    b[at + 1] = v >> 8;
}

static void put32(uint8_t *b, unsigned at, uint32_t v)
{
    put16(b, at, v);
    put16(b, at + 2, v >> 16);
}

static void make(uint8_t *b)
{
    memset(b, 0, 4096);
    put16(b, 0, 0x1234);
    put16(b, 2, 0xabcd);
    put16(b, 4, 0x0406);
    put16(b, 6, 0x0010);
    b[8] = 3;
    b[9] = 0x02;
    b[10] = 0x08;
    b[11] = 0x01;
    put32(b, 0x10, 0xfebf0004 | 8);     /* 64 bits, prefetchable */
    put32(b, 0x14, 1);
    put32(b, 0x18, 0xc001);             /* I/O */
    put32(b, 0x30, 0xfea00001);
    b[0x34] = 0x40;
    b[0x3c] = 11;
    b[0x3d] = 2;
    put16(b, 0x40, 0x4801);             /* PM, next 0x48 */
    put16(b, 0x42, 3);
    put16(b, 0x48, 0x6005);             /* MSI, 64 bits, masks, 1 of 4 */
    put16(b, 0x4a, 0x0185);
    put32(b, 0x4c, 0xfee00000);
    put16(b, 0x54, 0x4041);
    put32(b, 0x58, 2);
    put16(b, 0x60, 0x7011);             /* MSI-X, 8 vectors */
    put16(b, 0x62, 0x8007);
    put32(b, 0x64, 0x2004);
    put32(b, 0x68, 0x3004);
    put16(b, 0x70, 0xb010);             /* Express endpoint */
    put16(b, 0x72, 2);
    put32(b, 0x74, 0x10008001);
    put32(b, 0x7c, 0x43);
    put16(b, 0xb0, 0x0009);             /* vendor */
    b[0xb2] = 6;
    b[0xb3] = 0x77;
    put32(b, 0x100, 0x14010003);        /* serial, next 0x140 */
    put32(b, 0x104, 0x89abcdef);
    put32(b, 0x108, 0x01234567);
    put32(b, 0x140, 0x0001001b);        /* PASID */
    put16(b, 0x144, 0x1404);
}

typedef struct Space {
    uint8_t bytes[4096];
    ConfigSpace c;
} Space;

static Space *space_new(size_t size)
{
    Space *s = g_new0(Space, 1);

    make(s->bytes);
    s->c.bytes = s->bytes;
    s->c.size = size;
    s->c.region_sizes[0] = 0x4000;
    s->c.region_sizes[2] = 32;
    s->c.region_sizes[6] = 65536;
    return s;
}

static void print(VfuOut *o, void *opaque)
{
    Space *s = opaque;

    config_print(o, &s->c, NULL);
}

static void test_text(void)
{
    g_autofree Space *s = space_new(4096);
    g_autofree char *t = capture(false, print, s);

    assert_has(t, "[1234:abcd] (rev 03, prog-if 02)");
    assert_has(t, "I/O- Mem+ BusMaster+");
    assert_has(t, "DisINTx+");
    assert_has(t, "Region 0: Memory at 00000001febf0000 (64-bit, prefetchable) [size=16K]");
    assert_has(t, "Region 2: I/O ports at c000 [size=32]");
    assert_has(t, "Expansion ROM at fea00000 [size=64K]");
    assert_has(t, "Interrupt: pin B, line 11");
    assert_has(t, "[40] Power Management version 3");
    assert_has(t, "[48] MSI: Enable+ Count=1/4 Maskable+ 64bit+");
    assert_has(t, "Address: 00000000fee00000  Data: 4041");
    assert_has(t, "Masking: 00000002  Pending: 00000000");
    assert_has(t, "[60] MSI-X: Enable+ Count=8 Masked-");
    assert_has(t, "Vector table: BAR=4 offset=00002000");
    assert_has(t, "PBA: BAR=4 offset=00003000");
    assert_has(t, "[70] Express (v2) Endpoint");
    assert_has(t, "MaxPayload 256 bytes");
    assert_has(t, "FLReset+");
    assert_has(t, "LnkCap: Speed 8GT/s, Width x4");
    assert_has(t, "[b0] Vendor Specific: Len=06 77 00 00");
    assert_has(t, "[100 v1] Device Serial Number 0123456789abcdef");
    assert_has(t, "[140 v1] Process Address Space ID Enable-, width 20 bits");
}

static void test_json(void)
{
    g_autofree Space *s = space_new(4096);
    g_autofree char *t = capture(true, print, s);

    assert_has(t, "\"vendor\":\"0x1234\"");
    assert_has(t, "\"command\":[\"Mem\",\"BusMaster\",\"DisINTx\"]");
    assert_has(t, "\"kind\":\"msix\",\"enabled\":true,\"masked\":false,\"vectors\":8");
    assert_has(t, "\"serial\":\"0x123456789abcdef\"");
    g_assert_null(strstr(t, "\t"));
}

/* 256 bytes: no extended capability, and none is made up. */
static void test_small(void)
{
    g_autofree Space *s = space_new(256);
    g_autofree char *t = capture(false, print, s);

    assert_has(t, "[b0] Vendor Specific");
    g_assert_null(strstr(t, "Serial"));
}

static void test_broken(void)
{
    g_autofree Space *s = space_new(4096);
    g_autofree char *loop = NULL, *outside = NULL, *ext = NULL, *tiny = NULL;

    s->bytes[0xb1] = 0x40;
    loop = capture(false, print, s);
    assert_has(loop, "loop at 40");
    s->bytes[0xb1] = 0x20;
    outside = capture(false, print, s);
    assert_has(outside, "pointer to 20");
    put32(s->bytes, 0x140, 0x1001001b);
    ext = capture(false, print, s);
    assert_has(ext, "loop at 100");
    s->c.size = 5;
    tiny = capture(false, print, s);
    assert_has(tiny, "[1234:abcd]");
}

static void test_bridge(void)
{
    g_autofree Space *s = space_new(256);
    g_autofree char *t = NULL;

    s->bytes[0x0e] = 1;
    put32(s->bytes, 0x18, 0x00020100);
    t = capture(false, print, s);
    assert_has(t, "primary=00, secondary=01, subordinate=02");
    g_assert_null(strstr(t, "Subsystem"));
}

static void test_pci_ids(void)
{
    static const char text[] =
        "# comment\n1234  Test Vendor\n\tabcd  Test Device\n\t\t0001 0002  Sub\n"
        "1235  Other\n\tabcd  Wrong\nC 08  System peripheral\n\t01  DMA controller\n";
    g_autofree char *path = NULL, *vendor = NULL, *device = NULL, *none = NULL;
    g_autofree char *class = NULL, *base = NULL;
    int fd = g_file_open_tmp("pci-ids-XXXXXX", &path, NULL);
    g_autoptr(PciIds) ids = NULL;

    g_assert_cmpint(write(fd, text, sizeof(text) - 1), ==, sizeof(text) - 1);
    close(fd);
    ids = pci_ids_load(path);
    unlink(path);
    vendor = pci_ids_vendor(ids, 0x1234);
    device = pci_ids_device(ids, 0x1234, 0xabcd);
    none = pci_ids_device(ids, 0x1234, 0xabce);
    class = pci_ids_class(ids, 8, 1);
    base = pci_ids_class(ids, 8, 9);
    g_assert_cmpstr(vendor, ==, "Test Vendor");
    g_assert_cmpstr(device, ==, "Test Device");
    g_assert_null(none);
    g_assert_cmpstr(class, ==, "DMA controller");
    g_assert_cmpstr(base, ==, "System peripheral");
    g_assert_null(pci_ids_vendor(NULL, 1));
    g_assert_null(pci_ids_load("/nonexistent"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vfu/config/text", test_text);
    g_test_add_func("/vfu/config/json", test_json);
    g_test_add_func("/vfu/config/small", test_small);
    g_test_add_func("/vfu/config/broken", test_broken);
    g_test_add_func("/vfu/config/bridge", test_bridge);
    g_test_add_func("/vfu/config/pci-ids", test_pci_ids);
    return g_test_run();
}
