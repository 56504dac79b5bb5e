/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map table of a function, and DMA through it, with a client that the test
 * plays (fake-session.h). */
#include "qemu/osdep.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
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
    uint8_t *mem;               /* the client's view of fd */
    unsigned suspended, resumed;
    bool refuse_wait;
} Fixture;

static bool may_wait(void *opaque, int64_t *deadline)
{
    return !((Fixture *)opaque)->refuse_wait;
}

static void on_suspended(void *opaque)
{
    ((Fixture *)opaque)->suspended++;
}

static void on_resumed(void *opaque)
{
    ((Fixture *)opaque)->resumed++;
}

static const IOVAWaitOps wait_ops = { may_wait, on_suspended, on_resumed };

static const IOVASpaceConfig config = {
    .name = "test", .max_maps = 65535, .max_bytes = 1ull << 40, .pipeline = 4,
    .drain_timeout_ns = 50 * SCALE_MS, .op_timeout_ns = 200 * SCALE_MS,
};

static void setup_with(Fixture *f, const IOVASpaceConfig *c)
{
    memset(f, 0, sizeof(*f));
    f->owner = object_new("container");
    f->space = iova_space_new(qemu_get_aio_context(), f->owner, c, &wait_ops, f);
    iova_space_attach(f->space, fake_session_new());
    f->fd = memfd_create("ram", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    g_assert_cmpint(ftruncate(f->fd, 64 * PAGE), ==, 0);
    f->mem = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0);
    fake_room = 64;
    fake_max_xfer = 4096;
}

static void setup(Fixture *f, gconstpointer unused)
{
    setup_with(f, &config);
}

static void teardown(Fixture *f, gconstpointer unused)
{
    iova_space_detach(f->space);
    while (aio_poll(qemu_get_aio_context(), false)) {
    }
    g_assert_cmpuint(iova_space_nr_maps(f->space), ==, 0);
    iova_space_free(f->space);
    object_unref(f->owner);
    fake_session_free();
    munmap(f->mem, 64 * PAGE);
    close(f->fd);
}

static int map_at(Fixture *f, uint64_t iova, uint64_t size, uint64_t offset, uint32_t flags, int fd)
{
    VfuDmaMap map = { .argsz = sizeof(map), .flags = flags, .address = iova, .size = size,
                      .offset = offset };
    g_autoptr(Error) err = NULL;
    int ret = iova_space_map(f->space, &map, fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0), &err);

    g_assert_true(!ret == !err);
    return ret;
}

static MemTxResult rw(Fixture *f, uint64_t iova, void *buf, size_t len, bool is_write)
{
    return iova_dma_ops.rw(f->space, iova, buf, len, is_write, MEMTXATTRS_UNSPECIFIED);
}

static int unmap(Fixture *f, uint64_t first, uint64_t last, uint64_t *bytes)
{
    return iova_space_unmap(f->space, first, last, bytes, NULL, NULL);
}

static void test_reads_and_writes(Fixture *f, gconstpointer unused)
{
    uint8_t buf[2 * PAGE];

    g_assert_cmpint(map_at(f, 0x10000, PAGE, 8 * PAGE, RW, f->fd), ==, 0);
    g_assert_cmpint(map_at(f, 0x11000, PAGE, 2 * PAGE, RW, f->fd), ==, 0);
    memset(buf, 0xa5, sizeof(buf));
    g_assert_cmpint(rw(f, 0x10000, buf, sizeof(buf), true), ==, MEMTX_OK);
    g_assert_cmpmem(f->mem + 8 * PAGE, PAGE, buf, PAGE);
    g_assert_cmpmem(f->mem + 2 * PAGE, PAGE, buf, PAGE);
    g_assert_cmpuint(f->mem[9 * PAGE], ==, 0);
    f->mem[2 * PAGE + 5] = 7;
    g_assert_cmpint(rw(f, 0x11005, buf, 1, false), ==, MEMTX_OK);
    g_assert_cmpuint(buf[0], ==, 7);
    g_assert_cmpuint(iova_space_stats(f->space)->faults, ==, 0);
}

static void test_default_deny(Fixture *f, gconstpointer unused)
{
    uint8_t buf[16] = { 0 };

    g_assert_cmpint(rw(f, 0, buf, 1, false), !=, MEMTX_OK);
    g_assert_cmpint(map_at(f, 0x10000, PAGE, 0, VFU_DMA_F_READ, f->fd), ==, 0);
    g_assert_cmpint(rw(f, 0x10000, buf, 16, false), ==, MEMTX_OK);
    g_assert_cmpint(rw(f, 0x10000, buf, 16, true), !=, MEMTX_OK);
    g_assert_cmpint(rw(f, 0x10ff8, buf, 16, false), !=, MEMTX_OK);      /* runs out */
    g_assert_cmpint(rw(f, 0xffff, buf, 2, false), !=, MEMTX_OK);
    g_assert_cmpint(rw(f, UINT64_MAX, buf, 1, false), !=, MEMTX_OK);
    g_assert_cmpuint(iova_space_stats(f->space)->faults, ==, 5);
    g_assert_cmpuint(fake_pending(), ==, 0);
}

