/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA regions: whole accesses go to the provider, in its own time; and the
 * guard against devices that call themselves, which must not refuse a client.
 */
#include "common.h"
#include "sysemu/dma.h"

#define MEM 256

/* Client memory at offsets 0..255. From 128 on only messages reach it: no pointer, late answers. */
typedef struct Provider {
    uint8_t mem[MEM];
    unsigned rw, maps, unmaps, cancels;
    hwaddr last_len;
    /* one deferred request */
    void *buf;
    hwaddr addr, len;
    bool is_write;
    MemoryRegionDMADone *done;
    void *done_opaque;
    MemoryRegionDMANotifier *notifier;
    void (*while_waiting)(void *opaque);
    void *waiting_opaque;
} Provider;

static MemTxResult provider_rw(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write,
                               MemTxAttrs attrs)
{
    Provider *p = opaque;

    p->rw++;
    p->last_len = len;
    if (addr >= MEM || len > MEM - addr) {
        return MEMTX_DECODE_ERROR;
    }
    if (p->while_waiting) {
        p->while_waiting(p->waiting_opaque);
    }
    memcpy(is_write ? p->mem + addr : buf, is_write ? buf : p->mem + addr, len);
    return MEMTX_OK;
}

static void *provider_rw_async(void *opaque, hwaddr addr, void *buf, hwaddr len, bool is_write,
                               MemTxAttrs attrs, MemoryRegionDMADone *done, void *done_opaque)
{
    Provider *p = opaque;

    if (addr < 128) {
        done(done_opaque, provider_rw(p, addr, buf, len, is_write, attrs));
        return NULL;
    }
    p->addr = addr;
    p->buf = buf;
    p->len = len;
    p->is_write = is_write;
    p->done = done;
    p->done_opaque = done_opaque;
    return p;
}

static void provider_answer(Provider *p)
{
    MemoryRegionDMADone *done = p->done;

    p->done = NULL;
    done(p->done_opaque, provider_rw(p, p->addr, p->buf, p->len, p->is_write,
                                     MEMTXATTRS_UNSPECIFIED));
}

static void provider_cancel(void *opaque, void *request)
{
    Provider *p = opaque;

    g_assert_true(request == p);
    p->cancels++;
    p->done = NULL;
}

static void *provider_map(void *opaque, hwaddr addr, hwaddr *plen, bool is_write,
                          MemTxAttrs attrs)
{
    Provider *p = opaque;

    if (addr >= 128) {
        return NULL;
    }
    *plen = MIN(*plen, 128 - addr);
    p->maps++;
    return p->mem + addr;
}

static void provider_unmap(void *opaque, void *host, hwaddr len, bool is_write,
                           hwaddr access_len)
{
    ((Provider *)opaque)->unmaps++;
}

static void provider_add_notifier(void *opaque, MemoryRegionDMANotifier *n)
{
    ((Provider *)opaque)->notifier = n;
}

static void provider_remove_notifier(void *opaque, MemoryRegionDMANotifier *n)
{
    Provider *p = opaque;

    g_assert_true(p->notifier == n);
    p->notifier = NULL;
}

static const MemoryRegionDMAOps provider_ops = {
    .rw = provider_rw,
    .rw_async = provider_rw_async,
    .cancel = provider_cancel,
    .map = provider_map,
    .unmap = provider_unmap,
    .add_notifier = provider_add_notifier,
    .remove_notifier = provider_remove_notifier,
};

typedef struct Fixture {
    Object *owner;
    Provider p;
    MemoryRegion gate, dma, dev;
    MemReentrancyGuard guard;
    AddressSpace as;
    unsigned dev_calls;
    void (*in_callback)(struct Fixture *f);
    MemTxResult seen;
    unsigned dones;
    MemTxResult done_res;
} Fixture;

static Fixture *now; /* the guard look-up has no argument for it */

static MemReentrancyGuard *lookup(Object *owner)
{
    return now && owner == now->owner ? &now->guard : NULL;
}

