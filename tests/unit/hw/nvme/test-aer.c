/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asynchronous events: base 5.2. */
#include "qemu/osdep.h"
#include "admin-rig.h"

#define NONE UINT32_MAX

/* type, information, log page */
#define EVENT(type, info, page) ((type) | (info) << 8 | (uint32_t)(page) << 16)

static NvmeRig *start(const char *props)
{
    NvmeRig *rig = nvme_rig_new(props);

    nvme_rig_enable(rig);
    return rig;
}

static void warn(NvmeRig *rig, uint8_t bits)
{
    object_property_set_uint(OBJECT(rig->pci->dev), "smart_critical_warning", bits, &error_abort);
}

static void retain_log(NvmeRig *rig, uint8_t lid)
{
    NvmeSqe cmd = log_cmd(rig, lid, 512, 0);

    cmd.cdw10 |= cpu_to_le32(1 << 15);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, OK);
}

/* A read that cannot be answered: PRP1 is no address of dwords. */
static void fail_log(NvmeRig *rig, uint8_t lid)
{
    NvmeSqe cmd = log_cmd(rig, lid, 512, 0);

    cmd.dptr[0] |= cpu_to_le64(1);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, NVME_PRP_OFFSET_INVALID);
}

static void test_waits(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    uint32_t dw0;

    g_assert_cmphex(set_feature(rig, 0x0b, 0, 0xff), ==, OK);
    g_assert_false(request_event(rig, &dw0));
    warn(rig, 1);
    g_assert_cmphex(next_event(rig), ==, EVENT(1, 2, 2));
}

static void test_kept(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    uint32_t dw0;

    g_assert_cmphex(set_feature(rig, 0x0b, 0, 0xff), ==, OK);
    warn(rig, 1);
    g_assert_true(request_event(rig, &dw0));
    g_assert_cmphex(dw0, ==, EVENT(1, 2, 2));
}

/* Each bit of the warning has its information, and its bit in feature 0Bh. */
static void test_warnings(void)
{
    static const uint8_t info[] = { 2, 1, 0, 0, 0, 0 };
    g_autoptr(NvmeRig) rig = start(NULL);
    uint32_t dw0;

    g_assert_false(request_event(rig, &dw0));
    for (unsigned bit = 0; bit < sizeof(info); bit++) {
        warn(rig, 0);
        g_assert_cmphex(set_feature(rig, 0x0b, 0, 0xff & ~(1 << bit)), ==, OK);
        warn(rig, 1 << bit);
        g_assert_cmphex(next_event(rig), ==, NONE);
        warn(rig, 0);
        g_assert_cmphex(set_feature(rig, 0x0b, 0, 1 << bit), ==, OK);
        warn(rig, 1 << bit);
        g_assert_cmphex(next_event(rig), ==, EVENT(1, info[bit], 2));
        get_log(rig, 2, 512);
        g_assert_false(request_event(rig, &dw0));
    }
}

/* One of a type until its log page has been read; the read must not retain it, nor fail. */
static void test_masked(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    uint32_t dw0;

    g_assert_cmphex(set_feature(rig, 0x0b, 0, 0xff), ==, OK);
    warn(rig, 1);
    g_assert_true(request_event(rig, &dw0));
    warn(rig, 5);
    g_assert_false(request_event(rig, &dw0));
    retain_log(rig, 2);
    g_assert_cmphex(next_event(rig), ==, NONE);
    get_log(rig, 1, 64);
    g_assert_cmphex(next_event(rig), ==, NONE);
    fail_log(rig, 2);
    warn(rig, 7);
    g_assert_cmphex(next_event(rig), ==, NONE);
    get_log(rig, 2, 512);
    g_assert_cmphex(next_event(rig), ==, NONE);         /* that page told of both */
    warn(rig, 0x15);
    g_assert_cmphex(next_event(rig), ==, EVENT(1, 0, 2));
}