static void test_overlap(Fixture *f, gconstpointer unused)
{
    static const struct { uint64_t iova, size; int ret; } rows[] = {
        { 0x10000, 4 * PAGE, -EEXIST }, { 0x11000, PAGE, -EEXIST },
        { 0xf000, 2 * PAGE, -EEXIST }, { 0x13000, 2 * PAGE, -EEXIST },
        { 0xf000, 8 * PAGE, -EEXIST },
        { 0xf000, PAGE, 0 }, { 0x14000, PAGE, 0 },      /* neighbours are fine */
    };

    g_assert_cmpint(map_at(f, 0x10000, 4 * PAGE, 0, RW, f->fd), ==, 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        g_assert_cmpint(map_at(f, rows[i].iova, rows[i].size, 0, RW, f->fd), ==, rows[i].ret);
    }
    g_assert_cmpuint(iova_space_nr_maps(f->space), ==, 3);
}

static void test_unmap_rules(Fixture *f, gconstpointer unused)
{
    uint64_t bytes;

    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(map_at(f, 0x10000 + i * 2 * PAGE, PAGE, 0, RW, f->fd), ==, 0);
    }
    g_assert_cmpint(map_at(f, 0x100000, 4 * PAGE, 0, RW, -1), ==, 0);
    g_assert_cmpint(unmap(f, 0x100000, 0x100000 + PAGE - 1, &bytes), ==, -EINVAL);
    g_assert_cmpint(unmap(f, 0x101000, 0x200000, &bytes), ==, -EINVAL);
    g_assert_cmpint(unmap(f, 0x101000, 0x101fff, &bytes), ==, -EINVAL);
    g_assert_cmpint(unmap(f, 0x80000, 0x8ffff, &bytes), ==, 0);
    g_assert_cmpuint(bytes, ==, 0);
    g_assert_cmpuint(iova_space_nr_maps(f->space), ==, 4);
    g_assert_cmpint(unmap(f, 0xf000, 0x1ffff, &bytes), ==, 0);          /* superset of three */
    g_assert_cmpuint(bytes, ==, 3 * PAGE);
    g_assert_cmpint(unmap(f, 0, UINT64_MAX, &bytes), ==, 0);
    g_assert_cmpuint(bytes, ==, 4 * PAGE);
}

static bool maps_mention(int fd)
{
    struct stat st;
    g_autofree char *maps = NULL;
    g_autofree char *inode = NULL;

    g_assert_cmpint(fstat(fd, &st), ==, 0);
    g_assert_true(g_file_get_contents("/proc/self/maps", &maps, NULL, NULL));
    inode = g_strdup_printf(" %lu ", (unsigned long)st.st_ino);
    return strstr(maps, inode) != NULL;
}

static void test_unmap_leaves_no_mapping(Fixture *f, gconstpointer unused)
{
    uint64_t bytes;
    int fd = memfd_create("other", MFD_CLOEXEC);
    uint8_t byte = 1;

    g_assert_cmpint(ftruncate(fd, 8 * PAGE), ==, 0);
    for (int i = 0; i < 8; i++) {
        g_assert_cmpint(map_at(f, 0x10000 + i * PAGE, PAGE, i * PAGE, RW, fd), ==, 0);
    }
    g_assert_true(maps_mention(fd));
    g_assert_cmpint(rw(f, 0x10000, &byte, 1, true), ==, MEMTX_OK);
    g_assert_cmpint(unmap(f, 0, UINT64_MAX, &bytes), ==, 0);
    g_assert_false(maps_mention(fd));
    g_assert_cmpint(rw(f, 0x10000, &byte, 1, true), !=, MEMTX_OK);
    close(fd);
}

static int unmap_answered;
static void unmap_done(void *opaque, uint64_t bytes)
{
    unmap_answered++;
    g_assert_cmpuint(bytes, ==, PAGE);
}

static void poll_until(bool (*cond)(void *), void *opaque)
{
    int64_t end = g_get_monotonic_time() + 2 * G_USEC_PER_SEC;

    while (!cond(opaque)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        aio_poll(qemu_get_aio_context(), false);
    }
}

static bool answered(void *opaque)
{
    return unmap_answered > 0;
}

