/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dma-engine against docs/specs/dma-engine.rst: every operation in every
 * kind of memory, lists, hold and release, revocation, errors, interrupts,
 * and its state on the move.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/misc/dma-engine.h"
#include "pci-rig.h"

#define A (RIG_RAM_BASE + 0x1000)
#define B (RIG_RAM_BASE + 0x200000)
#define LIST_AT (RIG_RAM_BASE + 0x100)
#define NOWHERE 0x10ull

static uint32_t get(PCIRig *rig, hwaddr reg)
{
    return rig_read(rig, 0, reg, 4);
}

static void set(PCIRig *rig, hwaddr reg, uint32_t val)
{
    rig_write(rig, 0, reg, val, 4);
}

static hwaddr ch(int n, hwaddr reg)
{
    return DMA_CH_BASE + n * DMA_CH_STRIDE + reg;
}

static uint64_t get64(PCIRig *rig, int n, hwaddr reg)
{
    return rig_read(rig, 0, ch(n, reg), 8);
}

static void start(PCIRig *rig, int n, uint64_t src, uint64_t dst, uint32_t len, uint32_t command)
{
    rig_write(rig, 0, ch(n, DMA_CH_SRC), src, 8);
    rig_write(rig, 0, ch(n, DMA_CH_DST), dst, 8);
    set(rig, ch(n, DMA_CH_LENGTH), len);
    set(rig, ch(n, DMA_CH_COMMAND), command | DMA_CMD_START);
}

static uint32_t op(DMAEngineOp which)
{
    return which << DMA_CMD_OP_SHIFT;
}

static void expect(PCIRig *rig, int n, uint32_t status, DMAEngineError error)
{
    g_assert_cmphex(get(rig, ch(n, DMA_CH_STATUS)), ==, status);
    g_assert_cmpuint(get(rig, ch(n, DMA_CH_ERROR)), ==, error);
}

/* Runs to the end and expects it to be good. */
static void run(PCIRig *rig, uint64_t src, uint64_t dst, uint32_t len, uint32_t command)
{
    start(rig, 0, src, dst, len, command);
    rig_run();
    expect(rig, 0, DMA_STATUS_DONE, DMA_ERR_NONE);
}

static void fail(PCIRig *rig, uint64_t src, uint64_t dst, uint32_t len, uint32_t command,
                 DMAEngineError error, uint64_t fault)
{
    start(rig, 0, src, dst, len, command);
    rig_run();
    expect(rig, 0, DMA_STATUS_FAILED, error);
    g_assert_cmphex(get64(rig, 0, DMA_CH_FAULT_ADDR), ==, fault);
}

static void fill(PCIRig *rig, hwaddr iova, size_t len, uint8_t seed)
{
    for (size_t i = 0; i < len; i++) {
        *rig_ram(rig, iova + i) = i * 5 + (i >> 8) + seed;
    }
}

static void expect_same(PCIRig *rig, hwaddr a, hwaddr b, size_t len)
{
    g_assert_cmpmem(rig_ram(rig, a), len, rig_ram(rig, b), len);
}

static void test_identity(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    g_assert_cmphex(rig_config_read(rig, PCI_VENDOR_ID, 4), ==, 0x11e91234);
    g_assert_cmphex(rig_config_read(rig, PCI_CLASS_REVISION, 4), ==, 0x08010001);
    g_assert_cmphex(pci_device_bar_size(rig->dev, 0), ==, DMA_ENGINE_REGS_SIZE);
    g_assert_cmphex(pci_device_bar_size(rig->dev, 2), ==, DMA_ENGINE_BUFFER_SIZE);
    g_assert_cmphex(get(rig, DMA_ENGINE_ID), ==, DMA_ENGINE_ID_VALUE);
    g_assert_cmpuint(get(rig, DMA_ENGINE_CHANNELS), ==, 4);
    g_assert_cmpuint(get(rig, DMA_ENGINE_MAX_DESC), ==, 256);
    g_assert_cmpuint(get(rig, DMA_ENGINE_BUFFER_BYTES), ==, DMA_ENGINE_BUFFER_SIZE);
    g_assert_cmphex(get(rig, DMA_ENGINE_INT_ENABLE), ==, 0xf);
    /* read-only registers, registers of channels that are not there, holes */
    set(rig, DMA_ENGINE_ID, 0);
    set(rig, ch(0, DMA_CH_STATUS), ~0u);
    set(rig, ch(4, DMA_CH_SRC), 1);
    set(rig, ch(0, 0xfc), 1);
    g_assert_cmphex(get(rig, DMA_ENGINE_ID), ==, DMA_ENGINE_ID_VALUE);
    g_assert_cmphex(get(rig, ch(4, DMA_CH_SRC)), ==, 0);
    g_assert_cmphex(get(rig, ch(0, 0xfc)), ==, 0);
    g_assert_cmphex(get(rig, DMA_ENGINE_REGS_SIZE - 4), ==, 0);
    g_assert_cmpint(rig_try_read(rig, 0, 0, 2), !=, MEMTX_OK);
}