static uint64_t dev_read(void *opaque, hwaddr addr, unsigned size)
{
    Fixture *f = opaque;

    f->dev_calls++;
    g_assert_true(f->guard.engaged_in_io);
    if (f->in_callback && f->dev_calls == 1) {
        f->in_callback(f);
    }
    return 0x55;
}

static void dev_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
}

static const MemoryRegionOps dev_ops = { .read = dev_read, .write = dev_write };

/* Client memory everywhere, the device's own BAR at 0x1000 on top of it (peer to peer) */
static void setup(Fixture *f, gconstpointer data)
{
    now = f;
    f->owner = test_owner_new();
    for (int i = 0; i < MEM; i++) {
        f->p.mem[i] = i;
    }
    memory_region_set_guard_lookup(lookup);
    memory_region_init(&f->gate, f->owner, "gate", UINT64_MAX);
    memory_region_init_dma(&f->dma, f->owner, &provider_ops, &f->p, "client", UINT64_MAX);
    memory_region_init_io(&f->dev, f->owner, &dev_ops, f, "bar", 16);
    memory_region_add_subregion(&f->gate, 0, &f->dma);
    memory_region_add_subregion_overlap(&f->gate, 0x1000, &f->dev, 1);
    address_space_init(&f->as, &f->gate, "bus master");
    address_space_set_initiator(&f->as, &f->guard);
}

static void teardown(Fixture *f, gconstpointer data)
{
    address_space_destroy(&f->as);
    object_unref(f->owner);
    now = NULL;
}

static void done(void *opaque, MemTxResult res)
{
    Fixture *f = opaque;

    f->dones++;
    f->done_res = res;
}

static DMARequest *start(Fixture *f, hwaddr addr, void *buf, hwaddr len, bool write)
{
    return dma_memory_rw_async(&f->as, addr, buf, len,
                               write ? DMA_DIRECTION_FROM_DEVICE : DMA_DIRECTION_TO_DEVICE,
                               MEMTXATTRS_UNSPECIFIED, done, f);
}

static void test_sync(Fixture *f, gconstpointer data)
{
    uint8_t buf[64];
    uint32_t v;

    g_assert_cmpuint(dma_memory_read(&f->as, 10, buf, 64, MEMTXATTRS_UNSPECIFIED), ==, MEMTX_OK);
    g_assert_cmpuint(f->p.rw, ==, 1); /* one whole access */
    g_assert_cmpuint(f->p.last_len, ==, 64);
    g_assert_cmpuint(buf[63], ==, 73);
    g_assert_cmpuint(ldl_be_dma(&f->as, 4, &v, MEMTXATTRS_UNSPECIFIED), ==, MEMTX_OK);
    g_assert_cmphex(v, ==, 0x04050607);
    v = 7;
    g_assert_cmpuint(ldl_le_dma(&f->as, MEM - 2, &v, MEMTXATTRS_UNSPECIFIED), ==,
                     MEMTX_DECODE_ERROR);
    g_assert_cmpuint(v, ==, 7);
    g_assert_cmpuint(dma_memory_set(&f->as, 0, 0xaa, 200, MEMTXATTRS_UNSPECIFIED), ==, MEMTX_OK);
    g_assert_cmphex(f->p.mem[199], ==, 0xaa);
    g_assert_cmphex(f->p.mem[200], ==, 200);
    memory_region_set_enabled(&f->gate, false);
    g_assert_cmpuint(dma_memory_read(&f->as, 0, buf, 1, MEMTXATTRS_UNSPECIFIED), ==,
                     MEMTX_DECODE_ERROR);
}

