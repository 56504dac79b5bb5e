/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buffers, RAM and ROM, mapping and bouncing, listeners, the machine spaces that are empty. */
#include "common.h"
#include <sys/mman.h>
#include "exec/address-spaces.h"
#include "exec/ioport.h"
#include "qapi/error.h"

typedef struct Fixture {
    Object *owner;
    MemoryRegion root, ram, rom, dev;
    AddressSpace as;
    uint8_t regs[16];
    unsigned sizes[32];
    unsigned n;
} Fixture;

static uint64_t dev_read(void *opaque, hwaddr addr, unsigned size)
{
    Fixture *f = opaque;

    f->sizes[f->n++ % 32] = size;
    return ldn_le_p(f->regs + addr, size);
}

static void dev_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    Fixture *f = opaque;

    f->sizes[f->n++ % 32] = size;
    stn_le_p(f->regs + addr, size, val);
}

static const MemoryRegionOps dev_ops = {
    .read = dev_read,
    .write = dev_write,
    .valid.min_access_size = 1,
    .valid.max_access_size = 4,
    .endianness = DEVICE_LITTLE_ENDIAN,
};

/* RAM at 0x1000, ROM at 0x2000, device at 0x3000, nothing elsewhere */
static void setup(Fixture *f, gconstpointer data)
{
    f->owner = test_owner_new();
    memory_region_init(&f->root, f->owner, "root", UINT64_MAX);
    g_assert_true(memory_region_init_ram(&f->ram, f->owner, "ram", 0x1000, &error_abort));
    g_assert_true(memory_region_init_rom(&f->rom, f->owner, "rom", 0x1000, &error_abort));
    memory_region_init_io(&f->dev, f->owner, &dev_ops, f, "dev", sizeof(f->regs));
    memory_region_add_subregion(&f->root, 0x1000, &f->ram);
    memory_region_add_subregion(&f->root, 0x2000, &f->rom);
    memory_region_add_subregion(&f->root, 0x3000, &f->dev);
    address_space_init(&f->as, &f->root, "as");
}

static void teardown(Fixture *f, gconstpointer data)
{
    address_space_destroy(&f->as);
    object_unref(f->owner);
}

static MemTxResult rd(Fixture *f, hwaddr a, void *buf, hwaddr len)
{
    return address_space_read(&f->as, a, MEMTXATTRS_UNSPECIFIED, buf, len);
}

static MemTxResult wr(Fixture *f, hwaddr a, const void *buf, hwaddr len)
{
    return address_space_write(&f->as, a, MEMTXATTRS_UNSPECIFIED, buf, len);
}

static void test_ram_rom(Fixture *f, gconstpointer data)
{
    uint8_t out[64], in[64];

    memset(out, 0x33, sizeof(out));
    g_assert_cmpuint(wr(f, 0x1fc0, out, 64), ==, MEMTX_OK);
    g_assert_cmpuint(rd(f, 0x1fc0, in, 64), ==, MEMTX_OK);
    g_assert_cmpmem(in, 64, out, 64);
    g_assert_cmpuint(wr(f, 0x1fe0, out, 64), ==, MEMTX_ACCESS_ERROR); /* runs into the ROM */
    g_assert_cmpuint(rd(f, 0x2000, in, 1), ==, MEMTX_OK);
    g_assert_cmpuint(in[0], ==, 0);
    address_space_write_rom(&f->as, 0x2000, MEMTXATTRS_UNSPECIFIED, "R", 1);
    g_assert_cmpuint(rd(f, 0x2000, in, 1), ==, MEMTX_OK);
    g_assert_cmpuint(in[0], ==, 'R');
}