static void test_other_type(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    uint32_t dw0;

    g_assert_cmphex(set_feature(rig, 0x0b, 0, 0xff), ==, OK);
    warn(rig, 1);
    g_assert_true(request_event(rig, &dw0));
    g_assert_false(request_event(rig, &dw0));
    rig_write(rig->pci, 0, 0x1000 + 8 * 40, 1, 4);      /* a doorbell of no queue */
    g_assert_cmphex(next_event(rig), ==, EVENT(0, 0, 1));
}

/* The event that comes with the command's own completion, before or behind it. */
static uint32_t event_of_set(NvmeRig *rig, uint8_t fid, uint32_t value)
{
    uint16_t cid = nvme_rig_submit(rig, &rig->admin, admin_cmd(rig, 0x09, 0, fid, value));
    uint32_t event = NONE;
    NvmeCqe cqe;

    rig_run();
    while (nvme_rig_reap(rig, &rig->admin, &cqe)) {
        g_assert_cmphex(nvme_cqe_status(cqe), ==, OK);
        event = le16_to_cpu(cqe.cid) == cid ? event : le32_to_cpu(cqe.dw0);
    }
    return event;
}

static void test_temperature(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    uint32_t dw0;

    g_assert_cmphex(set_feature(rig, 0x0b, 0, 2), ==, OK);
    g_assert_false(request_event(rig, &dw0));
    g_assert_cmphex(event_of_set(rig, 4, 324), ==, NONE);
    g_assert_cmphex(event_of_set(rig, 4, 323), ==, EVENT(1, 1, 2));
    assert_field(get_log(rig, 2, 512), 0, 1, 2);
    g_assert_cmphex(set_feature(rig, 4, 0, 400), ==, OK);
    assert_field(get_log(rig, 2, 512), 0, 1, 0);
    g_assert_false(request_event(rig, &dw0));
    g_assert_cmphex(event_of_set(rig, 4, 1 << 20 | 323), ==, EVENT(1, 1, 2));
}

static void test_limit(void)
{
    g_autoptr(NvmeRig) rig = start("aerl=1");
    uint32_t dw0;
    NvmeCqe cqe;

    g_assert_false(request_event(rig, &dw0));
    g_assert_false(request_event(rig, &dw0));
    cqe = nvme_rig_do(rig, &rig->admin, nvme_cmd(0x0c, 0));
    g_assert_cmphex(nvme_cqe_status(cqe), ==, AER_LIMIT);
    g_assert_cmphex(set_feature(rig, 0x0b, 0, 0xff), ==, OK);
    warn(rig, 1);
    g_assert_cmphex(next_event(rig), ==, EVENT(1, 2, 2));
    g_assert_false(request_event(rig, &dw0));
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, nvme_cmd(0x0c, 0)), ==, AER_LIMIT);
}

static void test_all_of_256(void)
{
    g_autoptr(NvmeRig) rig = start("aerl=255");
    uint32_t dw0;

    for (unsigned i = 0; i < 60; i++) {
        g_assert_false(request_event(rig, &dw0));
    }
    nvme_rig_disable(rig);
}

/* More than aer_max_queued are lost, nothing else. */
static void test_queue_full(void)
{
    g_autoptr(NvmeRig) rig = start("aer_max_queued=2");
    uint32_t dw0;

    g_assert_cmphex(set_feature(rig, 0x0b, 0, 0xff), ==, OK);
    warn(rig, 7);
    g_assert_true(request_event(rig, &dw0));
    g_assert_cmphex(dw0, ==, EVENT(1, 2, 2));
    g_assert_false(request_event(rig, &dw0));
    get_log(rig, 2, 512);
    g_assert_cmphex(next_event(rig), ==, NONE);
}

static void test_none_queued(void)
{
    g_autoptr(NvmeRig) rig = start("aer_max_queued=0");
    uint32_t dw0;

    g_assert_cmphex(set_feature(rig, 0x0b, 0, 0xff), ==, OK);
    warn(rig, 1);
    g_assert_false(request_event(rig, &dw0));
}