static void test_halves(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    rig_write(rig, 0, ch(1, DMA_CH_SRC), 0x1122334455667788, 8);
    g_assert_cmphex(get(rig, ch(1, DMA_CH_SRC + 4)), ==, 0x11223344);
    set(rig, ch(1, DMA_CH_SRC + 4), 0xaabbccdd);
    set(rig, ch(1, DMA_CH_SRC), 0x99);
    g_assert_cmphex(get64(rig, 1, DMA_CH_SRC), ==, 0xaabbccdd00000099);
}

static void test_properties(void)
{
    g_autoptr(PCIRig) one = rig_new(TYPE_DMA_ENGINE, "channels=1");
    g_autoptr(PCIRig) many = rig_new(TYPE_DMA_ENGINE, "channels=16,max-descriptors=4096");
    g_autofree char *none = rig_realize_error(TYPE_DMA_ENGINE, "channels=0");
    g_autofree char *more = rig_realize_error(TYPE_DMA_ENGINE, "channels=17");
    g_autofree char *list = rig_realize_error(TYPE_DMA_ENGINE, "max-descriptors=4097");

    g_assert_cmphex(get(one, DMA_ENGINE_INT_ENABLE), ==, 1);
    start(many, 15, A, B, 4, 0);
    rig_run();
    expect(many, 15, DMA_STATUS_DONE, 0);
    g_assert_nonnull(strstr(none, "'channels'"));
    g_assert_nonnull(strstr(more, "1 to 16, not 17"));
    g_assert_nonnull(strstr(list, "'max-descriptors'"));
}

/* ---- operations ---- */

static void all_operations(PCIRig *rig)
{
    fill(rig, A, 200000, 1);
    run(rig, A + 3, B + 1, 150001, op(DMA_OP_COPY));
    expect_same(rig, A + 3, B + 1, 150001);
    g_assert_cmpuint(*rig_ram(rig, B), ==, 0);
    g_assert_cmpuint(get64(rig, 0, DMA_CH_BYTES), ==, 150001);
    run(rig, A, 16, DMA_ENGINE_BUFFER_SIZE - 16, op(DMA_OP_TO_BUFFER));
    g_assert_cmphex(rig_read(rig, 2, 16, 1), ==, *rig_ram(rig, A));
    run(rig, 16, B, DMA_ENGINE_BUFFER_SIZE - 16, op(DMA_OP_FROM_BUFFER));
    expect_same(rig, A, B, DMA_ENGINE_BUFFER_SIZE - 16);
    set(rig, ch(0, DMA_CH_PATTERN), 0x44332211);
    run(rig, NOWHERE, B + 1, 7, op(DMA_OP_FILL));
    g_assert_cmpmem(rig_ram(rig, B + 1), 7, "\x11\x22\x33\x44\x11\x22\x33", 7);
    run(rig, NOWHERE, NOWHERE, 0, op(DMA_OP_COPY));
    g_assert_cmpuint(get64(rig, 0, DMA_CH_TRANSFERS), ==, 5);
    g_assert_cmpuint(get64(rig, 0, DMA_CH_ERRORS), ==, 0);
    g_assert_cmpuint(rig->sync_accesses, ==, 0);
    g_assert_cmpuint(rig->maps, ==, 0);
}