static void test_async(Fixture *f, gconstpointer data)
{
    uint8_t buf[16] = { 0 };
    DMARequest *req;

    g_assert_null(start(f, 0, buf, 16, false)); /* answered at once */
    g_assert_cmpuint(f->dones, ==, 1);
    req = start(f, 128, buf, 16, false);
    g_assert_nonnull(req);
    g_assert_cmpuint(f->dones, ==, 1);
    provider_answer(&f->p);
    g_assert_cmpuint(f->dones, ==, 2);
    g_assert_cmpuint(f->done_res, ==, MEMTX_OK);
    g_assert_cmpuint(buf[15], ==, 143);
    g_assert_null(start(f, UINT64_MAX - 3, buf, 16, false)); /* wraps */
    g_assert_cmpuint(f->done_res, ==, MEMTX_DECODE_ERROR);
    g_assert_cmpuint(buf[15], ==, 0);
    g_assert_nonnull(start(f, MEM, buf, 16, false)); /* late, and refused */
    provider_answer(&f->p);
    g_assert_cmpuint(f->done_res, ==, MEMTX_DECODE_ERROR);
    g_assert_cmpuint(f->dones, ==, 4);
}

/* Client memory, then the device's BAR, then client memory again. */
static void test_async_pieces(Fixture *f, gconstpointer data)
{
    uint8_t buf[48];

    memory_region_set_address(&f->dev, 160);
    g_assert_nonnull(start(f, 144, buf, 48, false));
    provider_answer(&f->p);
    g_assert_cmpuint(f->dones, ==, 0);
    g_assert_cmpuint(f->dev_calls, ==, 4);
    g_assert_nonnull(f->p.done);
    provider_answer(&f->p);
    g_assert_cmpuint(f->dones, ==, 1);
    g_assert_cmpuint(buf[0], ==, 144);
    g_assert_cmpuint(buf[16], ==, 0x55);
    g_assert_cmpuint(buf[47], ==, 191);
}

static void test_async_gate(Fixture *f, gconstpointer data)
{
    uint8_t buf[48];

    memory_region_set_address(&f->dev, 160);
    start(f, 144, buf, 48, false);
    memory_region_set_enabled(&f->gate, false); /* bus master off while it runs */
    provider_answer(&f->p);
    g_assert_cmpuint(f->dones, ==, 1);
    g_assert_cmpuint(f->done_res, ==, MEMTX_DECODE_ERROR);
    g_assert_cmpuint(f->dev_calls, ==, 0);
}

static void test_async_cancel(Fixture *f, gconstpointer data)
{
    uint8_t buf[16];
    DMARequest *req = start(f, 128, buf, 16, true);

    dma_request_cancel(req);
    g_assert_cmpuint(f->p.cancels, ==, 1);
    g_assert_cmpuint(f->dones, ==, 0);
}

static void test_map(Fixture *f, gconstpointer data)
{
    hwaddr len = 64;
    uint8_t *p = dma_memory_map(&f->as, 100, &len, DMA_DIRECTION_FROM_DEVICE,
                                MEMTXATTRS_UNSPECIFIED);

    g_assert_true(p == f->p.mem + 100);
    g_assert_cmpuint(len, ==, 28);
    dma_memory_unmap(&f->as, p, len, DMA_DIRECTION_FROM_DEVICE, len);
    g_assert_cmpuint(f->p.unmaps, ==, 1);
    len = 64;
    p = dma_memory_map(&f->as, 128, &len, DMA_DIRECTION_FROM_DEVICE, MEMTXATTRS_UNSPECIFIED);
    g_assert_nonnull(p);
    g_assert_true(p < f->p.mem || p >= f->p.mem + MEM);
    memset(p, 0x66, len);
    dma_memory_unmap(&f->as, p, len, DMA_DIRECTION_FROM_DEVICE, 10);
    g_assert_cmphex(f->p.mem[137], ==, 0x66);
    g_assert_cmphex(f->p.mem[138], ==, 138);
}

static void revoked(MemoryRegionDMANotifier *n, hwaddr first, hwaddr last)
{
}

static void test_notifier(Fixture *f, gconstpointer data)
{
    MemoryRegionDMANotifier n = { .revoke = revoked };

    dma_add_revoke_notifier(&f->as, &n);
    g_assert_true(f->p.notifier == &n);
    dma_remove_revoke_notifier(&f->as, &n);
    g_assert_null(f->p.notifier);
}

