/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking into an IOVA space: the maps, their kinds, the bytes; and that it leaves no trace. */
#include "qemu/osdep.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "outbound/iova-internal.h"
#include "fake-session.h"

#define PAGE 4096ull
#define RW (VFU_DMA_F_READ | VFU_DMA_F_WRITE)

typedef struct Fixture {
    Object *owner;
    IOVASpace *space;
    int fd;
} Fixture;

static bool may_wait(void *opaque, int64_t *deadline)
{
    g_assert_not_reached();     /* nothing here waits for a client */
}

static const IOVAWaitOps wait_ops = { .may_wait = may_wait };

static void setup(Fixture *f, gconstpointer access)
{
    IOVASpaceConfig config = {
        .name = "test", .max_maps = 65535, .max_bytes = 1ull << 40, .pipeline = 4,
        .drain_timeout_ns = 50 * SCALE_MS, .op_timeout_ns = 200 * SCALE_MS,
        .access = GPOINTER_TO_INT(access),
    };

    f->owner = object_new("container");
    f->space = iova_space_new(qemu_get_aio_context(), f->owner, &config, &wait_ops, f);
    iova_space_attach(f->space, fake_session_new());
    f->fd = memfd_create("ram", MFD_CLOEXEC);
    g_assert_cmpint(ftruncate(f->fd, 64 * PAGE), ==, 0);
    fake_room = 64;
}

static void teardown(Fixture *f, gconstpointer unused)
{
    iova_space_detach(f->space);
    for (int kind = 0; kind < IOVA_NR_KINDS; kind++) {
        g_assert_cmpuint(iova_space_nr_kind(f->space, kind), ==, 0);
    }
    iova_space_free(f->space);
    object_unref(f->owner);
    fake_session_free();
    close(f->fd);
}

static void map(Fixture *f, uint64_t iova, uint64_t size, uint64_t offset, uint32_t flags, int fd)
{
    VfuDmaMap m = { .argsz = sizeof(m), .flags = flags, .address = iova, .size = size,
                    .offset = offset };

    g_assert_cmpint(iova_space_map(f->space, &m, fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0),
                                   &error_abort), ==, 0);
}

static void unmap(Fixture *f, uint64_t first, uint64_t last)
{
    uint64_t bytes;

    g_assert_cmpint(iova_space_unmap(f->space, first, last, &bytes, NULL, NULL), ==, 0);
}

static void test_maps(Fixture *f, gconstpointer unused)
{
    IOVAMapInfo maps[4];
    struct stat st;

    g_assert_cmpuint(iova_space_copy_maps(f->space, 0, maps, 4), ==, 0);
    map(f, 0x10000, 2 * PAGE, 8 * PAGE, VFU_DMA_F_READ, f->fd);
    map(f, 0, PAGE, 0, RW, -1);
    map(f, -PAGE, PAGE, PAGE, VFU_DMA_F_WRITE, f->fd);
    g_assert_cmpuint(iova_space_copy_maps(f->space, 0, maps, 4), ==, 3);
    g_assert_cmpint(fstat(f->fd, &st), ==, 0);

    g_assert_cmphex(maps[0].first, ==, 0);
    g_assert_cmpint(maps[0].kind, ==, IOVA_MESSAGE);
    g_assert_true(maps[0].readable && maps[0].writable);
    g_assert_cmphex(maps[1].first, ==, 0x10000);
    g_assert_cmpuint(maps[1].size, ==, 2 * PAGE);
    g_assert_cmpuint(maps[1].offset, ==, 8 * PAGE);
    g_assert_cmpuint(maps[1].inode, ==, st.st_ino);
    g_assert_true(maps[1].readable && !maps[1].writable && !maps[1].torn);
    g_assert_cmphex(maps[2].first, ==, -PAGE);
    g_assert_true(!maps[2].readable && maps[2].writable);

    g_assert_cmpuint(iova_space_nr_kind(f->space, IOVA_MAPPED), ==, 2);
    g_assert_cmpuint(iova_space_nr_kind(f->space, IOVA_MESSAGE), ==, 1);
    unmap(f, 0, PAGE - 1);
    g_assert_cmpuint(iova_space_nr_kind(f->space, IOVA_MESSAGE), ==, 0);
}