static void test_unmap_waits_for_pointer(Fixture *f, gconstpointer unused)
{
    hwaddr len = PAGE;
    uint64_t bytes;
    uint8_t *p;

    unmap_answered = 0;
    g_assert_cmpint(map_at(f, 0x10000, PAGE, 0, RW, f->fd), ==, 0);
    p = iova_dma_ops.map(f->space, 0x10000, &len, true, MEMTXATTRS_UNSPECIFIED);
    g_assert_nonnull(p);
    g_assert_cmpint(iova_space_unmap(f->space, 0x10000, 0x10fff, &bytes, unmap_done, NULL), ==,
                    VFU_PENDING);
    p[0] = 9;                                           /* still the client's page */
    g_assert_cmpuint(f->mem[0], ==, 9);
    g_assert_cmpint(map_at(f, 0x10000, PAGE, PAGE, RW, f->fd), ==, 0);  /* IOVA is free at once */
    iova_dma_ops.unmap(f->space, p, len, true, len);
    poll_until(answered, NULL);
    g_assert_cmpuint(iova_space_stats(f->space)->drain_timeouts, ==, 0);
}

static void test_unmap_detaches_after_timeout(Fixture *f, gconstpointer unused)
{
    hwaddr len = PAGE;
    uint64_t bytes;
    uint8_t *p, byte = 0;

    unmap_answered = 0;
    g_assert_cmpint(map_at(f, 0x10000, PAGE, 0, RW, f->fd), ==, 0);
    g_assert_cmpint(map_at(f, 0x20000, 2 * PAGE, 0, RW, f->fd), ==, 0); /* same bytes again */
    p = iova_dma_ops.map(f->space, 0x10000, &len, true, MEMTXATTRS_UNSPECIFIED);
    p[0] = 1;
    g_assert_cmpint(iova_space_unmap(f->space, 0x10000, 0x10fff, &bytes, unmap_done, NULL), ==,
                    VFU_PENDING);
    poll_until(answered, NULL);
    g_assert_cmpuint(iova_space_stats(f->space)->drain_timeouts, ==, 1);
    p[0] = 2;                                           /* not the client's any more */
    g_assert_cmpuint(f->mem[0], ==, 1);
    g_assert_cmpint(rw(f, 0x20000, &byte, 1, false), ==, MEMTX_OK);
    g_assert_cmpuint(byte, ==, 1);                      /* the other region kept its bytes */
    iova_dma_ops.unmap(f->space, p, len, true, len);
}

static unsigned count_mappings(void)
{
    g_autofree char *text = NULL;
    unsigned n = 0;

    g_assert_true(g_file_get_contents("/proc/self/maps", &text, NULL, NULL));
    for (const char *p = text; (p = strstr(p, "/memfd:ram")); p++) {
        n++;
    }
    return n;
}

/* Those that share the bytes of a detached region move together: mappings are
 * few for a process, and none is left behind. */
static void test_detach_is_cheap(Fixture *f, gconstpointer unused)
{
    unsigned before = count_mappings();
    hwaddr len = PAGE;
    uint64_t bytes;
    uint8_t *p, byte = 0;

    unmap_answered = 0;
    for (unsigned i = 0; i < 300; i++) {
        g_assert_cmpint(map_at(f, i * PAGE, PAGE, 0, RW, f->fd), ==, 0);
    }
    p = iova_dma_ops.map(f->space, 0, &len, true, MEMTXATTRS_UNSPECIFIED);
    p[0] = 7;
    g_assert_cmpint(iova_space_unmap(f->space, 0, PAGE - 1, &bytes, unmap_done, NULL), ==,
                    VFU_PENDING);
    poll_until(answered, NULL);
    g_assert_cmpuint(count_mappings() - before, <=, 4);
    g_assert_cmpint(rw(f, 299 * PAGE, &byte, 1, false), ==, MEMTX_OK);
    g_assert_cmpuint(byte, ==, 7);
    iova_dma_ops.unmap(f->space, p, len, true, len);
    while (aio_poll(qemu_get_aio_context(), false)) {
    }
    unmap(f, 0, HWADDR_MAX, &bytes);
    g_assert_cmpuint(count_mappings(), ==, before);
}

