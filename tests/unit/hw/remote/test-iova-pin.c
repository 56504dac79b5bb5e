/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pins of client memory: through an address space, as devices take them. */
#include "qemu/osdep.h"
#include <fcntl.h>
#include <sys/mman.h>
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "sysemu/dma.h"
#include "outbound/iova-internal.h"
#include "fake-session.h"

#define PAGE 4096ull
#define RW (VFU_DMA_F_READ | VFU_DMA_F_WRITE)

typedef struct Fixture {
    Object *owner;
    IOVASpace *space;
    AddressSpace as;
    MemoryRegionDMANotifier notifier;
    DMAPin *give_back;          /* by the notifier */
    unsigned revoked;
    unsigned answered;          /* UNMAPs */
    int fd;
    uint8_t *mem;               /* the client's view of fd */
} Fixture;

static bool may_wait(void *opaque, int64_t *deadline)
{
    return false;
}

static void nothing(void *opaque)
{
}

static const IOVAWaitOps wait_ops = { may_wait, nothing, nothing };

static void on_revoke(MemoryRegionDMANotifier *n, hwaddr first, hwaddr last)
{
    Fixture *f = container_of(n, Fixture, notifier);

    f->revoked++;
    g_assert_cmpuint(f->answered, ==, 0);
    if (f->give_back) {
        g_assert_true(dma_memory_unpin(g_steal_pointer(&f->give_back)));
    }
}

static void setup(Fixture *f, gconstpointer unused)
{
    static const IOVASpaceConfig config = {
        .name = "test", .max_maps = 65535, .max_bytes = 1ull << 40, .pipeline = 4,
        .drain_timeout_ns = 50 * SCALE_MS, .op_timeout_ns = 200 * SCALE_MS,
    };

    f->owner = object_new("container");
    f->space = iova_space_new(qemu_get_aio_context(), f->owner, &config, &wait_ops, f);
    iova_space_attach(f->space, fake_session_new());
    address_space_init(&f->as, iova_space_region(f->space), "bus master");
    f->notifier.revoke = on_revoke;
    dma_add_revoke_notifier(&f->as, &f->notifier);
    f->fd = memfd_create("ram", MFD_CLOEXEC);
    g_assert_cmpint(ftruncate(f->fd, 64 * PAGE), ==, 0);
    f->mem = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0);
}

static void run_loop(void)
{
    while (aio_poll(qemu_get_aio_context(), false)) {
    }
}

static void free_space(Fixture *f)
{
    dma_remove_revoke_notifier(&f->as, &f->notifier);
    iova_space_detach(f->space);
    run_loop();
    address_space_destroy(&f->as);
    iova_space_free(g_steal_pointer(&f->space));
}

static void teardown(Fixture *f, gconstpointer unused)
{
    if (f->space) {
        g_assert_cmpuint(f->space->pins, ==, 0);
        free_space(f);
    }
    g_assert_cmpuint(f->owner->refs, ==, 1);
    object_unref(f->owner);
    fake_session_free();
    munmap(f->mem, 64 * PAGE);
    close(f->fd);
}

static void map_at(Fixture *f, uint64_t iova, uint64_t size, uint64_t offset, uint32_t flags,
                   bool with_file)
{
    VfuDmaMap map = { .argsz = sizeof(map), .flags = flags, .address = iova, .size = size,
                      .offset = offset };
    int fd = with_file ? fcntl(f->fd, F_DUPFD_CLOEXEC, 0) : -1;

    g_assert_cmpint(iova_space_map(f->space, &map, fd, &error_abort), ==, 0);
}

static bool pin(Fixture *f, hwaddr addr, hwaddr len, bool write, DMAPin *p)
{
    return dma_memory_pin(&f->as, addr, len,
                          write ? DMA_DIRECTION_FROM_DEVICE : DMA_DIRECTION_TO_DEVICE,
                          MEMTXATTRS_UNSPECIFIED, p);
}

static void unmap_done(void *opaque, uint64_t bytes)
{
    ((Fixture *)opaque)->answered++;
}

static int unmap(Fixture *f, hwaddr first, hwaddr last)
{
    uint64_t bytes;

    return iova_space_unmap(f->space, first, last, &bytes, unmap_done, f);
}