static void test_mapped(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    all_operations(rig);
    g_assert_cmpuint(rig->requests_made, ==, 0);
}

static void test_requests(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    rig->mappable = false;
    all_operations(rig);
    g_assert_cmpuint(rig->requests_made, >, 0);
}

/* Starting returns at once and latches; a second start is ignored. */
static void test_latch(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    fill(rig, A, 64, 9);
    start(rig, 0, A, B, 64, 0);
    expect(rig, 0, DMA_STATUS_BUSY, 0);
    g_assert_cmphex(get(rig, DMA_ENGINE_BUSY), ==, 1);
    start(rig, 0, NOWHERE, NOWHERE, 4, op(DMA_OP_FILL));
    rig_run();
    expect(rig, 0, DMA_STATUS_DONE, 0);
    expect_same(rig, A, B, 64);
    g_assert_cmpuint(get64(rig, 0, DMA_CH_TRANSFERS), ==, 1);
    g_assert_cmphex(get(rig, DMA_ENGINE_BUSY), ==, 0);
}

static void test_delay(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    rig_write(rig, 0, ch(0, DMA_CH_DELAY), 5000, 8);
    start(rig, 0, A, B, 64, 0);
    rig_advance(4999);
    expect(rig, 0, DMA_STATUS_BUSY | DMA_STATUS_DELAYED, 0);
    rig_advance(1);
    expect(rig, 0, DMA_STATUS_DONE, 0);
    rig_write(rig, 0, ch(0, DMA_CH_DELAY), UINT64_MAX, 8);
    start(rig, 0, A, B, 64, 0);
    rig_advance(1000000000);
    expect(rig, 0, DMA_STATUS_BUSY | DMA_STATUS_DELAYED, 0);
    /* Nothing is accessed yet, so nothing is revoked. */
    rig_revoke(rig, A, A);
    expect(rig, 0, DMA_STATUS_BUSY | DMA_STATUS_DELAYED, 0);
    set(rig, ch(0, DMA_CH_COMMAND), DMA_CMD_ABORT);
    expect(rig, 0, DMA_STATUS_FAILED, DMA_ERR_ABORTED);
}

/* ---- errors ---- */

static void test_errors(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);
    const uint64_t end = DMA_ENGINE_BUFFER_SIZE;

    fail(rig, A, B, 4, op(4), DMA_ERR_COMMAND, 0);
    fail(rig, A, end - 3, 4, op(DMA_OP_TO_BUFFER), DMA_ERR_RANGE, end - 3);
    fail(rig, A, UINT64_MAX, 4, op(DMA_OP_TO_BUFFER), DMA_ERR_RANGE, UINT64_MAX);
    fail(rig, end + 1, B, 0, op(DMA_OP_FROM_BUFFER), DMA_ERR_RANGE, end + 1);
    fail(rig, UINT64_MAX, B, 2, 0, DMA_ERR_RANGE, UINT64_MAX);
    fail(rig, A, UINT64_MAX - 1, 4, 0, DMA_ERR_RANGE, UINT64_MAX - 1);
    fail(rig, NOWHERE, B, 4, 0, DMA_ERR_READ, NOWHERE);
    fail(rig, A, NOWHERE, 4, 0, DMA_ERR_WRITE, NOWHERE);
    fail(rig, UINT64_MAX, B, 1, 0, DMA_ERR_READ, UINT64_MAX);
    rig->read_only = true;
    fail(rig, A, B, 4, 0, DMA_ERR_WRITE, B);
    rig->read_only = false;
    /* The second piece is not there: the first one has moved. */
    fail(rig, RIG_RAM_BASE + RIG_RAM_SIZE - DMA_ENGINE_PIECE, B, DMA_ENGINE_PIECE + 1, 0,
         DMA_ERR_READ, RIG_RAM_BASE + RIG_RAM_SIZE);
    g_assert_cmpuint(get(rig, ch(0, DMA_CH_PROGRESS)), ==, DMA_ENGINE_PIECE);
    g_assert_cmpuint(get64(rig, 0, DMA_CH_ERRORS), ==, 11);
    g_assert_cmpuint(rig->maps, ==, 0);
}