/* Portions meet without a gap, whatever is unmapped between them. */
static void test_portions(Fixture *f, gconstpointer unused)
{
    IOVAMapInfo maps[7];
    hwaddr from = 0;
    unsigned total = 0, n;

    for (unsigned i = 0; i < 50; i++) {
        map(f, i * 2 * PAGE, PAGE, 0, RW, -1);
    }
    while ((n = iova_space_copy_maps(f->space, from, maps, 7))) {
        for (unsigned i = 0; i < n; i++) {
            g_assert_cmphex(maps[i].first, ==, (total + i) * 2 * PAGE);
        }
        total += n;
        /* The last one goes before the next portion is asked for. */
        unmap(f, maps[n - 1].first, maps[n - 1].first + PAGE - 1);
        from = maps[n - 1].first + maps[n - 1].size;
    }
    g_assert_cmpuint(total, ==, 50);
}

static void assert_peek_fails(Fixture *f, hwaddr addr, hwaddr len, const char *text)
{
    g_autoptr(Error) err = NULL;
    uint8_t buf[64];

    g_assert_false(iova_space_peek(f->space, addr, buf, len, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), text));
}

static void test_peek(Fixture *f, gconstpointer unused)
{
    const uint8_t expect[] = { 1, 2, 3, 4 };
    IOVASpaceStats before;
    uint8_t buf[8];

    g_assert_cmpint(pwrite(f->fd, expect, 2, 2 * PAGE - 2), ==, 2);
    g_assert_cmpint(pwrite(f->fd, expect + 2, 2, 5 * PAGE), ==, 2);
    map(f, 0x10000, PAGE, PAGE, VFU_DMA_F_READ, f->fd);
    map(f, 0x11000, PAGE, 5 * PAGE, RW, f->fd);
    map(f, 0x12000, PAGE, 0, VFU_DMA_F_WRITE, f->fd);
    map(f, 0x14000, PAGE, 0, RW, -1);
    map(f, -PAGE, PAGE, PAGE, RW, f->fd);
    before = *iova_space_stats(f->space);

    g_assert_true(iova_space_peek(f->space, 0x10ffe, buf, 4, &error_abort));
    g_assert_cmpmem(buf, 4, expect, 4);
    g_assert_true(iova_space_peek(f->space, UINT64_MAX - 1, buf, 2, &error_abort));
    g_assert_cmpmem(buf, 2, expect, 2);
    assert_peek_fails(f, 0xffff, 2, "0xffff: not mapped");
    assert_peek_fails(f, 0x11ffc, 8, "0x12000: mapped write-only");
    assert_peek_fails(f, 0x14000, 8, "messages");
    assert_peek_fails(f, UINT64_MAX - 1, 8, "0x0: not mapped");
    g_assert_cmpmem(iova_space_stats(f->space), sizeof(before), &before, sizeof(before));
    g_assert_cmpuint(fake_pending(), ==, 0);
}

static void test_torn(Fixture *f, gconstpointer unused)
{
    IOVAMapInfo info;

    map(f, 0x10000, PAGE, PAGE, RW, f->fd);
    g_assert_cmpint(ftruncate(f->fd, 0), ==, 0);
    assert_peek_fails(f, 0x10000, 4, "the client's memory is gone");
    g_assert_cmpuint(iova_space_copy_maps(f->space, 0, &info, 1), ==, 1);
}

static void test_file(Fixture *f, gconstpointer unused)
{
    IOVAMapInfo info;
    uint8_t buf[2];

    g_assert_cmpint(pwrite(f->fd, "xy", 2, PAGE), ==, 2);
    map(f, 0x10000, PAGE, PAGE, RW, f->fd);
    g_assert_cmpuint(iova_space_nr_kind(f->space, IOVA_FILE), ==, 1);
    g_assert_true(iova_space_peek(f->space, 0x10000, buf, 2, &error_abort));
    g_assert_cmpmem(buf, 2, "xy", 2);
    g_assert_cmpuint(iova_space_stats(f->space)->file_bytes, ==, 0);
    g_assert_cmpuint(iova_space_copy_maps(f->space, 0, &info, 1), ==, 1);
    g_assert_cmpint(info.kind, ==, IOVA_FILE);
}

#define ADD(name, access, fn) \
    g_test_add("/iova-query/" name, Fixture, GINT_TO_POINTER(access), setup, fn, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    module_call_init(MODULE_INIT_QOM);
    sigbus_init();
    ADD("maps", IOVA_ACCESS_AUTO, test_maps);
    ADD("portions", IOVA_ACCESS_AUTO, test_portions);
    ADD("peek", IOVA_ACCESS_AUTO, test_peek);
    ADD("torn", IOVA_ACCESS_AUTO, test_torn);
    ADD("file", IOVA_ACCESS_FILE, test_file);
    return g_test_run();
}
