/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Format NVM: formats, what becomes of the contents, and how it goes while it lasts. */
#include "qemu/osdep.h"
#include "qemu/timer.h"
#include "admin-rig.h"

#define MIB (1024ULL * 1024)

/* CDW10: LBA format, metadata with the data, protection, erase */
#define CDW10(lbaf, mset, pi, pil, ses) \
    (((lbaf) & 0xf) | (mset) << 4 | (pi) << 5 | (pil) << 8 | (ses) << 9 | ((lbaf) >> 4) << 12)

static NvmeRig *start(void)
{
    NvmeRig *rig = nvme_rig_new(NULL);

    nvme_rig_start(rig, 16);
    return rig;
}

static uint16_t format(NvmeRig *rig, uint32_t nsid, uint32_t cdw10)
{
    return admin(rig, 0x80, nsid, cdw10, 0);
}

static void test_formats(void)
{
    static const struct {
        uint16_t ms;
        uint32_t bytes;
    } formats[] = {
        { 0, 512 }, { 8, 512 }, { 16, 512 }, { 64, 512 },
        { 0, 4096 }, { 8, 4096 }, { 16, 4096 }, { 64, 4096 },
    };
    g_autoptr(NvmeRig) rig = start();

    for (unsigned i = 0; i < ARRAY_SIZE(formats); i++) {
        uint64_t blocks = 1024 * MIB / (formats[i].bytes + formats[i].ms);
        const uint8_t *page;

        g_assert_cmphex(format(rig, 1, CDW10(i, 1, 0, 0, 0)), ==, OK);
        page = identify(rig, 0, 1, 0);
        assert_field(page, 0, 8, blocks);
        assert_field(page, 8, 8, blocks);
        assert_field(page, 26, 1, i | (formats[i].ms ? 1 << 4 : 0));
        assert_field(page, 29, 1, 0);
        assert_field(page, 32, 1, 0x80);
        assert_field(page, 48, 8, blocks * formats[i].bytes);
    }
}

static void test_protection(void)
{
    g_autoptr(NvmeRig) rig = start();

    for (unsigned type = 1; type <= 3; type++) {
        g_assert_cmphex(format(rig, 1, CDW10(1, 0, type, 1, 0)), ==, OK);
        assert_field(identify(rig, 0, 1, 0), 29, 1, type | 8);
        g_assert_cmphex(format(rig, 1, CDW10(0, 0, type, 0, 0)), ==, INVALID_FORMAT);
        g_assert_cmphex(format(rig, 1, CDW10(4, 0, type, 0, 0)), ==, INVALID_FORMAT);
    }
    for (unsigned type = 4; type < 8; type++) {
        g_assert_cmphex(format(rig, 1, CDW10(1, 0, type, 0, 0)), ==, INVALID_FORMAT);
    }
    assert_field(identify(rig, 0, 1, 0), 29, 1, 3 | 8);
    g_assert_cmphex(format(rig, 1, CDW10(1, 0, 0, 1, 0)), ==, OK);
    assert_field(identify(rig, 0, 1, 0), 29, 1, 0);
}

/* 64 bit guards need 16 bytes. */
static void test_wide_guard(void)
{
    g_autoptr(NvmeRig) rig = start();
    DeviceState *ns;

    add_null_node("n2", MIB);
    ns = add_ns(rig, "ns2", "drive=n2,ms=16,pi=1,pif=1");
    g_assert_cmphex(format(rig, 2, CDW10(1, 0, 1, 0, 0)), ==, INVALID_FORMAT);
    g_assert_cmphex(format(rig, 2, CDW10(3, 0, 1, 0, 0)), ==, OK);
    g_assert_cmphex(format(rig, 2, CDW10(1, 0, 0, 0, 0)), ==, OK);
    remove_device(ns);
    nvme_rig_del_node("n2");
}