static void test_no_bus_master(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    set(rig, DMA_ENGINE_HOLD, 1);
    start(rig, 0, A, B, 64, 0);
    rig_run();
    rig_config_write(rig, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
    set(rig, DMA_ENGINE_HOLD, 0);
    rig_run();
    expect(rig, 0, DMA_STATUS_FAILED, DMA_ERR_READ);
    g_assert_cmpuint(rig->maps, ==, 0);
    fail(rig, A, B, 4, 0, DMA_ERR_READ, A);
}

/* ---- hold ---- */

static void test_hold(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    fill(rig, A, 2 * DMA_ENGINE_PIECE, 3);
    set(rig, DMA_ENGINE_HOLD, 0xff);
    g_assert_cmphex(get(rig, DMA_ENGINE_HOLD), ==, 0xf);
    start(rig, 0, A, B, 2 * DMA_ENGINE_PIECE, DMA_CMD_IRQ);
    rig_run();
    expect(rig, 0, DMA_STATUS_BUSY | DMA_STATUS_HELD | DMA_STATUS_MAPPED, 0);
    g_assert_cmpuint(rig->maps, ==, 2);
    set(rig, ch(0, DMA_CH_COMMAND), DMA_CMD_RELEASE);
    rig_run();
    /* One piece has gone, the next one is held. */
    expect(rig, 0, DMA_STATUS_BUSY | DMA_STATUS_HELD | DMA_STATUS_MAPPED, 0);
    g_assert_cmpuint(get(rig, ch(0, DMA_CH_PROGRESS)), ==, DMA_ENGINE_PIECE);
    expect_same(rig, A, B, DMA_ENGINE_PIECE);
    g_assert_cmpuint(*rig_ram(rig, B + DMA_ENGINE_PIECE), ==, 0);
    set(rig, DMA_ENGINE_HOLD, 0xe);
    rig_run();
    expect(rig, 0, DMA_STATUS_DONE, 0);
    expect_same(rig, A, B, 2 * DMA_ENGINE_PIECE);
    g_assert_cmphex(get(rig, DMA_ENGINE_INT_STATUS), ==, 1);
}

static void test_abort(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    set(rig, DMA_ENGINE_HOLD, 1);
    start(rig, 0, A, B, 64, DMA_CMD_IRQ);
    rig_run();
    set(rig, ch(0, DMA_CH_COMMAND), DMA_CMD_ABORT);
    expect(rig, 0, DMA_STATUS_FAILED, DMA_ERR_ABORTED);
    g_assert_cmpuint(rig->maps, ==, 0);
    g_assert_cmpint(rig->intx, ==, 1);
    /* ABORT of an idle channel, and ABORT with START: the new one runs. */
    set(rig, DMA_ENGINE_HOLD, 0);
    run(rig, A, B, 64, DMA_CMD_ABORT);
    g_assert_cmpuint(get64(rig, 0, DMA_CH_ERRORS), ==, 1);
}

/* Requests that are under way are taken back by abort and by reset. */
static void test_cancel(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    rig->mappable = false;
    rig->slow = true;
    start(rig, 0, A, B, 64, 0);
    rig_run();
    g_assert_cmpuint(rig->requests.length, ==, 1);
    set(rig, ch(0, DMA_CH_COMMAND), DMA_CMD_ABORT);
    g_assert_cmpuint(rig->cancels, ==, 1);
    start(rig, 0, A, B, 64, 0);
    rig_run();
    rig_answer(rig, MEMTX_OK);
    rig_run();
    g_assert_cmpuint(rig->requests.length, ==, 1);
    rig_reset(rig);
    g_assert_cmpuint(rig->cancels, ==, 2);
    expect(rig, 0, 0, 0);
    start(rig, 0, A, B, 64, 0);
    rig_run();
    rig_answer(rig, MEMTX_OK);
    rig_run();
    rig_answer(rig, MEMTX_ERROR);
    rig_run();
    expect(rig, 0, DMA_STATUS_FAILED, DMA_ERR_WRITE);
}

/* ---- revocation ---- */

static void held_then_revoked(PCIRig *rig, hwaddr first, hwaddr last, uint64_t fault)
{
    set(rig, DMA_ENGINE_HOLD, 1);
    start(rig, 0, A, B, 2 * DMA_ENGINE_PIECE, DMA_CMD_IRQ);
    rig_run();
    set(rig, ch(0, DMA_CH_COMMAND), DMA_CMD_RELEASE);
    rig_run();
    rig_revoke(rig, first, last);
    if (fault) {
        /* By the time the client has its answer nothing is held any more. */
        g_assert_cmpuint(rig->maps, ==, 0);
        expect(rig, 0, DMA_STATUS_FAILED, DMA_ERR_REVOKED);
        g_assert_cmphex(get64(rig, 0, DMA_CH_FAULT_ADDR), ==, fault);
        g_assert_cmpint(rig->intx, ==, 1);
        set(rig, DMA_ENGINE_INT_STATUS, 1);
        g_assert_true(QLIST_EMPTY(&rig->notifiers));
    } else {
        expect(rig, 0, DMA_STATUS_BUSY | DMA_STATUS_HELD | DMA_STATUS_MAPPED, 0);
        set(rig, ch(0, DMA_CH_COMMAND), DMA_CMD_ABORT);
        set(rig, DMA_ENGINE_INT_STATUS, 1);
    }
}

static void test_revoke(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);
    const hwaddr half = DMA_ENGINE_PIECE, whole = 2 * DMA_ENGINE_PIECE;

    held_then_revoked(rig, A + whole - 1, A + whole - 1, A + whole - 1);
    held_then_revoked(rig, B + half, B + half, B + half);
    held_then_revoked(rig, 0, UINT64_MAX, A + half);
    held_then_revoked(rig, B + whole - 1, UINT64_MAX, B + whole - 1);
    /* What has been moved, and what lies beside, is not needed. */
    held_then_revoked(rig, A, A + half - 1, 0);
    held_then_revoked(rig, B, B + half - 1, 0);
    held_then_revoked(rig, A + whole, B - 1, 0);
    held_then_revoked(rig, B + whole, UINT64_MAX, 0);
    held_then_revoked(rig, 0, A - 1, 0);
}