static void test_in_place(Fixture *f, gconstpointer unused)
{
    DMAPin a, b;

    map_at(f, 0x10000, 2 * PAGE, 8 * PAGE, RW, true);
    map_at(f, 0x12000, PAGE, 2 * PAGE, RW, true);
    g_assert_true(pin(f, 0x10010, 16, true, &a));
    g_assert_cmpuint(a.len, ==, 16);
    memset(a.host, 0x5a, 16);
    g_assert_cmpuint(f->mem[8 * PAGE + 0x10], ==, 0x5a);
    g_assert_cmpuint(f->mem[8 * PAGE + 0x20], ==, 0);
    g_assert_true(pin(f, 0x11ff0, 2 * PAGE, true, &b));         /* to the region's end */
    g_assert_cmpuint(b.len, ==, 16);
    g_assert_true(dma_memory_unpin(&a));
    g_assert_null(a.host);
    g_assert_true(dma_memory_unpin(&b));
    g_assert_cmpuint(iova_space_stats(f->space)->direct_bytes, ==, 32);
}

/* Nothing is counted as a fault: the caller does it another way, and that way counts. */
static void test_refused(Fixture *f, gconstpointer unused)
{
    DMAPin p;

    map_at(f, 0x10000, PAGE, 0, VFU_DMA_F_READ, true);
    map_at(f, 0x20000, PAGE, 0, RW, false);
    g_assert_false(pin(f, 0x10000, 16, true, &p));
    g_assert_false(pin(f, 0x20000, 16, true, &p));              /* messages only */
    g_assert_false(pin(f, 0x30000, 16, false, &p));
    g_assert_false(pin(f, 0x10000, 0, false, &p));
    g_assert_false(pin(f, HWADDR_MAX, 2, false, &p));
    g_assert_true(pin(f, 0x10000, 16, false, &p));
    g_assert_true(dma_memory_unpin(&p));
    g_assert_cmpuint(iova_space_stats(f->space)->faults, ==, 0);
    g_assert_cmpuint(address_space_fault_count(&f->as), ==, 0);
}

/* More regions than the cache has places, found again in any order, gone when they go. */
static void test_many_regions(Fixture *f, gconstpointer unused)
{
    DMAPin p;

    for (unsigned i = 0; i < 16; i++) {
        map_at(f, i * 2 * PAGE, PAGE, i * PAGE, RW, true);
        f->mem[i * PAGE] = i + 1;
    }
    for (unsigned i = 0; i < 200; i++) {
        unsigned which = i * 7 % 16;

        g_assert_true(pin(f, which * 2 * PAGE, 1, false, &p));
        g_assert_cmpuint(*(uint8_t *)p.host, ==, which + 1);
        g_assert_true(dma_memory_unpin(&p));
    }
    g_assert_cmpint(unmap(f, 0, HWADDR_MAX), ==, 0);
    for (unsigned i = 0; i < 16; i++) {
        g_assert_false(pin(f, i * 2 * PAGE, 1, false, &p));
    }
}

/* The device is told first; what it gives back then does not delay the answer. */
static void test_notifier_gives_back(Fixture *f, gconstpointer unused)
{
    DMAPin p;

    map_at(f, 0x10000, PAGE, 0, RW, true);
    g_assert_true(pin(f, 0x10000, 16, true, &p));
    f->give_back = &p;
    g_assert_cmpint(unmap(f, 0x10000, 0x10fff), ==, 0);
    g_assert_cmpuint(f->revoked, ==, 1);
    g_assert_cmpuint(iova_space_stats(f->space)->drains, ==, 0);
}

static void poll_until_answered(Fixture *f)
{
    int64_t end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;

    while (!f->answered) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        aio_poll(qemu_get_aio_context(), false);
    }
}