static void test_refused(void)
{
    g_autoptr(NvmeRig) rig = start();

    for (unsigned lbaf = 8; lbaf < 64; lbaf++) {
        g_assert_cmphex(format(rig, 1, CDW10(lbaf, 0, 0, 0, 0)), ==, INVALID_FORMAT);
    }
    for (unsigned ses = 2; ses < 8; ses++) {
        g_assert_cmphex(format(rig, 1, CDW10(0, 0, 0, 0, ses)), ==, INVALID_FIELD);
    }
    g_assert_cmphex(format(rig, 0, 0), ==, INVALID_NSID);
    g_assert_cmphex(format(rig, 2, 0), ==, INVALID_NSID);
    g_assert_cmphex(format(rig, 257, 0), ==, INVALID_NSID);
    assert_field(identify(rig, 0, 1, 0), 26, 1, 0);
}

/* A medium on which not one block of the new format fits. */
static void test_too_small(void)
{
    g_autoptr(NvmeRig) rig = start();
    DeviceState *ns;

    add_null_node("n2", 1024);
    ns = add_ns(rig, "ns2", "drive=n2");
    g_assert_cmphex(format(rig, 2, CDW10(4, 0, 0, 0, 0)), ==, INVALID_FORMAT);
    assert_field(identify(rig, 0, 2, 0), 0, 8, 2);
    assert_field(identify(rig, 0, 2, 0), 26, 1, 0);
    remove_device(ns);
    nvme_rig_del_node("n2");
}

static void test_broadcast(void)
{
    g_autoptr(NvmeRig) rig = start();
    DeviceState *ns;

    add_null_node("n2", MIB);
    ns = add_ns(rig, "ns2", "drive=n2");
    g_assert_cmphex(format(rig, ALL_NS, CDW10(4, 0, 0, 0, 1)), ==, OK);
    assert_field(identify(rig, 0, 1, 0), 0, 8, 1024 * MIB / 4096);
    assert_field(identify(rig, 0, 2, 0), 0, 8, MIB / 4096);
    g_assert_cmphex(set_feature(rig, 0x84, 2, 1), ==, OK);
    g_assert_cmphex(format(rig, ALL_NS, CDW10(0, 0, 0, 0, 0)), ==, WRITE_PROTECTED);
    assert_field(identify(rig, 0, 1, 0), 0, 8, 1024 * MIB / 4096);
    remove_device(ns);
    nvme_rig_del_node("n2");
}

/* ---- while it lasts ---- */

/* A medium that takes a second for each request. */
static NvmeRig *start_slow(void)
{
    NvmeRig *rig;

    nvme_rig_add_node("{'driver': 'null-co', 'node-name': 'slow', 'size': 201326592,"
                      " 'read-zeroes': true, 'latency-ns': 1000000000}");
    rig = nvme_rig_new_on("slow", NULL);
    nvme_rig_start(rig, 16);
    return rig;
}

static void end_slow(NvmeRig *rig)
{
    nvme_rig_free(rig);
    nvme_rig_del_node("slow");
}

static void begin_format(NvmeRig *rig)
{
    NvmeCqe cqe;

    nvme_rig_submit(rig, &rig->admin, admin_cmd(rig, 0x80, 1, CDW10(4, 0, 0, 0, 0), 0));
    rig_run();
    g_assert_false(nvme_rig_reap(rig, &rig->admin, &cqe));
}

static uint16_t end_format(NvmeRig *rig)
{
    unsigned seconds = 0;
    NvmeCqe cqe;

    while (!nvme_rig_reap(rig, &rig->admin, &cqe)) {
        rig_advance(1000 * 1000000LL);
        g_assert_cmpuint(seconds++, <, 100);
    }
    return nvme_cqe_status(cqe);
}