static void test_revoke_request(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    rig->mappable = false;
    rig->slow = true;
    start(rig, 0, A, B, 64, 0);
    start(rig, 1, A + 0x1000, B + 0x1000, 64, 0);
    rig_run();
    rig_revoke(rig, B, B + 63);
    g_assert_cmpuint(rig->cancels, ==, 1);
    expect(rig, 0, DMA_STATUS_FAILED, DMA_ERR_REVOKED);
    expect(rig, 1, DMA_STATUS_BUSY, 0);
    while (rig->requests.length) {
        rig_answer(rig, MEMTX_OK);
        rig_run();
    }
    expect(rig, 1, DMA_STATUS_DONE, 0);
}

/* ---- lists ---- */

static void put_descriptor(PCIRig *rig, int n, uint64_t src, uint64_t dst, uint32_t len,
                           uint32_t which)
{
    DMAEngineDescriptor d = {
        cpu_to_le64(src), cpu_to_le64(dst), cpu_to_le32(len), cpu_to_le32(which),
        cpu_to_le32(0x5a5a5a5a), 0,
    };

    memcpy(rig_ram(rig, LIST_AT + n * sizeof(d)), &d, sizeof(d));
}

static void a_list(PCIRig *rig)
{
    fill(rig, A, 1000, 2);
    put_descriptor(rig, 0, A, 100, 500, DMA_OP_TO_BUFFER);
    put_descriptor(rig, 1, 0, 0, 0, DMA_OP_COPY);
    put_descriptor(rig, 2, 100, B, 500, DMA_OP_FROM_BUFFER);
    put_descriptor(rig, 3, A + 500, B + 500, 500, DMA_OP_COPY);
    put_descriptor(rig, 4, 0, B + 1000, 3, DMA_OP_FILL);
}