static void test_unmap_waits(Fixture *f, gconstpointer unused)
{
    DMAPin p, q;

    map_at(f, 0x10000, PAGE, 0, RW, true);
    g_assert_true(pin(f, 0x10000, 16, true, &p));
    g_assert_true(pin(f, 0x10000, 16, true, &q));
    g_assert_cmpint(unmap(f, 0x10000, 0x10fff), ==, VFU_PENDING);
    g_assert_cmpuint(f->revoked, ==, 1);
    g_assert_true(dma_memory_unpin(&q));
    run_loop();
    g_assert_cmpuint(f->answered, ==, 0);
    memset(p.host, 9, 16);
    g_assert_cmpuint(f->mem[0], ==, 9);                 /* still the client's page */
    g_assert_true(dma_memory_unpin(&p));
    g_assert_cmpuint(f->answered, ==, 0);               /* never from inside the device */
    poll_until_answered(f);
    g_assert_cmpuint(iova_space_stats(f->space)->drain_timeouts, ==, 0);
}

/* One that does not let go loses the pages, and hears of it. Who shares the bytes does, too. */
static void test_unmap_detaches(Fixture *f, gconstpointer unused)
{
    DMAPin p, same, other, fresh;

    map_at(f, 0x10000, PAGE, 0, RW, true);
    map_at(f, 0x20000, 2 * PAGE, 0, RW, true);          /* the same bytes again */
    map_at(f, 0x30000, PAGE, 8 * PAGE, RW, true);
    g_assert_true(pin(f, 0x10000, 16, true, &p));
    g_assert_true(pin(f, 0x20000, 16, true, &same));
    g_assert_true(pin(f, 0x30000, 16, true, &other));
    memset(p.host, 1, 16);
    g_assert_cmpint(unmap(f, 0x10000, 0x10fff), ==, VFU_PENDING);
    poll_until_answered(f);
    g_assert_cmpuint(iova_space_stats(f->space)->drain_timeouts, ==, 1);
    memset(p.host, 2, 16);
    g_assert_cmpuint(f->mem[0], ==, 1);                 /* not the client's any more */
    memset(other.host, 3, 16);
    g_assert_cmpuint(f->mem[8 * PAGE], ==, 3);
    g_assert_true(pin(f, 0x20000, 16, true, &fresh));
    memset(fresh.host, 4, 16);
    g_assert_cmpuint(f->mem[0], ==, 4);
    g_assert_true(dma_memory_unpin(&fresh));
    g_assert_true(dma_memory_unpin(&other));
    g_assert_false(dma_memory_unpin(&same));
    g_assert_false(dma_memory_unpin(&p));
}

/*
 * A pin that is older than its region's move to another mapping points into
 * the former one, and that is taken away as well when its region's time comes.
 */
static void test_old_pin_after_move(Fixture *f, gconstpointer unused)
{
    DMAPin first, old, keeper;

    map_at(f, 0x10000, PAGE, 0, RW, true);
    map_at(f, 0x20000, 2 * PAGE, 0, RW, true);
    map_at(f, 0x30000, PAGE, 8 * PAGE, RW, true);       /* keeps the mapping shared */
    g_assert_true(pin(f, 0x10000, 16, true, &first));
    g_assert_true(pin(f, 0x20000 + PAGE, 16, true, &old));
    g_assert_true(pin(f, 0x30000, 16, true, &keeper));
    g_assert_cmpint(unmap(f, 0x10000, 0x10fff), ==, VFU_PENDING);
    poll_until_answered(f);
    memset(old.host, 1, 16);
    g_assert_cmpuint(f->mem[PAGE], ==, 1);
    f->answered = 0;
    g_assert_cmpint(unmap(f, 0x20000, 0x20000 + 2 * PAGE - 1), ==, VFU_PENDING);
    poll_until_answered(f);
    memset(old.host, 2, 16);
    g_assert_cmpuint(f->mem[PAGE], ==, 1);
    memset(keeper.host, 3, 16);
    g_assert_cmpuint(f->mem[8 * PAGE], ==, 3);
    g_assert_false(dma_memory_unpin(&first));
    g_assert_false(dma_memory_unpin(&old));
    g_assert_true(dma_memory_unpin(&keeper));
}