/* ---- re-entrancy ---- */

static void dma_to_self(Fixture *f)
{
    uint8_t b;

    f->seen = dma_memory_read(&f->as, 0x1000, &b, 1, MEMTXATTRS_UNSPECIFIED);
}

static void test_recursion_refused(Fixture *f, gconstpointer data)
{
    uint64_t v;

    f->in_callback = dma_to_self;
    g_assert_cmpuint(memory_region_dispatch_read(&f->dev, 0, &v, MO_32, MEMTXATTRS_UNSPECIFIED),
                     ==, MEMTX_OK);
    g_assert_cmpuint(f->seen, ==, MEMTX_ACCESS_ERROR);
    g_assert_cmpuint(f->dev_calls, ==, 1);
    g_assert_false(f->guard.engaged_in_io);
    /* outside a callback the same DMA is fine: two devices, or own scripts RAM */
    f->dev_calls = 1;
    dma_to_self(f);
    g_assert_cmpuint(f->seen, ==, MEMTX_OK);
    f->dev_calls = 0;
    f->dev.disable_reentrancy_guard = true;
    memory_region_dispatch_read(&f->dev, 0, &v, MO_32, MEMTXATTRS_UNSPECIFIED);
    g_assert_cmpuint(f->seen, ==, MEMTX_OK);
    g_assert_cmpuint(f->dev_calls, ==, 2);
}

static void dma_to_client(Fixture *f)
{
    uint8_t b[4];

    f->seen = dma_memory_read(&f->as, 200, b, 4, MEMTXATTRS_UNSPECIFIED);
    g_assert_true(f->guard.engaged_in_io);
}

/* While the device's callback waits for its client, that client goes on using the device. */
static void client_reads(void *opaque)
{
    Fixture *f = opaque;
    uint8_t b;
    uint64_t v;

    f->p.while_waiting = NULL;
    g_assert_false(f->guard.engaged_in_io);
    g_assert_cmpuint(memory_region_dispatch_read(&f->dev, 0, &v, MO_8, MEMTXATTRS_UNSPECIFIED),
                     ==, MEMTX_OK);
    /* and a peer's DMA to it is not recursion either */
    g_assert_cmpuint(dma_memory_read(&f->as, 0x1000, &b, 1, MEMTXATTRS_UNSPECIFIED), ==,
                     MEMTX_OK);
    g_assert_false(f->guard.engaged_in_io);
}

static void test_suspended_is_not_recursion(Fixture *f, gconstpointer data)
{
    uint64_t v;

    f->in_callback = dma_to_client;
    f->p.while_waiting = client_reads;
    f->p.waiting_opaque = f;
    g_assert_cmpuint(memory_region_dispatch_read(&f->dev, 0, &v, MO_32, MEMTXATTRS_UNSPECIFIED),
                     ==, MEMTX_OK);
    g_assert_cmpuint(f->dev_calls, ==, 3);
    g_assert_cmpuint(f->seen, ==, MEMTX_OK);
    g_assert_false(f->guard.engaged_in_io);
}

static void test_client_enters_engaged(Fixture *f, gconstpointer data)
{
    uint64_t v;

    f->guard.engaged_in_io = true; /* a callback is suspended in something other than DMA */
    g_assert_cmpuint(memory_region_dispatch_read(&f->dev, 0, &v, MO_32, MEMTXATTRS_UNSPECIFIED),
                     ==, MEMTX_OK);
    g_assert_true(f->guard.engaged_in_io);
    dma_to_self(f);
    g_assert_cmpuint(f->seen, ==, MEMTX_ACCESS_ERROR);
    f->guard.engaged_in_io = false;
}

/* ---- views ---- */

static void replace_views(void *opaque)
{
    Fixture *f = opaque;

    f->p.while_waiting = NULL;
    for (int i = 0; i < 101; i++) {
        memory_region_set_enabled(&f->gate, i & 1);
    }
}