static void test_list(void)
{
    for (int mappable = 0; mappable < 2; mappable++) {
        g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

        rig->mappable = mappable;
        a_list(rig);
        run(rig, LIST_AT, 0, 5, DMA_CMD_LIST | DMA_CMD_IRQ);
        expect_same(rig, A, B, 1000);
        g_assert_cmpmem(rig_ram(rig, B + 1000), 4, "ZZZ\0", 4);
        g_assert_cmpuint(get64(rig, 0, DMA_CH_BYTES), ==, 1503);
        g_assert_cmpuint(get64(rig, 0, DMA_CH_TRANSFERS), ==, 1);
        g_assert_cmphex(get(rig, DMA_ENGINE_INT_STATUS), ==, 1);
    }
}

/* The list is read once: what the client writes into it later has no effect. */
static void test_list_read_once(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    a_list(rig);
    set(rig, DMA_ENGINE_HOLD, 1);
    start(rig, 0, LIST_AT, 0, 5, DMA_CMD_LIST);
    rig_run();
    memset(rig_ram(rig, LIST_AT), 0xff, 5 * sizeof(DMAEngineDescriptor));
    set(rig, DMA_ENGINE_HOLD, 0);
    rig_run();
    expect(rig, 0, DMA_STATUS_DONE, 0);
    expect_same(rig, A, B, 1000);
}

static void expect_list_error(PCIRig *rig, uint32_t n, DMAEngineError error, uint32_t index)
{
    start(rig, 0, LIST_AT, 0, n, DMA_CMD_LIST);
    rig_run();
    expect(rig, 0, DMA_STATUS_FAILED, error);
    g_assert_cmpuint(get(rig, ch(0, DMA_CH_ERROR_INDEX)), ==, index);
}

static void test_bad_lists(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, "max-descriptors=8");

    fail(rig, LIST_AT, 0, 0, DMA_CMD_LIST, DMA_ERR_LIST, LIST_AT);
    fail(rig, LIST_AT, 0, 9, DMA_CMD_LIST, DMA_ERR_LIST, LIST_AT);
    fail(rig, LIST_AT, 0, UINT32_MAX, DMA_CMD_LIST, DMA_ERR_LIST, LIST_AT);
    fail(rig, UINT64_MAX - 30, 0, 1, DMA_CMD_LIST, DMA_ERR_RANGE, UINT64_MAX - 30);
    fail(rig, NOWHERE, 0, 1, DMA_CMD_LIST, DMA_ERR_READ, NOWHERE);
    a_list(rig);
    put_descriptor(rig, 3, A, B, 4, DMA_OP_COPY | 8);
    expect_list_error(rig, 5, DMA_ERR_DESCRIPTOR, 3);
    put_descriptor(rig, 3, A, B, 4, DMA_OP_MAX);
    expect_list_error(rig, 5, DMA_ERR_COMMAND, 3);
    put_descriptor(rig, 3, A, DMA_ENGINE_BUFFER_SIZE - 3, 4, DMA_OP_TO_BUFFER);
    expect_list_error(rig, 5, DMA_ERR_RANGE, 3);
    /* Nothing of a list with a bad descriptor has been executed. */
    g_assert_cmpuint(get64(rig, 0, DMA_CH_BYTES), ==, 0);
    put_descriptor(rig, 3, A, NOWHERE, 4, DMA_OP_COPY);
    expect_list_error(rig, 5, DMA_ERR_WRITE, 3);
    g_assert_cmpuint(get64(rig, 0, DMA_CH_BYTES), ==, 1000);
}

