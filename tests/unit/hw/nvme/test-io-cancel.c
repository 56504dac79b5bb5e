/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands taken back at any step: random ones on an image that holds its requests,
 * with aborts, memory that is revoked, queues deleted and the controller reset in
 * between. Every command that is not lost with its queue is answered once, no lock
 * or buffer is left behind, and the namespace works afterwards.
 */
#include "qemu/osdep.h"
#include "io-rig.h"

enum { BYTES = 4 << 20, SPAN = 200, ROUNDS = 1500, UNDER_WAY = 40 };

typedef struct Play {
    IoRig *rig;
    bool slow;                  /* messages of DMA wait for the test, too */
    uint16_t cids[UNDER_WAY];
    unsigned n;
    unsigned aborted;
} Play;

static NvmeSqe random_rw(IoRig *rig, uint8_t opcode)
{
    uint32_t nlb = g_test_rand_int_range(1, 20);
    uint64_t slba = g_test_rand_int_range(0, SPAN);
    NvmeSqe cmd = io_cmd_at(rig, opcode, slba, nlb, rig->buf + 4096 * g_test_rand_int_range(0, 8),
                            rig->meta);

    cmd.cdw12 |= cpu_to_le32(g_test_rand_int() % 4 ? 0 : 1u << 30);
    return cmd;
}

static NvmeSqe random_ranges(IoRig *rig, bool copy)
{
    IoRange ranges[4];
    unsigned n = g_test_rand_int_range(1, 5);

    for (unsigned i = 0; i < n; i++) {
        ranges[i] = (IoRange) { g_test_rand_int_range(0, SPAN), g_test_rand_int_range(1, 20) };
    }
    return copy ? io_cmd_copy(rig, g_test_rand_int_range(0, SPAN), ranges, n)
                : io_cmd_deallocate(rig, ranges, n);
}

static NvmeSqe random_command(IoRig *rig)
{
    static const uint8_t opcodes[] = {
        NVME_IO_READ, NVME_IO_WRITE, NVME_IO_WRITE, NVME_IO_COMPARE, NVME_IO_VERIFY,
        NVME_IO_WRITE_ZEROES,
    };
    unsigned kind = g_test_rand_int_range(0, 10);

    if (kind < ARRAY_SIZE(opcodes)) {
        return random_rw(rig, opcodes[kind]);
    }
    if (kind == 6) {
        return nvme_cmd(NVME_IO_FLUSH, g_test_rand_int() & 1 ? 1 : NVME_NSID_BROADCAST);
    }
    return random_ranges(rig, kind != 7);
}

static void forget_done(Play *p)
{
    for (unsigned i = 0; i < p->n;) {
        if (p->rig->done[p->cids[i]]) {
            p->cids[i] = p->cids[--p->n];
        } else {
            i++;
        }
    }
}

static void submit(Play *p)
{
    NvmeSqe first = random_command(p->rig), second;

    if (p->n + 2 > UNDER_WAY) {
        return;
    }
    if (g_test_rand_int() % 5) {
        p->cids[p->n++] = io_submit(p->rig, first);
        return;
    }
    first = random_rw(p->rig, NVME_IO_COMPARE);
    second = first;
    second.opcode = NVME_IO_WRITE;
    first.flags |= NVME_FUSE_FIRST;
    second.flags |= NVME_FUSE_SECOND;
    p->cids[p->n++] = io_submit(p->rig, first);
    if (g_test_rand_int() % 4) {
        p->cids[p->n++] = io_submit(p->rig, second);
    }
}

/* The admin queue's own messages are answered at once; those that wait go on waiting. */
static void at_once(Play *p, bool on)
{
    p->rig->nvme->pci->slow = p->slow && !on;
}

static void answer(Play *p, unsigned n)
{
    PCIRig *pci = p->rig->nvme->pci;

    while (n-- && !g_queue_is_empty(&pci->requests)) {
        rig_answer(pci, g_test_rand_int() % 16 ? MEMTX_OK : MEMTX_ERROR);
    }
}

static void answer_all(Play *p)
{
    PCIRig *pci = p->rig->nvme->pci;

    while (!g_queue_is_empty(&pci->requests)) {
        rig_answer(pci, MEMTX_OK);
    }
}

static void abort_one(Play *p)
{
    if (p->n) {
        io_abort(p->rig, p->cids[g_test_rand_int_range(0, p->n)]);
        p->aborted++;
    }
}

static void revoke_a_page(Play *p)
{
    IoRig *rig = p->rig;
    uint64_t at = rig->buf + 4096 * g_test_rand_int_range(0, 16);

    rig_revoke(rig->nvme->pci, at, at + 4095);
}

static void check_idle(Play *p)
{
    struct NvmeNsIo *io = p->rig->ns->io;

    g_assert_true(interval_tree_is_empty(&io->locks.tree));
    g_assert_true(QTAILQ_EMPTY(&io->locks.tracked));
    g_assert_cmpuint(io->locks.strict, ==, 0);
    g_assert_true(QTAILQ_EMPTY(&io->ready));
}