/* Two UNMAPs wait; the first one's time is over, and with it goes what the second one shows. */
static void test_lost_with_another(Fixture *f, gconstpointer unused)
{
    DMAPin p, q;

    map_at(f, 0x10000, PAGE, 0, RW, true);
    map_at(f, 0x20000, PAGE, 8 * PAGE, RW, true);
    g_assert_true(pin(f, 0x10000, 16, true, &p));
    g_assert_true(pin(f, 0x20000, 16, true, &q));
    g_assert_cmpint(unmap(f, 0x10000, 0x10fff), ==, VFU_PENDING);
    f->space->config.drain_timeout_ns = 60 * NANOSECONDS_PER_SECOND;
    g_assert_cmpint(unmap(f, 0x20000, 0x20fff), ==, VFU_PENDING);
    poll_until_answered(f);
    memset(q.host, 1, 16);
    g_assert_cmpint(!dma_memory_unpin(&q), ==, f->mem[8 * PAGE] != 1);
    g_assert_false(dma_memory_unpin(&p));
}

static void test_torn(Fixture *f, gconstpointer unused)
{
    DMAPin p, q;

    map_at(f, 0, 8 * PAGE, 0, RW, true);
    g_assert_true(pin(f, 2 * PAGE, 16, true, &p));
    g_assert_cmpint(ftruncate(f->fd, PAGE), ==, 0);
    memset(p.host, 1, 16);
    g_assert_false(pin(f, 0, 16, true, &q));
    g_assert_false(dma_memory_unpin(&p));
}

static void test_outlives_client(Fixture *f, gconstpointer unused)
{
    DMAPin p;

    map_at(f, 0x10000, PAGE, 0, RW, true);
    g_assert_true(pin(f, 0x10000, 16, true, &p));
    iova_space_detach(f->space);
    g_assert_cmpuint(f->revoked, ==, 1);
    memset(p.host, 1, 16);
    g_assert_cmpuint(f->mem[0], ==, 0);
    g_assert_false(dma_memory_unpin(&p));
}

/* The server is deleted: what the pins need goes with the last of them. */
static void test_outlives_space(Fixture *f, gconstpointer unused)
{
    DMAPin p, q;

    map_at(f, 0x10000, PAGE, 0, RW, true);
    g_assert_true(pin(f, 0x10000, 16, true, &p));
    g_assert_true(pin(f, 0x10000, 16, true, &q));
    free_space(f);
    g_assert_false(dma_memory_unpin(&p));
    memset(q.host, 1, 16);
    g_assert_cmpuint(f->mem[0], ==, 0);
    g_assert_false(dma_memory_unpin(&q));
    run_loop();
}

/* Printed, not judged: the machine may be busy. */
static void test_cost(Fixture *f, gconstpointer unused)
{
    enum { ROUNDS = 1000000 };
    int64_t start;
    DMAPin p;

    map_at(f, 0, 32 * PAGE, 0, RW, true);
    map_at(f, 1ull << 32, 32 * PAGE, 32 * PAGE, RW, true);
    start = clock();
    for (unsigned i = 0; i < ROUNDS; i++) {
        hwaddr addr = (i & 1 ? 1ull << 32 : 0) + (i & 31) * PAGE;

        if (!pin(f, addr, PAGE, true, &p) || !dma_memory_unpin(&p)) {
            g_assert_not_reached();
        }
    }
    g_test_message("pin and unpin: %.1f ns", (double)(clock() - start) * 1000 / ROUNDS);
}

#define ADD(name, fn) g_test_add("/iova-pin/" name, Fixture, NULL, setup, fn, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    module_call_init(MODULE_INIT_QOM);
    sigbus_init();
    ADD("in-place", test_in_place);
    ADD("refused", test_refused);
    ADD("many-regions", test_many_regions);
    ADD("notifier-gives-back", test_notifier_gives_back);
    ADD("unmap-waits", test_unmap_waits);
    ADD("unmap-detaches", test_unmap_detaches);
    ADD("old-pin-after-move", test_old_pin_after_move);
    ADD("lost-with-another", test_lost_with_another);
    ADD("torn", test_torn);
    ADD("outlives-client", test_outlives_client);
    ADD("outlives-space", test_outlives_space);
    if (g_test_perf()) {
        ADD("cost", test_cost);
    }
    return g_test_run();
}