/* Through the pointer private zeros, by other ways nothing until it is mapped again. */
static void test_torn(Fixture *f, gconstpointer unused)
{
    hwaddr len = PAGE;
    uint64_t bytes;
    uint8_t *p, byte = 5;

    g_assert_cmpint(map_at(f, 0, 8 * PAGE, 0, RW, f->fd), ==, 0);
    p = iova_dma_ops.map(f->space, 2 * PAGE, &len, true, MEMTXATTRS_UNSPECIFIED);
    g_assert_cmpint(ftruncate(f->fd, PAGE), ==, 0);
    p[0] = 1;
    g_assert_cmpint(rw(f, 4 * PAGE, &byte, 1, true), ==, MEMTX_ERROR);
    g_assert_cmpint(rw(f, 0, &byte, 1, true), ==, MEMTX_ERROR);
    g_assert_null(iova_dma_ops.map(f->space, 0, &len, true, MEMTXATTRS_UNSPECIFIED));
    iova_dma_ops.unmap(f->space, p, len, true, len);
    g_assert_cmpint(unmap(f, 0, HWADDR_MAX, &bytes), ==, 0);
    g_assert_cmpint(ftruncate(f->fd, 64 * PAGE), ==, 0);
    g_assert_cmpint(map_at(f, 0, 8 * PAGE, 0, RW, f->fd), ==, 0);
    g_assert_cmpint(rw(f, 2 * PAGE, &byte, 1, true), ==, MEMTX_OK);
    g_assert_cmpuint(f->mem[2 * PAGE], ==, 5);
}

static void test_bad_files(Fixture *f, gconstpointer unused)
{
    int null = open("/dev/null", O_RDWR), dir = open("/tmp", O_RDONLY | O_DIRECTORY), sv[2];
    g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", f->fd);
    int ro = open(link, O_RDONLY), path = open(link, O_PATH);

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), ==, 0);
    g_assert_cmpint(map_at(f, 0, PAGE, 0, RW, null), <, 0);
    g_assert_cmpint(map_at(f, 0, PAGE, 0, VFU_DMA_F_READ, dir), <, 0);
    g_assert_cmpint(map_at(f, 0, PAGE, 0, RW, sv[0]), <, 0);
    g_assert_cmpint(map_at(f, 0, PAGE, 0, RW, path), <, 0);
    g_assert_cmpint(map_at(f, 0, PAGE, 0, RW, ro), ==, -EACCES);
    g_assert_cmpint(map_at(f, 0, PAGE, 64 * PAGE, RW, f->fd), ==, -EINVAL);     /* behind the end */
    g_assert_cmpint(map_at(f, 0, 65 * PAGE, 0, RW, f->fd), ==, -EINVAL);
    g_assert_cmpint(map_at(f, 0, PAGE, INT64_MAX & ~(PAGE - 1), RW, f->fd), ==, -EINVAL);
    g_assert_cmpuint(iova_space_nr_maps(f->space), ==, 0);
    g_assert_cmpint(map_at(f, 0, PAGE, 0, VFU_DMA_F_READ, ro), ==, 0);
    close(null), close(dir), close(ro), close(path), close(sv[0]), close(sv[1]);
}

static void test_truncated(Fixture *f, gconstpointer unused)
{
    uint8_t buf[8] = { 0 };

    g_assert_cmpint(map_at(f, 0, 8 * PAGE, 0, RW, f->fd), ==, 0);
    g_assert_cmpint(ftruncate(f->fd, PAGE), ==, 0);
    g_assert_cmpint(rw(f, 4 * PAGE, buf, 8, true), ==, MEMTX_ERROR);
    g_assert_cmpint(rw(f, 4 * PAGE, buf, 8, false), ==, MEMTX_ERROR);
    g_assert_cmpint(rw(f, 0, buf, 8, true), ==, MEMTX_OK);
}

static void test_max_maps(void)
{
    IOVASpaceConfig c = config;
    Fixture f;

    c.max_maps = 3;
    setup_with(&f, &c);
    for (int i = 0; i < 5; i++) {
        g_assert_cmpint(map_at(&f, i * PAGE, PAGE, 0, RW, f.fd), ==, i < 3 ? 0 : -ENOSPC);
    }
    teardown(&f, NULL);
}

static void test_seals(void)
{
    IOVASpaceConfig c = config;
    Fixture f;

    c.require_shrink_seal = true;
    setup_with(&f, &c);
    g_assert_cmpint(map_at(&f, 0, PAGE, 0, RW, f.fd), ==, -EPERM);
    g_assert_cmpint(fcntl(f.fd, F_ADD_SEALS, F_SEAL_SHRINK), ==, 0);
    g_assert_cmpint(map_at(&f, 0, PAGE, 0, RW, f.fd), ==, 0);
    teardown(&f, NULL);
}

static void test_file_access(void)
{
    IOVASpaceConfig c = config;
    Fixture f;
    uint8_t buf[100];

    c.access = IOVA_ACCESS_FILE;
    setup_with(&f, &c);
    g_assert_cmpint(map_at(&f, 0x1000, 2 * PAGE, PAGE, RW, f.fd), ==, 0);
    memset(buf, 3, sizeof(buf));
    g_assert_cmpint(rw(&f, 0x1ff0, buf, sizeof(buf), true), ==, MEMTX_OK);
    g_assert_cmpmem(f.mem + PAGE + 0xff0, sizeof(buf), buf, sizeof(buf));
    g_assert_cmpint(ftruncate(f.fd, 0), ==, 0);
    g_assert_cmpint(rw(&f, 0x1ff0, buf, sizeof(buf), false), ==, MEMTX_ERROR);
    teardown(&f, NULL);
}