static void reset(Play *p)
{
    IoRig *rig = p->rig;

    nvme_rig_disable(rig->nvme);
    check_idle(p);
    g_assert_null(nvme_rig_ctrl(rig->nvme)->fused);
    p->n = 0;
    nvme_rig_start(rig->nvme, IO_QUEUE);
    nvme_rig_alloc(rig->nvme, rig->lists - rig->buf);
}

static void delete_queue(Play *p)
{
    IoRig *rig = p->rig;
    NvmeSqe cmd = nvme_cmd(NVME_ADMIN_DELETE_SQ, 0);

    cmd.cdw10 = cpu_to_le32(1);
    g_assert_cmphex(nvme_rig_status(rig->nvme, &rig->nvme->admin, cmd), ==, NVME_SUCCESS);
    check_idle(p);
    /* What was fetched has been answered; what was not is gone. */
    io_run(rig);
    reset(p);
}

static void drain(Play *p)
{
    io_let_go(p->rig);
    at_once(p, true);
    answer_all(p);
    io_run(p->rig);
    for (forget_done(p); p->n; forget_done(p)) {
        uint16_t cid = p->cids[p->n - 1];

        /* A first half alone has nobody that ends it. */
        if (nvme_rig_ctrl(p->rig->nvme)->fused) {
            io_do(p->rig, nvme_cmd(NVME_IO_FLUSH, 1));
        }
        io_wait(p->rig, cid);
    }
    if (nvme_rig_ctrl(p->rig->nvme)->fused) {
        io_do(p->rig, nvme_cmd(NVME_IO_FLUSH, 1));
    }
    io_drain(p->rig);
    check_idle(p);
}

/* A queue whose entries cannot be reached is fatal: answer() may have said so. */
static void check_alive(Play *p)
{
    if (nvme_rig_csts(p->rig->nvme) & NVME_CSTS_CFS) {
        at_once(p, true);
        reset(p);
        at_once(p, false);
    }
}

static void administer(Play *p, unsigned what)
{
    at_once(p, true);
    if (what == 0) {
        reset(p);
    } else if (what == 1) {
        delete_queue(p);
    } else if (what == 2) {
        drain(p);
        io_hold(p->rig);
    } else {
        abort_one(p);
    }
    at_once(p, false);
}

static void step(Play *p)
{
    unsigned what = g_test_rand_int_range(0, 64);

    answer(p, g_test_rand_int_range(0, 4));
    check_alive(p);
    switch (what) {
    case 0 ... 2:
        administer(p, what);
        break;
    case 3 ... 5:
        revoke_a_page(p);
        break;
    case 6 ... 16:
        administer(p, what);
        break;
    case 17 ... 36:
        io_release(p->rig, g_test_rand_int_range(1, 4));
        break;
    default:
        submit(p);
    }
    io_run(p->rig);
    forget_done(p);
}

static void play(const char *props, bool mappable, bool slow)
{
    Play p = { io_rig_new(BYTES, 512, props, NULL), slow };

    p.rig->nvme->pci->mappable = mappable;
    at_once(&p, false);
    io_hold(p.rig);
    for (unsigned i = 0; i < ROUNDS; i++) {
        step(&p);
    }
    drain(&p);
    g_assert_cmpuint(p.aborted, >, 10);
    io_fill(io_at(p.rig, p.rig->buf), 20 * 1024);
    g_assert_cmphex(io_do(p.rig, io_cmd(p.rig, NVME_IO_WRITE, 0, 20)), ==, NVME_SUCCESS);
    g_assert_cmphex(io_do(p.rig, io_cmd(p.rig, NVME_IO_COMPARE, 0, 20)), ==, NVME_SUCCESS);
    p.rig->nvme->pci->mappable = true;
    io_rig_free(p.rig);
}

static void test_plain(void)
{
    play(NULL, true, false);
}
static void test_plain_messages(void)
{
    play(NULL, false, false);
}
static void test_metadata(void)
{
    play("ms=8,mset=1", true, false);
}
static void test_protected(void)
{
    play("ms=16,pi=2", true, false);
}
static void test_protected_messages(void)
{
    play("ms=16,pi=1", false, false);
}
static void test_plain_slow(void)
{
    play(NULL, false, true);
}
static void test_protected_slow(void)
{
    play("ms=8,mset=1,pi=1", false, true);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/io-cancel/plain", test_plain);
    g_test_add_func("/nvme/io-cancel/plain-messages", test_plain_messages);
    g_test_add_func("/nvme/io-cancel/metadata", test_metadata);
    g_test_add_func("/nvme/io-cancel/protected", test_protected);
    g_test_add_func("/nvme/io-cancel/protected-messages", test_protected_messages);
    g_test_add_func("/nvme/io-cancel/plain-slow", test_plain_slow);
    g_test_add_func("/nvme/io-cancel/protected-slow", test_protected_slow);
    return g_test_run();
}
