/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The controller's state out of a stream, an honest one and others: vmstate.c, vmstate-load.c. */
#include "qemu/osdep.h"
#include "nvme-rig.h"

static NvmeSqe read_page(unsigned page)
{
    return nvme_cmd_rw(NVME_IO_READ, 0, 8, RIG_RAM_BASE + RIG_RAM_SIZE / 2 + page * 4096, 0);
}

/* A second controller that is configured alike, with the memory of the first one. */
static NvmeRig *other_end(NvmeRig *a, const char *props)
{
    NvmeRig *b;

    nvme_rig_add_node("{'driver': 'null-co', 'node-name': 'n1', 'size': 1073741824,"
                      " 'read-zeroes': true}");
    b = nvme_rig_new_on("n1", props);
    memcpy(b->pci->ram, a->pci->ram, RIG_RAM_SIZE);
    b->admin = a->admin;
    b->io = a->io;
    b->cid = a->cid;
    return b;
}

static void other_end_free(NvmeRig *b)
{
    nvme_rig_free(b);
    nvme_rig_del_node("n1");
}

static GBytes *move(NvmeRig *a, NvmeRig *b)
{
    GBytes *bytes = rig_save(a->pci);

    g_assert_cmpint(rig_load(b->pci, bytes), ==, 0);
    return bytes;
}

static void expect_same(GBytes *bytes, NvmeRig *b)
{
    g_autoptr(GBytes) again = rig_save(b->pci);

    g_assert_true(g_bytes_equal(bytes, again));
}

static void test_idle(void)
{
    g_autoptr(NvmeRig) a = nvme_rig_new(NULL);
    NvmeRig *b = other_end(a, NULL);
    g_autoptr(GBytes) bytes = move(a, b);

    expect_same(bytes, b);
    g_assert_cmphex(nvme_rig_csts(b), ==, 0);
    nvme_rig_start(b, 16);
    other_end_free(b);
}

/* Half full and wrapped; on the other end it goes on where it was. */
static void test_queues(void)
{
    g_autoptr(NvmeRig) a = nvme_rig_new("mmap-doorbells=on");
    g_autoptr(GBytes) bytes = NULL;
    NvmeRig *b;

    nvme_rig_start(a, 16);
    for (unsigned i = 0; i < 21; i++) {
        nvme_rig_status(a, &a->io, read_page(i));
    }
    b = other_end(a, "mmap-doorbells=on");
    bytes = move(a, b);
    expect_same(bytes, b);
    for (unsigned i = 0; i < 40; i++) {
        g_assert_cmphex(nvme_rig_status(b, &b->io, read_page(i)), ==, 0);
    }
    other_end_free(b);
}

/* What the back end holds here starts again there, each command once. */
static void test_under_way(void)
{
    g_autoptr(NvmeRig) a = nvme_rig_new_held(NULL);
    g_autoptr(GBytes) bytes = NULL;
    NvmeRig *b;
    bool seen[5] = { false };
    uint16_t first;

    nvme_rig_start(a, 16);
    nvme_rig_submit(a, &a->admin, nvme_cmd(NVME_ADMIN_ASYNC_EVENT, 0));
    first = a->cid;
    for (unsigned i = 0; i < 5; i++) {
        nvme_rig_submit(a, &a->io, read_page(i));
    }
    rig_run();
    g_assert_cmpuint(nvme_rig_held(), ==, 5);
    b = other_end(a, NULL);
    memset(nvme_rig_at(b, RIG_RAM_BASE + RIG_RAM_SIZE / 2), 0x55, 5 * 4096);
    bytes = move(a, b);
    expect_same(bytes, b);
    rig_run();
    for (unsigned i = 0; i < 5; i++) {
        NvmeCqe cqe = nvme_rig_expect(b, &b->io);
        unsigned which = (uint16_t)(le16_to_cpu(cqe.cid) - first);

        g_assert_cmpuint(which, <, 5);
        g_assert_false(seen[which]);
        seen[which] = true;
        g_assert_cmphex(nvme_cqe_status(cqe), ==, 0);
        g_assert_cmphex(*(uint8_t *)nvme_rig_at(b, RIG_RAM_BASE + RIG_RAM_SIZE / 2 + i * 4096),
                        ==, 0);
    }
    nvme_rig_expect_none(b, &b->io);
    nvme_rig_expect_none(b, &b->admin);
    other_end_free(b);
}