/* --- messages --- */

typedef struct Done {
    int calls;
    MemTxResult result;
} Done;

static void on_done(void *opaque, MemTxResult result)
{
    Done *d = opaque;

    d->calls++;
    d->result = result;
}

static void *start(Fixture *f, uint64_t iova, void *buf, size_t len, bool is_write, Done *d)
{
    *d = (Done) { 0 };
    return iova_dma_ops.rw_async(f->space, iova, buf, len, is_write, MEMTXATTRS_UNSPECIFIED,
                                 on_done, d);
}

static FakeMessage *message(unsigned i)
{
    return g_ptr_array_index(fake_messages, i);
}

static void test_message_pipeline(Fixture *f, gconstpointer unused)
{
    uint8_t buf[6 * PAGE], page[PAGE];
    Done d;

    g_assert_cmpint(map_at(f, 0, 16 * PAGE, 0, RW, -1), ==, 0);
    g_assert_nonnull(start(f, 0x800, buf, sizeof(buf), false, &d));
    g_assert_cmpuint(fake_pending(), ==, 4);            /* pipeline */
    for (int i = 0; i < 6; i++) {
        memset(page, i, sizeof(page));
        fake_answer(0, page, sizeof(page));
    }
    g_assert_cmpint(d.calls, ==, 1);
    g_assert_cmpint(d.result, ==, MEMTX_OK);
    for (int i = 0; i < 6; i++) {
        g_assert_cmpuint(message(i)->address, ==, 0x800 + i * PAGE);
        g_assert_cmpuint(buf[i * PAGE], ==, i);
        g_assert_cmpuint(buf[i * PAGE + PAGE - 1], ==, i);
    }
}

enum { READS = 8, EACH = 48 * 1024, ROOM = 150 * 1024 };

static void turns(void)
{
    while (aio_poll(qemu_get_aio_context(), false)) {
    }
}

/* Stock QEMU loses what does not fit its socket of 208 KiB; an answer takes twice its size. */
static void test_answers_fit_socket(Fixture *f, gconstpointer unused)
{
    g_autofree uint8_t *buf = g_malloc(READS * EACH), *page = g_malloc0(EACH);
    Done d[READS];
    size_t answers = 0;

    fake_max_xfer = 1 << 20;
    g_assert_cmpint(map_at(f, 0, 256 * PAGE, 0, RW, -1), ==, 0);
    for (int i = 0; i < READS; i++) {
        g_assert_nonnull(start(f, i * EACH, buf + i * EACH, EACH, false, &d[i]));
    }
    while (fake_pending()) {
        g_assert_cmpuint(2 * fake_answers_due(), <=, ROOM);
        fake_answer(0, page, message(answers++)->count);
        turns();
    }
    for (int i = 0; i < READS; i++) {
        g_assert_cmpint(d[i].calls, ==, 1);
        g_assert_cmpint(d[i].result, ==, MEMTX_OK);
    }
}

static FakeMessage *oldest(void)
{
    unsigned i = 0;

    while (message(i)->cancelled) {
        i++;
    }
    return message(i);
}

/* Reads of the first half are started and taken back, with what they wait for. */
static void start_and_cancel(Fixture *f, uint8_t *buf, Done *d, uint64_t *unmapped)
{
    void *handles[READS];

    fake_max_xfer = 1 << 20;
    g_assert_cmpint(map_at(f, 0, 128 * PAGE, 0, RW, -1), ==, 0);
    g_assert_cmpint(map_at(f, 128 * PAGE, 128 * PAGE, 0, RW, -1), ==, 0);
    for (int i = 0; i < READS; i++) {
        handles[i] = start(f, i * EACH, buf, EACH, false, &d[i]);
        g_assert_nonnull(handles[i]);
    }
    if (unmapped) {
        g_assert_cmpint(unmap(f, 0, 128 * PAGE - 1, unmapped), ==, 0);
        return;
    }
    for (int i = 0; i < READS; i++) {
        iova_dma_ops.cancel(f->space, handles[i]);
    }
}