static void test_list_revoked(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    a_list(rig);
    rig->mappable = false;
    rig->slow = true;
    start(rig, 0, LIST_AT, 0, 5, DMA_CMD_LIST);
    rig_run();
    expect(rig, 0, DMA_STATUS_BUSY | DMA_STATUS_FETCHING, 0);
    rig_revoke(rig, LIST_AT + 5 * 32, A - 1);
    expect(rig, 0, DMA_STATUS_BUSY | DMA_STATUS_FETCHING, 0);
    rig_revoke(rig, LIST_AT + 5 * 32 - 1, A - 1);
    expect(rig, 0, DMA_STATUS_FAILED, DMA_ERR_REVOKED);
    /* A later descriptor's memory counts as soon as the list is known. */
    start(rig, 0, LIST_AT, 0, 5, DMA_CMD_LIST);
    rig_run();
    rig_answer(rig, MEMTX_OK);
    rig_run();
    rig_revoke(rig, LIST_AT, LIST_AT);
    expect(rig, 0, DMA_STATUS_BUSY, 0);
    rig_revoke(rig, B + 1002, B + 1002);
    expect(rig, 0, DMA_STATUS_FAILED, DMA_ERR_REVOKED);
    g_assert_cmphex(get64(rig, 0, DMA_CH_FAULT_ADDR), ==, B + 1002);
}

/* ---- interrupts ---- */

static void test_intx(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    run(rig, A, B, 4, 0);
    g_assert_cmpint(rig->intx, ==, 0);
    set(rig, DMA_ENGINE_INT_ENABLE, 0xe);
    run(rig, A, B, 4, DMA_CMD_IRQ);
    g_assert_cmpint(rig->intx, ==, 0);
    g_assert_cmphex(get(rig, DMA_ENGINE_INT_STATUS), ==, 1);
    set(rig, DMA_ENGINE_INT_ENABLE, 1);
    g_assert_cmpint(rig->intx, ==, 1);
    set(rig, DMA_ENGINE_INT_STATUS, 2);
    g_assert_cmpint(rig->intx, ==, 1);
    set(rig, DMA_ENGINE_INT_STATUS, 1);
    g_assert_cmpint(rig->intx, ==, 0);
}

static void test_msix(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    rig_enable_msix(rig);
    start(rig, 2, A, B, 4, DMA_CMD_IRQ);
    start(rig, 3, A, NOWHERE, 4, DMA_CMD_IRQ);
    start(rig, 1, A, B + 8, 4, 0);
    rig_run();
    g_assert_cmpuint(rig->msix[1], ==, 0);
    g_assert_cmpuint(rig->msix[2], ==, 1);
    g_assert_cmpuint(rig->msix[3], ==, 1);
    g_assert_cmphex(get(rig, DMA_ENGINE_INT_STATUS), ==, 0xc);
    g_assert_cmpint(rig->intx, ==, 0);
}

static void test_reset(void)
{
    g_autoptr(PCIRig) rig = rig_new(TYPE_DMA_ENGINE, NULL);

    set(rig, DMA_ENGINE_HOLD, 1);
    start(rig, 0, A, B, 64, DMA_CMD_IRQ);
    start(rig, 1, A, 0, 64, op(DMA_OP_TO_BUFFER) | DMA_CMD_IRQ);
    fill(rig, A, 64, 1);
    rig_run();
    set(rig, DMA_ENGINE_RESET, 1);
    g_assert_cmphex(get(rig, DMA_ENGINE_BUSY), ==, 1);
    set(rig, DMA_ENGINE_RESET, DMA_ENGINE_RESET_KEY);
    g_assert_cmphex(get(rig, DMA_ENGINE_BUSY) | get(rig, DMA_ENGINE_HOLD), ==, 0);
    g_assert_cmphex(get(rig, DMA_ENGINE_INT_STATUS), ==, 0);
    g_assert_cmpint(rig->intx, ==, 0);
    g_assert_cmphex(get64(rig, 1, DMA_CH_BYTES), ==, 0);
    g_assert_cmphex(rig_read(rig, 2, 0, 8), ==, 0);
    g_assert_cmpuint(rig->maps, ==, 0);
    run(rig, A, B, 64, 0);
}

/* ---- migration ---- */