/* Completions for which there was no room come there when there is. */
static void test_full(void)
{
    g_autoptr(NvmeRig) a = nvme_rig_new(NULL);
    g_autoptr(GBytes) bytes = NULL;
    NvmeRig *b;

    nvme_rig_enable(a);
    a->io = (NvmeRigQueue) { .id = 1, .phase = true, .entries = 4 };
    a->io.cq = nvme_rig_alloc(a, 4096);
    a->io.sq = nvme_rig_alloc(a, 4096);
    nvme_rig_status(a, &a->admin, nvme_cmd_create_cq(1, 4, a->io.cq, 0));
    nvme_rig_status(a, &a->admin, nvme_cmd_create_sq(1, 64, a->io.sq, 1));
    for (unsigned i = 0; i < 10; i++) {
        NvmeSqe cmd = read_page(i);

        cmd.cid = cpu_to_le16(i);
        memcpy(nvme_rig_at(a, a->io.sq + i * 64), &cmd, 64);
    }
    rig_write(a->pci, 0, NVME_DOORBELLS + 8, 10, 4);
    rig_run();
    b = other_end(a, NULL);
    bytes = move(a, b);
    expect_same(bytes, b);
    for (unsigned i = 0; i < 10; i++) {
        rig_run();
        g_assert_cmpuint(le16_to_cpu(nvme_rig_expect(b, &b->io).cid), ==, i);
    }
    other_end_free(b);
}

/* Entries and completions that are on their way by message. */
static void test_messages(void)
{
    for (unsigned answers = 0; answers < 5; answers++) {
        g_autoptr(NvmeRig) a = nvme_rig_new(NULL);
        g_autoptr(GBytes) bytes = NULL;
        NvmeRig *b;

        nvme_rig_start(a, 16);
        a->pci->mappable = false;
        rig_revoke(a->pci, 0, UINT64_MAX);
        a->pci->slow = true;
        for (unsigned i = 0; i < 3; i++) {
            nvme_rig_put(a, &a->io, read_page(i));
        }
        nvme_rig_ring(a, &a->io);
        for (unsigned i = 0; i < answers; i++) {
            rig_run();
            rig_answer(a->pci, MEMTX_OK);
        }
        b = other_end(a, NULL);
        b->pci->mappable = false;
        bytes = move(a, b);
        rig_run();
        for (unsigned i = 0; i < 3; i++) {
            g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(b, &b->io)), ==, 0);
        }
        nvme_rig_expect_none(b, &b->io);
        nvme_rig_disable(a);
        other_end_free(b);
    }
}

static void test_cmb_and_pieces(void)
{
    g_autoptr(NvmeRig) a = nvme_rig_new("cmb_size_mb=1");
    g_autoptr(GBytes) bytes = NULL;
    uint64_t list;
    NvmeRig *b;
    NvmeSqe cmd;

    rig_write(a->pci, 0, NVME_REG_CMBMSC, 1ull << 40 | 3, 8);
    rig_write(a->pci, 2, 0x1234, 0x5678, 4);
    nvme_rig_enable(a);
    list = nvme_rig_alloc(a, 4096);
    stq_le_p(nvme_rig_at(a, list), nvme_rig_alloc(a, 4096));
    cmd = nvme_cmd_create_cq(1, 16, list, 0);
    cmd.cdw11 = cpu_to_le32(2);
    g_assert_cmphex(nvme_rig_status(a, &a->admin, cmd), ==, 0);
    b = other_end(a, "cmb_size_mb=1");
    bytes = move(a, b);
    expect_same(bytes, b);
    g_assert_cmphex(rig_read(b->pci, 2, 0x1234, 4), ==, 0x5678);
    g_assert_cmphex(rig_read(b->pci, 0, NVME_REG_CMBMSC, 8), ==, 1ull << 40 | 3);
    other_end_free(b);
}

static void test_fatal_and_shutdown(void)
{
    g_autoptr(NvmeRig) a = nvme_rig_new_held(NULL);
    g_autoptr(GBytes) fatal = NULL, shutdown = NULL;
    NvmeRig *b;

    rig_write(a->pci, 0, NVME_REG_CC, NVME_CC_EN, 4);
    b = other_end(a, NULL);
    fatal = move(a, b);
    expect_same(fatal, b);
    g_assert_cmphex(nvme_rig_csts(b), ==, NVME_CSTS_CFS);
    nvme_rig_disable(a);
    nvme_rig_enable(a);
    rig_write(a->pci, 0, NVME_REG_CC,
              rig_read(a->pci, 0, NVME_REG_CC, 4) | 1 << NVME_CC_SHN_SHIFT, 4);
    g_assert_cmpuint(nvme_rig_held(), ==, 1);
    memcpy(b->pci->ram, a->pci->ram, RIG_RAM_SIZE);
    shutdown = move(a, b);
    rig_run();
    g_assert_cmpuint(nvme_rig_csts(b) >> NVME_CSTS_SHST_SHIFT & 3, ==, NVME_SHST_COMPLETE);
    other_end_free(b);
}

static void test_mismatch(void)
{
    g_autoptr(NvmeRig) a = nvme_rig_new(NULL);
    g_autoptr(GBytes) bytes = rig_save(a->pci);
    NvmeRig *b = other_end(a, "max_ioqpairs=3");

    g_assert_cmpint(rig_load(b->pci, bytes), <, 0);
    other_end_free(b);
}