/* What was cancelled is answered all the same, and takes its room until then. */
static void test_cancelled_answers_fit(Fixture *f, gconstpointer by_unmap)
{
    g_autofree uint8_t *buf = g_malloc(EACH), *page = g_malloc0(EACH);
    Done old[READS], d[READS];
    uint64_t unmapped = 0;
    unsigned late;

    start_and_cancel(f, buf, old, by_unmap ? &unmapped : NULL);
    g_assert_cmpint(old[0].calls, ==, by_unmap ? 1 : 0);
    g_assert_cmpuint(fake_pending(), ==, 0);
    g_assert_cmpuint(fake_answers_due(), >=, EACH);
    late = fake_messages->len;
    for (int i = 0; i < READS; i++) {
        start(f, 128 * PAGE + i * EACH, buf, EACH, false, &d[i]);
        g_assert_cmpuint(2 * fake_answers_due(), <=, ROOM);
    }
    for (; late; late--) {
        fake_answer_late();
        turns();
        g_assert_cmpuint(2 * fake_answers_due(), <=, ROOM);
    }
    while (fake_pending()) {
        fake_answer(0, page, oldest()->count);
        turns();
        g_assert_cmpuint(2 * fake_answers_due(), <=, ROOM);
    }
    for (int i = 0; i < READS; i++) {
        g_assert_cmpint(d[i].calls, ==, 1);
        g_assert_cmpint(d[i].result, ==, MEMTX_OK);
    }
}

/* A client that never answers makes no room: who waits for it does not wait for ever. */
static void test_cancelled_never_answered(Fixture *f, gconstpointer unused)
{
    g_autofree uint8_t *buf = g_malloc(EACH);
    int64_t end = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;
    Done old[READS], d;

    start_and_cancel(f, buf, old, NULL);
    g_assert_nonnull(start(f, 128 * PAGE, buf, EACH, false, &d));
    g_assert_cmpuint(fake_pending(), ==, 0);
    while (!d.calls) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        aio_poll(qemu_get_aio_context(), true);
    }
    g_assert_cmpint(d.result, ==, MEMTX_ERROR);
    /* The next client owes nothing. */
    iova_space_detach(f->space);
    iova_space_attach(f->space, (VfuSession *)f);
    g_assert_cmpint(map_at(f, 0, 128 * PAGE, 0, RW, -1), ==, 0);
    g_assert_nonnull(start(f, 0, buf, EACH, false, &d));
    g_assert_cmpuint(fake_pending(), >, 0);
}

static void test_message_mixed_with_memory(Fixture *f, gconstpointer unused)
{
    uint8_t buf[3 * PAGE];
    Done d;

    g_assert_cmpint(map_at(f, 0, PAGE, 0, RW, f->fd), ==, 0);
    g_assert_cmpint(map_at(f, PAGE, PAGE, 0, RW, -1), ==, 0);
    g_assert_cmpint(map_at(f, 2 * PAGE, PAGE, 5 * PAGE, RW, f->fd), ==, 0);
    memset(buf, 0x11, sizeof(buf));
    g_assert_nonnull(start(f, 0, buf, sizeof(buf), true, &d));
    g_assert_cmpuint(f->mem[0], ==, 0x11);
    g_assert_cmpuint(f->mem[5 * PAGE], ==, 0);          /* in order: not yet */
    fake_answer(0, NULL, PAGE);
    g_assert_cmpint(d.calls, ==, 1);
    g_assert_cmpuint(f->mem[5 * PAGE], ==, 0x11);
}

static void test_message_failures(Fixture *f, gconstpointer unused)
{
    static const struct { int err; size_t count; } bad[] = {
        { -EFAULT, 0 }, { -ETIMEDOUT, 0 }, { 0, 1 }, { -EPROTO, 0 },
    };
    uint8_t buf[PAGE], page[PAGE] = { 0 };
    Done d;

    g_assert_cmpint(map_at(f, 0, PAGE, 0, RW, -1), ==, 0);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        start(f, 0, buf, sizeof(buf), false, &d);
        fake_answer(bad[i].err, page, bad[i].count);
        g_assert_cmpint(d.calls, ==, 1);
        g_assert_cmpint(d.result, ==, MEMTX_ERROR);
    }
    fake_answer_late();         /* what timed out is owed no more */
    fake_room = 0;
    g_assert_null(start(f, 0, buf, sizeof(buf), false, &d));
    g_assert_cmpint(d.result, ==, MEMTX_ERROR);
}

static void test_message_room(Fixture *f, gconstpointer unused)
{
    uint8_t a[PAGE], b[PAGE], page[PAGE] = { 0 };
    Done da, db;

    fake_room = 1;
    g_assert_cmpint(map_at(f, 0, 4 * PAGE, 0, RW, -1), ==, 0);
    start(f, 0, a, sizeof(a), false, &da);
    start(f, PAGE, b, sizeof(b), false, &db);           /* waits for room */
    g_assert_cmpint(db.calls, ==, 0);
    fake_answer(0, page, sizeof(page));
    turns();
    g_assert_cmpint(da.calls, ==, 1);
    g_assert_cmpuint(fake_pending(), ==, 1);
    fake_answer(0, page, sizeof(page));
    g_assert_cmpint(db.calls, ==, 1);
    g_assert_cmpint(db.result, ==, MEMTX_OK);
}