static void test_abort(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    uint16_t cid = nvme_rig_submit(rig, &rig->admin, nvme_cmd(0x0c, 0));
    unsigned aborted = 0;
    NvmeCqe cqe;

    rig_run();
    nvme_rig_submit(rig, &rig->admin, admin_cmd(rig, 0x08, 0, (uint32_t)cid << 16, 0));
    rig_run();
    for (unsigned i = 0; i < 2; i++) {
        g_assert_true(nvme_rig_reap(rig, &rig->admin, &cqe));
        aborted += le16_to_cpu(cqe.cid) == cid && nvme_cqe_status(cqe) == 0x07;
    }
    g_assert_cmpuint(aborted, ==, 1);
    g_assert_cmphex(set_feature(rig, 0x0b, 0, 0xff), ==, OK);
    warn(rig, 1);
    g_assert_cmphex(next_event(rig), ==, NONE);
}

static void test_reset(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    uint32_t dw0;

    g_assert_cmphex(set_feature(rig, 0x0b, 0, 0xff), ==, OK);
    g_assert_false(request_event(rig, &dw0));
    nvme_rig_disable(rig);
    nvme_rig_enable(rig);
    g_assert_cmphex(set_feature(rig, 0x0b, 0, 0xff), ==, OK);
    warn(rig, 1);
    g_assert_cmphex(next_event(rig), ==, NONE);
    g_assert_true(request_event(rig, &dw0));
}

/* ---- namespaces ---- */

static void test_ns_changed(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    uint32_t dw0;
    DeviceState *ns;

    add_null_node("n2", 1 << 20);
    g_assert_cmphex(set_feature(rig, 0x0b, 0, 0x100), ==, OK);
    g_assert_false(request_event(rig, &dw0));
    ns = add_ns(rig, "ns2", "drive=n2,nsid=7");
    g_assert_cmphex(next_event(rig), ==, EVENT(2, 0, 4));
    retain_log(rig, 4);
    assert_field(rig_page_at(rig), 0, 8, 7);
    assert_field(get_log(rig, 4, 4096), 0, 8, 7);
    g_assert_true(all_zero(rig_page_at(rig) + 4, 4092));
    g_assert_true(all_zero(get_log(rig, 4, 4096), 4096));
    g_assert_false(request_event(rig, &dw0));
    remove_device(ns);
    g_assert_cmphex(next_event(rig), ==, EVENT(2, 0, 4));
    assert_field(get_log(rig, 4, 4096), 0, 4, 7);
    nvme_rig_del_node("n2");
}

static void test_ns_not_wanted(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    uint32_t dw0;
    DeviceState *ns;

    add_null_node("n2", 1 << 20);
    g_assert_false(request_event(rig, &dw0));
    ns = add_ns(rig, "ns2", "drive=n2");
    g_assert_cmphex(next_event(rig), ==, NONE);
    g_assert_true(all_zero(get_log(rig, 4, 4096), 4096));
    remove_device(ns);
    nvme_rig_del_node("n2");
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/aer/waits", test_waits);
    g_test_add_func("/nvme/aer/kept", test_kept);
    g_test_add_func("/nvme/aer/warnings", test_warnings);
    g_test_add_func("/nvme/aer/masked", test_masked);
    g_test_add_func("/nvme/aer/other-type", test_other_type);
    g_test_add_func("/nvme/aer/temperature", test_temperature);
    g_test_add_func("/nvme/aer/limit", test_limit);
    g_test_add_func("/nvme/aer/all-of-256", test_all_of_256);
    g_test_add_func("/nvme/aer/queue-full", test_queue_full);
    g_test_add_func("/nvme/aer/none-queued", test_none_queued);
    g_test_add_func("/nvme/aer/abort", test_abort);
    g_test_add_func("/nvme/aer/reset", test_reset);
    g_test_add_func("/nvme/aer/ns-changed", test_ns_changed);
    g_test_add_func("/nvme/aer/ns-not-wanted", test_ns_not_wanted);
    return g_test_run();
}