static void test_holes_and_wrap(Fixture *f, gconstpointer data)
{
    uint8_t buf[32];
    uint64_t faults = address_space_fault_count(&f->as);

    memset(buf, 0xee, sizeof(buf));
    g_assert_cmpuint(rd(f, 0x0ff0, buf, 32), ==, MEMTX_DECODE_ERROR);
    g_assert_cmpuint(buf[0], ==, 0);
    memset(buf, 0xee, sizeof(buf));
    g_assert_cmpuint(rd(f, UINT64_MAX - 3, buf, 32), ==, MEMTX_DECODE_ERROR);
    g_assert_cmpuint(buf[31], ==, 0);
    g_assert_cmpuint(wr(f, UINT64_MAX, buf, 2), ==, MEMTX_DECODE_ERROR);
    g_assert_cmpuint(rd(f, 12345678, buf, 0), ==, MEMTX_OK);
    g_assert_cmpuint(address_space_fault_count(&f->as), ==, faults + 3);
    g_assert_false(address_space_access_valid(&f->as, UINT64_MAX, 2, false,
                                              MEMTXATTRS_UNSPECIFIED));
    g_assert_true(address_space_access_valid(&f->as, 0x1000, 0x2000, false,
                                             MEMTXATTRS_UNSPECIFIED));
    g_assert_false(address_space_access_valid(&f->as, 0x1000, 0x2000, true,
                                              MEMTXATTRS_UNSPECIFIED));
}