static void test_busy(void)
{
    NvmeRig *rig = start_slow();
    NvmeSqe read = nvme_cmd_rw(0x02, 0, 1, rig_page(rig), 0);
    NvmeCqe cqe;

    nvme_rig_submit(rig, &rig->io, read);
    rig_run();
    g_assert_false(nvme_rig_reap(rig, &rig->io, &cqe));
    begin_format(rig);
    rig_run();
    g_assert_true(nvme_rig_reap(rig, &rig->io, &cqe));          /* what was under way */
    g_assert_cmphex(nvme_cqe_status(cqe), ==, FORMATTING);
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, read), ==, FORMATTING);
    g_assert_cmphex(format(rig, 1, 0), ==, FORMATTING);
    g_assert_cmphex(format(rig, ALL_NS, 0), ==, FORMATTING);
    assert_field(identify(rig, 0, 1, 0), 0, 8, 192 * MIB / 512);
    g_assert_cmpuint(field(rig_page_at(rig), 32, 1) & 0x7f, >, 0);
    g_assert_cmphex(identify(rig, 8, 1, 0)[14], ==, 0);
    rig_advance(1100 * 1000000LL);
    g_assert_false(nvme_rig_reap(rig, &rig->admin, &cqe));
    g_assert_cmphex(end_format(rig), ==, OK);
    assert_field(identify(rig, 0, 1, 0), 0, 8, 192 * MIB / 4096);
    assert_field(rig_page_at(rig), 32, 1, 0x80);
    g_assert_cmphex(identify(rig, 8, 1, 0)[14], ==, 1);
    end_slow(rig);
}

static void test_reset(void)
{
    NvmeRig *rig = start_slow();

    begin_format(rig);
    nvme_rig_disable(rig);
    rig_advance(60000 * 1000000LL);
    nvme_rig_enable(rig);
    assert_field(identify(rig, 0, 1, 0), 26, 1, 0);
    assert_field(rig_page_at(rig), 32, 1, 0x80);
    end_slow(rig);
}

static void test_abort(void)
{
    NvmeRig *rig = start_slow();
    uint16_t cid = nvme_rig_submit(rig, &rig->admin, admin_cmd(rig, 0x80, 1, 0, 0));
    NvmeCqe cqe;

    rig_run();
    nvme_rig_submit(rig, &rig->admin, admin_cmd(rig, 0x08, 0, (uint32_t)cid << 16, 0));
    rig_run();
    g_assert_true(nvme_rig_reap(rig, &rig->admin, &cqe));
    g_assert_true(nvme_rig_reap(rig, &rig->admin, &cqe));
    g_assert_cmphex(identify(rig, 8, 1, 0)[14], ==, 1);
    end_slow(rig);
}

/* The namespace goes while it is being formatted. */
static void test_unplug(void)
{
    g_autoptr(NvmeRig) rig = start();
    DeviceState *ns;
    NvmeCqe cqe;

    nvme_rig_add_node("{'driver': 'null-co', 'node-name': 'slow', 'size': 201326592,"
                      " 'latency-ns': 1000000000}");
    ns = add_ns(rig, "ns2", "drive=slow");
    nvme_rig_submit(rig, &rig->admin, admin_cmd(rig, 0x80, 2, 0, 0));
    rig_run();
    g_assert_false(nvme_rig_reap(rig, &rig->admin, &cqe));
    remove_device(ns);
    rig_run();
    g_assert_true(nvme_rig_reap(rig, &rig->admin, &cqe));
    g_assert_cmphex(nvme_cqe_status(cqe), ==, INVALID_NSID);
    rig_advance(60000 * 1000000LL);
    nvme_rig_del_node("slow");
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    /* latency-ns then counts by the bench's clock */
    qemu_clock_set_by_hand();
    g_test_add_func("/nvme/format/formats", test_formats);
    g_test_add_func("/nvme/format/protection", test_protection);
    g_test_add_func("/nvme/format/wide-guard", test_wide_guard);
    g_test_add_func("/nvme/format/refused", test_refused);
    g_test_add_func("/nvme/format/too-small", test_too_small);
    g_test_add_func("/nvme/format/broadcast", test_broadcast);
    g_test_add_func("/nvme/format/busy", test_busy);
    g_test_add_func("/nvme/format/reset", test_reset);
    g_test_add_func("/nvme/format/abort", test_abort);
    g_test_add_func("/nvme/format/unplug", test_unplug);
    return g_test_run();
}