static void test_unmap_cancels_messages(Fixture *f, gconstpointer unused)
{
    uint8_t buf[PAGE];
    uint64_t bytes;
    Done d;

    g_assert_cmpint(map_at(f, 0, PAGE, 0, RW, -1), ==, 0);
    start(f, 0, buf, sizeof(buf), false, &d);
    g_assert_cmpint(unmap(f, 0, UINT64_MAX, &bytes), ==, 0);
    g_assert_cmpint(d.calls, ==, 1);
    g_assert_cmpint(d.result, ==, MEMTX_ERROR);
    g_assert_cmpuint(fake_pending(), ==, 0);
}

static void test_cancel(Fixture *f, gconstpointer unused)
{
    uint8_t buf[PAGE];
    Done d;
    void *handle;

    g_assert_cmpint(map_at(f, 0, PAGE, 0, RW, -1), ==, 0);
    handle = start(f, 0, buf, sizeof(buf), false, &d);
    iova_dma_ops.cancel(f->space, handle);
    g_assert_cmpint(d.calls, ==, 0);
    g_assert_cmpuint(fake_pending(), ==, 0);
}

static void answer_soon(void *opaque)
{
    uint8_t page[PAGE];

    memset(page, 0x77, sizeof(page));
    fake_answer(0, page, sizeof(page));
}

static void test_synchronous(Fixture *f, gconstpointer unused)
{
    uint8_t buf[PAGE];

    g_assert_cmpint(map_at(f, 0, PAGE, 0, RW, -1), ==, 0);
    aio_bh_schedule_oneshot(qemu_get_aio_context(), answer_soon, NULL);
    g_assert_cmpint(rw(f, 0, buf, sizeof(buf), false), ==, MEMTX_OK);
    g_assert_cmpuint(buf[100], ==, 0x77);
    g_assert_cmpuint(f->suspended, ==, 1);
    g_assert_cmpuint(f->resumed, ==, 1);
    g_assert_cmpint(rw(f, 0, buf, sizeof(buf), false), ==, MEMTX_ERROR);        /* times out */
    f->refuse_wait = true;
    g_assert_cmpint(rw(f, 0, buf, sizeof(buf), false), ==, MEMTX_ERROR);
    g_assert_cmpuint(f->suspended, ==, 2);
}

static unsigned revoked;
static void on_revoke(MemoryRegionDMANotifier *n, hwaddr first, hwaddr last)
{
    revoked++;
}

static void test_revoke_notifier(Fixture *f, gconstpointer unused)
{
    MemoryRegionDMANotifier n = { .revoke = on_revoke };
    uint64_t bytes;

    revoked = 0;
    iova_dma_ops.add_notifier(f->space, &n);
    g_assert_cmpint(map_at(f, 0, PAGE, 0, RW, f->fd), ==, 0);
    g_assert_cmpint(unmap(f, 0, PAGE - 1, &bytes), ==, 0);
    g_assert_cmpuint(revoked, ==, 1);
    g_assert_cmpint(unmap(f, 0, PAGE - 1, &bytes), ==, 0);      /* nothing there: no news */
    g_assert_cmpuint(revoked, ==, 1);
    iova_dma_ops.remove_notifier(f->space, &n);
}

/* Against a byte-wise model: every page is unmapped, or maps one file page. */
/* The next client's maps, made aside, become the space's; a device still has a
 * pointer into the memory of the client before. */
static void test_adopt(Fixture *f, gconstpointer unused)
{
    IOVASpace *aside = iova_space_new(qemu_get_aio_context(), NULL, &config, NULL, NULL);
    Fixture next = { .space = aside };
    unsigned before = count_mappings();
    hwaddr len = PAGE;
    uint64_t bytes;
    uint8_t *p, byte = 0;

    g_assert_cmpint(map_at(f, 0x1000, PAGE, 0, RW, f->fd), ==, 0);
    g_assert_cmpint(map_at(&next, 0x1000, PAGE, 4 * PAGE, RW, f->fd), ==, 0);
    g_assert_cmpint(map_at(&next, 0x3000, PAGE, 5 * PAGE, RW, f->fd), ==, 0);
    g_assert_cmpint(unmap(&next, 0x3000, 0x3fff, &bytes), ==, 0);
    g_assert_cmpuint(bytes, ==, PAGE);
    f->mem[0] = 1;
    f->mem[4 * PAGE] = 2;
    p = iova_dma_ops.map(f->space, 0x1000, &len, true, MEMTXATTRS_UNSPECIFIED);
    g_assert_cmpuint(p[0], ==, 1);

    iova_space_detach(f->space);
    iova_space_adopt(f->space, aside);
    iova_space_detach(aside);
    iova_space_free(aside);
    iova_space_attach(f->space, (VfuSession *)f);
    g_assert_cmpuint(iova_space_nr_maps(f->space), ==, 1);
    g_assert_cmpint(rw(f, 0x1000, &byte, 1, false), ==, MEMTX_OK);
    g_assert_cmpuint(byte, ==, 2);
    g_assert_cmpint(rw(f, 0x3000, &byte, 1, false), !=, MEMTX_OK);
    p[0] = 9;                                   /* goes nowhere */
    g_assert_cmpuint(f->mem[0], ==, 1);
    iova_dma_ops.unmap(f->space, p, len, true, len);
    g_assert_cmpint(unmap(f, 0, HWADDR_MAX, &bytes), ==, 0);
    while (aio_poll(qemu_get_aio_context(), false)) {
    }
    g_assert_cmpuint(count_mappings(), ==, before);
}