static void test_migration_held(void)
{
    g_autoptr(PCIRig) a = rig_new(TYPE_DMA_ENGINE, NULL);
    g_autoptr(PCIRig) b = rig_new(TYPE_DMA_ENGINE, NULL);
    g_autoptr(GBytes) bytes = NULL;

    a_list(a);
    a_list(b);
    set(a, DMA_ENGINE_HOLD, 1);
    start(a, 0, LIST_AT, 0, 5, DMA_CMD_LIST | DMA_CMD_IRQ);
    rig_write(a, 0, ch(1, DMA_CH_DELAY), 1000, 8);
    start(a, 1, A, B + 0x1000, 100, 0);
    rig_run();
    set(a, ch(0, DMA_CH_COMMAND), DMA_CMD_RELEASE);
    rig_run();
    bytes = rig_save(a);
    g_assert_cmpint(rig_load(b, bytes), ==, 0);
    rig_run();
    expect(b, 0, DMA_STATUS_BUSY | DMA_STATUS_HELD | DMA_STATUS_MAPPED, 0);
    expect(b, 1, DMA_STATUS_BUSY | DMA_STATUS_DELAYED, 0);
    g_assert_cmpuint(get64(b, 0, DMA_CH_BYTES), ==, 500);
    set(b, DMA_ENGINE_HOLD, 0);
    rig_advance(1000);
    expect(b, 0, DMA_STATUS_DONE, 0);
    expect(b, 1, DMA_STATUS_DONE, 0);
    expect_same(b, A, B, 1000);
    expect_same(b, A, B + 0x1000, 100);
    g_assert_cmphex(get(b, DMA_ENGINE_INT_STATUS), ==, 1);
    rig_truncate_everywhere(b, bytes);
    rig_corrupt(b, bytes, 2000);
}

/* Caught while the list was being fetched: the other end fetches it again. */
static void test_migration_fetching(void)
{
    g_autoptr(PCIRig) a = rig_new(TYPE_DMA_ENGINE, NULL);
    g_autoptr(PCIRig) b = rig_new(TYPE_DMA_ENGINE, NULL);
    g_autoptr(PCIRig) other = rig_new(TYPE_DMA_ENGINE, "channels=5");
    g_autoptr(GBytes) bytes = NULL;

    a->slow = true;
    a->mappable = false;
    a_list(b);
    start(a, 0, LIST_AT, 0, 5, DMA_CMD_LIST);
    rig_run();
    bytes = rig_save(a);
    g_assert_cmpint(rig_load(b, bytes), ==, 0);
    rig_run();
    expect(b, 0, DMA_STATUS_DONE, 0);
    expect_same(b, A, B, 1000);
    g_assert_cmpint(rig_load(other, bytes), <, 0);
    rig_reset(a);
}

int main(int argc, char **argv)
{
    rig_setup(&argc, &argv);
    g_test_add_func("/dma-engine/identity", test_identity);
    g_test_add_func("/dma-engine/halves", test_halves);
    g_test_add_func("/dma-engine/properties", test_properties);
    g_test_add_func("/dma-engine/mapped", test_mapped);
    g_test_add_func("/dma-engine/requests", test_requests);
    g_test_add_func("/dma-engine/latch", test_latch);
    g_test_add_func("/dma-engine/delay", test_delay);
    g_test_add_func("/dma-engine/errors", test_errors);
    g_test_add_func("/dma-engine/no-bus-master", test_no_bus_master);
    g_test_add_func("/dma-engine/hold", test_hold);
    g_test_add_func("/dma-engine/abort", test_abort);
    g_test_add_func("/dma-engine/cancel", test_cancel);
    g_test_add_func("/dma-engine/revoke", test_revoke);
    g_test_add_func("/dma-engine/revoke-request", test_revoke_request);
    g_test_add_func("/dma-engine/list", test_list);
    g_test_add_func("/dma-engine/list-read-once", test_list_read_once);
    g_test_add_func("/dma-engine/bad-lists", test_bad_lists);
    g_test_add_func("/dma-engine/list-revoked", test_list_revoked);
    g_test_add_func("/dma-engine/intx", test_intx);
    g_test_add_func("/dma-engine/msix", test_msix);
    g_test_add_func("/dma-engine/reset", test_reset);
    g_test_add_func("/dma-engine/migration-held", test_migration_held);
    g_test_add_func("/dma-engine/migration-fetching", test_migration_fetching);
    return g_test_run();
}