/* A stream of anybody's: refused, or a controller that can be reset. */
static void test_hostile(void)
{
    g_autoptr(NvmeRig) a = nvme_rig_new_held(NULL);
    g_autoptr(GBytes) bytes = NULL;

    nvme_rig_start(a, 16);
    nvme_rig_submit(a, &a->admin, nvme_cmd(NVME_ADMIN_ASYNC_EVENT, 0));
    for (unsigned i = 0; i < 5; i++) {
        nvme_rig_submit(a, &a->io, read_page(i));
    }
    rig_run();
    bytes = rig_save(a->pci);
    nvme_rig_disable(a);
    rig_truncate_everywhere(a->pci, bytes);
    rig_corrupt(a->pci, bytes, 1000);
    nvme_rig_let_go(0);
    nvme_rig_start(a, 16);
    g_assert_cmphex(nvme_rig_status(a, &a->io, read_page(0)), ==, 0);
}

/* Bytes that are left over are the reader's to complain of: here it is the device's turn. */
static bool try_load(NvmeRig *rig, GBytes *bytes)
{
    const VMStateDescription *vmsd = qdev_get_vmsd(DEVICE(rig->pci->dev));
    g_autoptr(QEMUFile) f = qemu_file_new_reader(bytes);
    g_autoptr(Error) err = NULL;

    return vmstate_load_state(f, vmsd, rig->pci->dev, vmsd->version_id, &err) == 0;
}

/* The same where the core's numbers are: each byte of them gets each of some values. */
static void test_hostile_core(void)
{
    static const uint8_t values[] = { 0, 1, 2, 0x7f, 0x80, 0xff };
    g_autoptr(NvmeRig) a = nvme_rig_new_held(NULL);
    g_autoptr(GBytes) bytes = NULL;
    unsigned loaded = 0;
    const uint8_t *data;
    size_t len;

    nvme_rig_start(a, 4);
    for (unsigned i = 0; i < 2; i++) {
        nvme_rig_submit(a, &a->io, read_page(i));
    }
    rig_run();
    bytes = rig_save(a->pci);
    data = g_bytes_get_data(bytes, &len);
    for (size_t at = len > 3000 ? len - 3000 : 0; at < len; at += 3) {
        for (unsigned v = 0; v < G_N_ELEMENTS(values); v++) {
            uint8_t *bad = g_memdup2(data, len);
            g_autoptr(GBytes) stream = NULL;

            bad[at] = values[v];
            stream = g_bytes_new_take(bad, len);
            if (try_load(a, stream)) {
                loaded++;
                rig_run();
            }
            rig_reset(a->pci);
        }
    }
    g_assert_cmpuint(loaded, !=, 0);
}

/* Marked blocks cannot be read on the other end either, and those between them can. */
static void test_uncorrectable(void)
{
    g_autoptr(NvmeRig) a = nvme_rig_new(NULL);
    NvmeRig *b;
    g_autoptr(GBytes) bytes = NULL;

    nvme_rig_start(a, 16);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmphex(nvme_rig_status(a, &a->io, nvme_cmd_rw(NVME_IO_WRITE_UNCORRECTABLE,
                                                               100 * i, 10, 0, 0)), ==, 0);
    }
    b = other_end(a, NULL);
    bytes = move(a, b);
    expect_same(bytes, b);
    g_assert_cmphex(nvme_rig_status(b, &b->io, nvme_cmd_rw(NVME_IO_VERIFY, 209, 1, 0, 0)), ==,
                    NVME_UNRECOVERED_READ_ERROR);
    g_assert_cmphex(nvme_rig_status(b, &b->io, nvme_cmd_rw(NVME_IO_VERIFY, 110, 90, 0, 0)), ==, 0);
    other_end_free(b);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/vmstate/idle", test_idle);
    g_test_add_func("/nvme/vmstate/queues", test_queues);
    g_test_add_func("/nvme/vmstate/under-way", test_under_way);
    g_test_add_func("/nvme/vmstate/full", test_full);
    g_test_add_func("/nvme/vmstate/messages", test_messages);
    g_test_add_func("/nvme/vmstate/cmb-and-pieces", test_cmb_and_pieces);
    g_test_add_func("/nvme/vmstate/fatal-and-shutdown", test_fatal_and_shutdown);
    g_test_add_func("/nvme/vmstate/uncorrectable", test_uncorrectable);
    g_test_add_func("/nvme/vmstate/mismatch", test_mismatch);
    g_test_add_func("/nvme/vmstate/hostile", test_hostile);
    g_test_add_func("/nvme/vmstate/hostile-core", test_hostile_core);
    return g_test_run();
}