static void test_random_against_model(Fixture *f, gconstpointer unused)
{
    enum { N = 64 };
    int model[N];
    GRand *r = g_rand_new_with_seed(42);

    memset(model, 0xff, sizeof(model));
    for (int step = 0; step < 4000; step++) {
        int first = g_rand_int_range(r, 0, N), len = g_rand_int_range(r, 1, 5);
        int last = MIN(N, first + len) - 1, off = g_rand_int_range(r, 0, N - 5);
        bool any = false, cut = false;
        uint64_t bytes;
        uint8_t byte;

        for (int i = first; i <= last; i++) {
            any |= model[i] >= 0;
        }
        if (g_rand_boolean(r)) {
            int ret = map_at(f, first * PAGE, (last - first + 1) * PAGE, off * PAGE, RW, f->fd);

            g_assert_cmpint(ret, ==, any ? -EEXIST : 0);
            for (int i = first; !ret && i <= last; i++) {
                model[i] = (off + i - first) | (i == first ? 0x100 : 0) | (i == last ? 0x200 : 0);
            }
        } else {
            cut = (model[first] >= 0 && !(model[first] & 0x100)) ||
                  (model[last] >= 0 && !(model[last] & 0x200));
            g_assert_cmpint(unmap(f, first * PAGE, (last + 1) * PAGE - 1, &bytes), ==,
                            cut ? -EINVAL : 0);
            for (int i = first; !cut && i <= last; i++) {
                model[i] = -1;
            }
        }
        f->mem[off * PAGE] = step;
        if (model[first] >= 0) {
            g_assert_cmpint(rw(f, first * PAGE, &byte, 1, false), ==, MEMTX_OK);
            g_assert_cmpuint(byte, ==, f->mem[(model[first] & 0xff) * PAGE]);
        } else {
            g_assert_cmpint(rw(f, first * PAGE, &byte, 1, false), !=, MEMTX_OK);
        }
    }
    g_rand_free(r);
}

#define ADD(name, fn) g_test_add("/iova-space/" name, Fixture, NULL, setup, fn, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    qemu_init_main_loop(&error_fatal);
    sigbus_init();
    ADD("rw", test_reads_and_writes);
    ADD("default-deny", test_default_deny);
    ADD("overlap", test_overlap);
    ADD("unmap-rules", test_unmap_rules);
    ADD("unmap-leaves-no-mapping", test_unmap_leaves_no_mapping);
    ADD("unmap-waits", test_unmap_waits_for_pointer);
    ADD("unmap-detaches", test_unmap_detaches_after_timeout);
    ADD("detach-is-cheap", test_detach_is_cheap);
    ADD("torn", test_torn);
    ADD("bad-files", test_bad_files);
    ADD("truncated", test_truncated);
    ADD("message/pipeline", test_message_pipeline);
    ADD("message/answers-fit", test_answers_fit_socket);
    ADD("message/cancelled-answers-fit", test_cancelled_answers_fit);
    g_test_add("/iova-space/message/unmapped-answers-fit", Fixture, "unmap", setup,
               test_cancelled_answers_fit, teardown);
    ADD("message/cancelled-never-answered", test_cancelled_never_answered);
    ADD("message/mixed", test_message_mixed_with_memory);
    ADD("message/failures", test_message_failures);
    ADD("message/room", test_message_room);
    ADD("message/unmap", test_unmap_cancels_messages);
    ADD("message/cancel", test_cancel);
    ADD("message/synchronous", test_synchronous);
    ADD("revoke", test_revoke_notifier);
    ADD("adopt", test_adopt);
    ADD("random", test_random_against_model);
    g_test_add_func("/iova-space/max-maps", test_max_maps);
    g_test_add_func("/iova-space/seals", test_seals);
    g_test_add_func("/iova-space/file-access", test_file_access);
    return g_test_run();
}