static void test_device_pieces(Fixture *f, gconstpointer data)
{
    uint8_t out[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    uint8_t in[9];
    MemTxAttrs memory_only = { .memory = 1 };

    g_assert_cmpuint(wr(f, 0x3001, out, 9), ==, MEMTX_OK); /* 1+2+4+2 by alignment */
    g_assert_cmpuint(f->n, ==, 4);
    g_assert_cmpuint(f->sizes[0], ==, 1);
    g_assert_cmpuint(f->sizes[1], ==, 2);
    g_assert_cmpuint(f->sizes[2], ==, 4);
    g_assert_cmpuint(f->sizes[3], ==, 2);
    g_assert_cmpuint(rd(f, 0x3001, in, 9), ==, MEMTX_OK);
    g_assert_cmpmem(in, 9, out, 9);
    g_assert_cmpmem(f->regs + 1, 9, out, 9);
    g_assert_cmpuint(address_space_read(&f->as, 0x3000, memory_only, in, 4), ==,
                     MEMTX_ACCESS_ERROR);
}

static void test_ldst(Fixture *f, gconstpointer data)
{
    MemTxResult res;

    address_space_stl_be(&f->as, 0x1000, 0x01020304, MEMTXATTRS_UNSPECIFIED, &res);
    g_assert_cmpuint(res, ==, MEMTX_OK);
    g_assert_cmphex(address_space_ldl_le(&f->as, 0x1000, MEMTXATTRS_UNSPECIFIED, NULL), ==,
                    0x04030201);
    g_assert_cmphex(address_space_lduw_be(&f->as, 0x1001, MEMTXATTRS_UNSPECIFIED, NULL), ==,
                    0x0203);
    g_assert_cmphex(address_space_ldq(&f->as, 0, MEMTXATTRS_UNSPECIFIED, &res), ==, 0);
    g_assert_cmpuint(res, ==, MEMTX_DECODE_ERROR);
}

static void test_memfd(Fixture *f, gconstpointer data)
{
    int fd = memory_region_get_fd(&f->ram);
    uint8_t *p;

    g_assert_cmpint(fd, >=, 0);
    p = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    g_assert_true(p != MAP_FAILED);
    p[17] = 0x77; /* what a client does to a BAR it mapped */
    g_assert_cmphex(address_space_ldub(&f->as, 0x1011, MEMTXATTRS_UNSPECIFIED, NULL), ==, 0x77);
    g_assert_cmpint(ftruncate(fd, 0), ==, -1); /* it cannot take the pages away */
    munmap(p, 0x1000);
}

static void test_map(Fixture *f, gconstpointer data)
{
    hwaddr len = 0x2000;
    uint8_t *p = address_space_map(&f->as, 0x1800, &len, true, MEMTXATTRS_UNSPECIFIED);
    uint8_t *q;
    hwaddr len2 = 16;

    g_assert_nonnull(p);
    g_assert_cmpuint(len, ==, 0x800); /* to the end of the RAM */
    p[0] = 0x99;
    q = address_space_map(&f->as, 0x1800, &len2, true, MEMTXATTRS_UNSPECIFIED);
    g_assert_true(q == p);
    address_space_unmap(&f->as, p, len, true, len);
    address_space_unmap(&f->as, q, len2, true, len2);
    g_assert_cmphex(address_space_ldub(&f->as, 0x1800, MEMTXATTRS_UNSPECIFIED, NULL), ==, 0x99);
    len = 4;
    g_assert_null(address_space_map(&f->as, 0x2000, &len, true, MEMTXATTRS_UNSPECIFIED));
    len = 4;
    g_assert_null(address_space_map(&f->as, 0x9000, &len, false, MEMTXATTRS_UNSPECIFIED));
    g_assert_cmpuint(len, ==, 0);
    len = 4;
    g_assert_null(address_space_map(&f->as, UINT64_MAX - 1, &len, false,
                                    MEMTXATTRS_UNSPECIFIED));
}

static void count_bh(void *opaque)
{
    ++*(int *)opaque;
}

static void test_bounce(Fixture *f, gconstpointer data)
{
    int woken = 0;
    QEMUBH *bh = qemu_bh_new(count_bh, &woken);
    hwaddr len = 8, len2 = 8, len3 = 8;
    uint64_t bounces, stalls;
    uint8_t *p, *q;

    f->as.max_bounce_buffer_size = 12;
    stl_le_p(f->regs + 4, 0xdeadbeef);
    p = address_space_map(&f->as, 0x3000, &len, false, MEMTXATTRS_UNSPECIFIED);
    g_assert_nonnull(p);
    g_assert_cmphex((uint32_t)ldl_le_p(p + 4), ==, 0xdeadbeef);
    q = address_space_map(&f->as, 0x3008, &len2, true, MEMTXATTRS_UNSPECIFIED);
    g_assert_nonnull(q);
    g_assert_cmpuint(len2, ==, 4); /* what is left of the budget */
    g_assert_null(address_space_map(&f->as, 0x3000, &len3, true, MEMTXATTRS_UNSPECIFIED));
    address_space_register_map_client(&f->as, bh);
    while (aio_poll(qemu_get_aio_context(), false)) {
    }
    g_assert_cmpint(woken, ==, 0);
    stl_le_p(q, 0x12345678);
    address_space_unmap(&f->as, q, len2, true, 2); /* two bytes were used */
    g_assert_cmphex((uint32_t)ldl_le_p(f->regs + 8), ==, 0x5678);
    while (aio_poll(qemu_get_aio_context(), false)) {
    }
    g_assert_cmpint(woken, ==, 1);
    address_space_unmap(&f->as, p, len, false, 0);
    g_assert_cmpuint(f->as.bounce_bytes, ==, 0);
    address_space_bounce_counts(&f->as, &bounces, &stalls);
    g_assert_cmpuint(bounces, ==, 2);
    g_assert_cmpuint(stalls, ==, 1);
    qemu_bh_delete(bh);
}

/* Flash: reads like RAM until a command puts it into its other mode. */
static void test_rom_device(Fixture *f, gconstpointer data)
{
    MemoryRegion flash;

    memory_region_init_rom_device(&flash, f->owner, &dev_ops, f, "flash", 16, &error_abort);
    stl_le_p(memory_region_get_ram_ptr(&flash), 0x600df00d);
    memory_region_add_subregion(&f->root, 0x8000, &flash);
    g_assert_true(memory_region_is_romd(&flash));
    g_assert_cmphex(address_space_ldl_le(&f->as, 0x8000, MEMTXATTRS_UNSPECIFIED, NULL), ==,
                    0x600df00d);
    address_space_stl_le(&f->as, 0x8000, 0x90, MEMTXATTRS_UNSPECIFIED, NULL);
    g_assert_cmphex((uint32_t)ldl_le_p(f->regs), ==, 0x90); /* writes are commands */
    memory_region_rom_device_set_romd(&flash, false);
    g_assert_cmphex(address_space_ldl_le(&f->as, 0x8000, MEMTXATTRS_UNSPECIFIED, NULL), ==,
                    0x90);
    memory_region_rom_device_set_romd(&flash, true);
    g_assert_cmphex(address_space_ldl_le(&f->as, 0x8000, MEMTXATTRS_UNSPECIFIED, NULL), ==,
                    0x600df00d);
    memory_region_del_subregion(&f->root, &flash);
    object_unparent(OBJECT(&flash));
}

/* A read-only window onto RAM; the RAM itself stays writable. */
static void test_readonly_alias(Fixture *f, gconstpointer data)
{
    MemoryRegion window;
    uint8_t b = 0x5e;

    memory_region_init_alias(&window, f->owner, "window", &f->ram, 0x10, 0x10);
    memory_region_set_readonly(&window, true);
    memory_region_add_subregion(&f->root, 0x9000, &window);
    g_assert_cmpuint(wr(f, 0x9001, &b, 1), ==, MEMTX_ACCESS_ERROR);
    g_assert_cmpuint(wr(f, 0x1011, &b, 1), ==, MEMTX_OK);
    g_assert_cmphex(address_space_ldub(&f->as, 0x9001, MEMTXATTRS_UNSPECIFIED, NULL), ==, 0x5e);
    g_assert_true((uint8_t *)memory_region_get_ram_ptr(&window)
                  == (uint8_t *)memory_region_get_ram_ptr(&f->ram) + 0x10);
    memory_region_del_subregion(&f->root, &window);
    object_unparent(OBJECT(&window));
}

/* ---- listeners ---- */

typedef struct Ear {
    MemoryListener l;
    int adds, dels, nops, commits;
    uint64_t covered;
} Ear;

static void ear_add(MemoryListener *l, MemoryRegionSection *s)
{
    Ear *e = container_of(l, Ear, l);

    e->adds++;
    e->covered += int128_get64(s->size);
}

static void ear_del(MemoryListener *l, MemoryRegionSection *s)
{
    Ear *e = container_of(l, Ear, l);

    e->dels++;
    e->covered -= int128_get64(s->size);
}

static void ear_nop(MemoryListener *l, MemoryRegionSection *s)
{
    container_of(l, Ear, l)->nops++;
}

static void ear_commit(MemoryListener *l)
{
    container_of(l, Ear, l)->commits++;
}

static void test_listener(Fixture *f, gconstpointer data)
{
    Ear e = {
        .l.region_add = ear_add,
        .l.region_del = ear_del,
        .l.region_nop = ear_nop,
        .l.commit = ear_commit,
        .l.name = "ear",
    };

    memory_listener_register(&e.l, &f->as);
    g_assert_cmpint(e.adds, ==, 3);
    g_assert_cmpuint(e.covered, ==, 0x2000 + 16);
    memory_region_set_enabled(&f->dev, false);
    g_assert_cmpint(e.dels, ==, 1);
    g_assert_cmpint(e.nops, ==, 2);
    g_assert_cmpuint(e.covered, ==, 0x2000);
    memory_region_set_address(&f->ram, 0x8000);
    g_assert_cmpuint(e.covered, ==, 0x2000);
    memory_listener_unregister(&e.l);
    g_assert_cmpuint(e.covered, ==, 0);
    memory_listener_unregister(&e.l); /* harmless */
}

/* A view that somebody reads survives the change, and keeps the owner. */
static void test_view_lifetime(void)
{
    Object *owner = test_owner_new();
    MemoryRegion *mr = g_new0(MemoryRegion, 1);
    MemoryRegion *root = g_new0(MemoryRegion, 1);
    AddressSpace as;
    hwaddr len = 16;
    void *p;

    memory_region_init(root, NULL, "root", 4096);
    g_assert_true(memory_region_init_ram(mr, owner, "ram", 4096, &error_abort));
    memory_region_add_subregion(root, 0, mr);
    address_space_init(&as, root, "as");
    p = address_space_map(&as, 0, &len, true, MEMTXATTRS_UNSPECIFIED);
    memory_region_del_subregion(root, mr);
    object_unref(owner);
    memset(p, 1, len); /* still there: the mapping holds the owner */
    address_space_unmap(&as, p, len, true, len);
    address_space_destroy(&as);
    object_unref(root);
    g_free(root);
    g_free(mr);
}

static void test_machine_spaces(void)
{
    Object *owner = test_owner_new();
    MemoryRegion mr;
    uint8_t buf[4] = { 1, 2, 3, 4 };
    hwaddr len = 4;

    memory_region_init(&mr, owner, "stray", 4096);
    memory_region_add_subregion(get_system_memory(), 0, &mr);
    g_assert_null(mr.container);
    memory_region_del_subregion(get_system_memory(), &mr);
    cpu_physical_memory_read(0, buf, 4);
    g_assert_cmpuint(ldl_le_p(buf), ==, 0);
    g_assert_cmpuint(address_space_write(&address_space_memory, 0, MEMTXATTRS_UNSPECIFIED, buf,
                                         4), ==, MEMTX_DECODE_ERROR);
    g_assert_null(cpu_physical_memory_map(0, &len, false));
    object_unref(owner);
}

/* ---- port lists ---- */

static uint32_t port_log;

static uint32_t port_read8(void *opaque, uint32_t port)
{
    return port & 0xff;
}

static void port_write8(void *opaque, uint32_t port, uint32_t val)
{
    port_log = port << 8 | val;
}

static uint32_t port_read32(void *opaque, uint32_t port)
{
    return 0xabcd0000 | port;
}

static const MemoryRegionPortio ports[] = {
    { 0, 4, 1, .read = port_read8, .write = port_write8 },
    { 2, 1, 4, .read = port_read32 },
    { 16, 2, 1, .read = port_read8 },
    PORTIO_END_OF_LIST()
};

static void test_portio(void)
{
    Object *owner = test_owner_new();
    MemoryRegion io;
    AddressSpace as;
    PortioList list;
    MemTxAttrs a = MEMTXATTRS_UNSPECIFIED;

    memory_region_init(&io, owner, "io", 65536);
    address_space_init(&as, &io, "io");
    portio_list_init(&list, owner, ports, NULL, "ports");
    portio_list_add(&list, &io, 0x300);
    g_assert_cmphex(address_space_ldub(&as, 0x301, a, NULL), ==, 0x01);
    g_assert_cmphex(address_space_lduw_le(&as, 0x300, a, NULL), ==, 0x0100);
    g_assert_cmphex(address_space_ldl_le(&as, 0x302, a, NULL), ==, 0xabcd0302);
    g_assert_cmphex(address_space_ldub(&as, 0x311, a, NULL), ==, 0x11);
    address_space_stw_le(&as, 0x302, 0x7788, a, NULL);
    g_assert_cmphex(port_log, ==, 0x30377); /* the high byte comes last */
    g_assert_cmphex(address_space_ldub(&as, 0x308, a, NULL), ==, 0); /* a gap is nobody's */
    portio_list_del(&list);
    g_assert_cmphex(address_space_ldub(&as, 0x301, a, NULL), ==, 0);
    portio_list_destroy(&list);
    address_space_destroy(&as);
    object_unref(owner);
}

#define ADD(name, fn)                                                                             \
    g_test_add("/memory/address-space/" name, Fixture, NULL, setup, fn, teardown)

int main(int argc, char **argv)
{
    test_init(&argc, &argv);
    ADD("ram-rom", test_ram_rom);
    ADD("holes", test_holes_and_wrap);
    ADD("device-pieces", test_device_pieces);
    ADD("ldst", test_ldst);
    ADD("memfd", test_memfd);
    ADD("map", test_map);
    ADD("bounce", test_bounce);
    ADD("rom-device", test_rom_device);
    ADD("readonly-alias", test_readonly_alias);
    ADD("listener", test_listener);
    g_test_add_func("/memory/address-space/view-lifetime", test_view_lifetime);
    g_test_add_func("/memory/address-space/machine-spaces", test_machine_spaces);
    g_test_add_func("/memory/address-space/portio", test_portio);
    return g_test_run();
}