/* The space changes under an access that waits; the access ends in the view it began in. */
static void test_view_replaced_under_access(Fixture *f, gconstpointer data)
{
    uint8_t buf[8];

    f->p.while_waiting = replace_views;
    f->p.waiting_opaque = f;
    memory_region_set_address(&f->dev, 204); /* the second half of the access is elsewhere */
    g_assert_cmpuint(dma_memory_read(&f->as, 200, buf, 8, MEMTXATTRS_UNSPECIFIED), ==, MEMTX_OK);
    g_assert_cmpuint(buf[3], ==, 203);
    g_assert_cmpuint(buf[4], ==, 0x55);
    g_assert_cmpuint(dma_memory_read(&f->as, 200, buf, 8, MEMTXATTRS_UNSPECIFIED), ==,
                     MEMTX_DECODE_ERROR);
}

/* ---- scatter lists and helpers ---- */

static void test_sglist(Fixture *f, gconstpointer data)
{
    uint8_t buf[20];
    QEMUSGList sg;
    dma_addr_t residual;

    qemu_sglist_init(&sg, NULL, 1, &f->as);
    qemu_sglist_add(&sg, 0, 4);
    qemu_sglist_add(&sg, 100, 8);
    qemu_sglist_add(&sg, 50, 8);
    g_assert_cmpuint(sg.size, ==, 20);
    g_assert_cmpint(sg.nsg, ==, 3);
    g_assert_cmpuint(dma_buf_write(buf, 10, &residual, &sg, MEMTXATTRS_UNSPECIFIED), ==,
                     MEMTX_OK);
    g_assert_cmpuint(residual, ==, 10);
    g_assert_cmpuint(buf[3], ==, 3);
    g_assert_cmpuint(buf[4], ==, 100);
    g_assert_cmpuint(buf[9], ==, 105);
    memset(buf, 0xcc, sizeof(buf));
    dma_buf_read(buf, 1000, &residual, &sg, MEMTXATTRS_UNSPECIFIED);
    g_assert_cmpuint(residual, ==, 0);
    g_assert_cmphex(f->p.mem[57], ==, 0xcc);
    g_assert_cmphex(f->p.mem[58], ==, 58);
    qemu_sglist_destroy(&sg);
    g_assert_null(sg.sg);
}

static void test_pow2_mask(void)
{
    g_assert_cmphex(dma_aligned_pow2_mask(0, UINT64_MAX, 64), ==, UINT64_MAX);
    g_assert_cmphex(dma_aligned_pow2_mask(0, 0xfff, 64), ==, 0xfff);
    g_assert_cmphex(dma_aligned_pow2_mask(0x1000, 0x4fff, 64), ==, 0xfff);
    g_assert_cmphex(dma_aligned_pow2_mask(0, 0x4fff, 64), ==, 0x3fff);
    g_assert_cmphex(dma_aligned_pow2_mask(0x4000, 0x4000, 64), ==, 0);
    g_assert_cmphex(dma_aligned_pow2_mask(0, UINT64_MAX, 48), ==, 0xffffffffffffULL);
}

#define ADD(name, fn) g_test_add("/memory/dma/" name, Fixture, NULL, setup, fn, teardown)

int main(int argc, char **argv)
{
    test_init(&argc, &argv);
    ADD("sync", test_sync);
    ADD("async", test_async);
    ADD("async-pieces", test_async_pieces);
    ADD("async-gate", test_async_gate);
    ADD("async-cancel", test_async_cancel);
    ADD("map", test_map);
    ADD("notifier", test_notifier);
    ADD("recursion-refused", test_recursion_refused);
    ADD("suspended-is-not-recursion", test_suspended_is_not_recursion);
    ADD("client-enters-engaged", test_client_enters_engaged);
    ADD("view-replaced-under-access", test_view_replaced_under_access);
    ADD("sglist", test_sglist);
    g_test_add_func("/memory/dma/pow2-mask", test_pow2_mask);
    return g_test_run();
}
