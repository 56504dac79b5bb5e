/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A zoned namespace and what is done to namespaces: format, management, several
 * controllers, one that goes. 32 zones of 32 KiB.
 */
#include "qemu/osdep.h"
#include "admin-rig.h"

enum { BYTES = 1 << 20, SEND = 0x79, RECEIVE = 0x7a, APPEND = 0x7d, WRITE = 0x01 };
enum { FINISH = 2, OPEN = 3, RESET = 4, FOR_ALL = 0x100 };
enum { EMPTY = 0x1, IMPLICIT = 0x2, EXPLICIT = 0x3, CLOSED = 0x4, FULL = 0xe };
enum { TOO_MANY_OPEN = 0x1be };

#define PROPS "zoned=on,zoned.zone_size=32k,nsid=2,drive=z0"

static void start(NvmeRig *rig)
{
    rig->css = 6;
    nvme_rig_start(rig, 16);
}

static uint16_t on_zone(NvmeRig *rig, uint8_t opcode, uint64_t slba, uint32_t cdw12,
                        uint32_t cdw13)
{
    NvmeSqe cmd = nvme_cmd_rw(opcode, slba, 1, rig_page(rig), 0);

    cmd.nsid = cpu_to_le32(2);
    cmd.cdw12 = cpu_to_le32(cdw12);
    cmd.cdw13 = cpu_to_le32(cdw13);
    return nvme_rig_status(rig, &rig->io, cmd);
}

/* The state of the zone at slba, and how many zones there are from there on. */
static uint8_t state_of(NvmeRig *rig, uint64_t slba, uint64_t *zones)
{
    g_assert_cmphex(on_zone(rig, RECEIVE, slba, 128 / 4 - 1, 0), ==, OK);
    if (zones) {
        *zones = field(rig_page_at(rig), 0, 8);
    }
    return rig_page_at(rig)[65] >> 4;
}

static NvmeRig *one(DeviceState **ns, const char *more)
{
    g_autofree char *props = g_strdup_printf(PROPS "%s", more);
    NvmeRig *rig = nvme_rig_new(NULL);

    add_null_node("z0", BYTES);
    *ns = add_ns(rig, "zoned", props);
    start(rig);
    return rig;
}

static void one_free(NvmeRig *rig, DeviceState *ns)
{
    remove_device(ns);
    nvme_rig_free(rig);
    nvme_rig_del_node("z0");
}

/* ---- format ---- */

/* Zones keep their bytes, so their blocks and the number of zones are others. */
static void test_format(void)
{
    DeviceState *ns;
    NvmeRig *rig = one(&ns, ",zoned.zone_capacity=24k");
    uint64_t zones;

    g_assert_cmphex(on_zone(rig, WRITE, 0, 7, 0), ==, OK);
    g_assert_cmphex(on_zone(rig, SEND, 64, 0, OPEN), ==, OK);
    g_assert_cmphex(admin(rig, 0x80, 2, 4, 0), ==, OK);         /* 4096 bytes */
    g_assert_cmphex(state_of(rig, 0, &zones), ==, EMPTY);
    g_assert_cmpuint(zones, ==, 32);
    assert_field(rig_page_at(rig), 64 + 8, 8, 6);
    assert_field(identify(rig, 0, 2, 0), 0, 8, 256);
    assert_field(rig_page_at(rig), 8, 8, 192);
    g_assert_cmphex(on_zone(rig, SEND, 8, 0, OPEN), ==, OK);
    g_assert_cmphex(admin(rig, 0x80, 2, 3, 0), ==, OK);         /* 512 and 64 */
    g_assert_cmphex(state_of(rig, 0, &zones), ==, EMPTY);
    g_assert_cmpuint(zones, ==, BYTES / 576 / 64);
    assert_field(identify(rig, 0, 2, 0), 0, 8, BYTES / 576 / 64 * 64);
    g_assert_cmphex(on_zone(rig, SEND, 27 * 64, 0, OPEN), ==, OK);
    g_assert_cmphex(on_zone(rig, SEND, 28 * 64, 0, OPEN), ==, NVME_LBA_OUT_OF_RANGE);
    one_free(rig, ns);
}

/* Blocks that do not divide a zone, or what of it can be written. */
static void test_no_format(void)
{
    DeviceState *ns;
    NvmeRig *rig = one(&ns, ",zoned.zone_capacity=23k");

    g_assert_cmphex(on_zone(rig, WRITE, 0, 7, 0), ==, OK);
    g_assert_cmphex(admin(rig, 0x80, 2, 4, 0), ==, INVALID_FORMAT);
    g_assert_cmphex(admin(rig, 0x80, ALL_NS, 4, 0), ==, INVALID_FORMAT);
    g_assert_cmphex(state_of(rig, 0, NULL), ==, IMPLICIT);
    assert_field(identify(rig, 5, 2, 2), 2816, 8, 64);
    assert_field(rig_page_at(rig), 2816 + 4 * 16, 8, 0);
    one_free(rig, ns);
}

/* ---- management ---- */

/* What was zoned is no medium for a namespace of another kind, and none is made. */
static void test_management(void)
{
    DeviceState *ns;
    NvmeRig *rig = one(&ns, "");

    memset(rig_page_at(rig), 0, 4096);
    stq_le_p(rig_page_at(rig), 64);
    stq_le_p(rig_page_at(rig) + 8, 64);
    g_assert_cmphex(admin(rig, 0x0d, 0, 0, 2u << 24), ==, IOCS_UNSUPPORTED);
    g_assert_cmphex(on_zone(rig, WRITE, 0, 0, 0), ==, OK);
    g_assert_cmphex(admin(rig, 0x0d, 2, 1, 0), ==, OK);
    g_assert_cmphex(on_zone(rig, WRITE, 1, 0, 0), ==, INVALID_FIELD);
    memset(rig_page_at(rig), 0, 4096);
    stq_le_p(rig_page_at(rig), 64);
    stq_le_p(rig_page_at(rig) + 8, 64);
    g_assert_cmphex(admin(rig, 0x0d, 0, 0, 0), ==, NO_CAPACITY);
    one_free(rig, ns);
}

static void test_write_protected(void)
{
    DeviceState *ns;
    NvmeRig *rig = one(&ns, "");

    g_assert_cmphex(on_zone(rig, WRITE, 0, 7, 0), ==, OK);
    g_assert_cmphex(set_feature(rig, 0x84, 2, 1), ==, OK);
    g_assert_cmphex(on_zone(rig, WRITE, 8, 7, 0), ==, WRITE_PROTECTED);
    g_assert_cmphex(on_zone(rig, APPEND, 0, 7, 0), ==, WRITE_PROTECTED);
    g_assert_cmphex(on_zone(rig, SEND, 0, 0, RESET), ==, WRITE_PROTECTED);
    g_assert_cmphex(state_of(rig, 0, NULL), ==, IMPLICIT);
    one_free(rig, ns);
}

/* It goes while its commands are under way. */
static void test_unplugged(void)
{
    NvmeRig *rig = nvme_rig_new(NULL);
    DeviceState *ns;
    NvmeCqe cqe;

    nvme_rig_add_node("{'driver': 'null-co', 'node-name': 'slow', 'size': 1048576, "
                      "'latency-ns': 1000000000}");
    ns = add_ns(rig, "zoned", "zoned=on,zoned.zone_size=32k,nsid=2,drive=slow");
    start(rig);
    for (unsigned i = 0; i < 4; i++) {
        NvmeSqe cmd = nvme_cmd_rw(i < 2 ? APPEND : i == 2 ? SEND : WRITE, i == 3 ? 64 : 0, 8,
                                  rig_page(rig), 0);

        cmd.nsid = cpu_to_le32(2);
        cmd.cdw13 = cpu_to_le32(RESET);
        nvme_rig_submit(rig, &rig->io, cmd);
    }
    rig_run();
    nvme_rig_expect_none(rig, &rig->io);
    remove_device(ns);
    rig_run();
    for (unsigned i = 0; i < 4; i++) {
        cqe = nvme_rig_expect(rig, &rig->io);
        g_assert_cmphex(nvme_cqe_status(cqe), ==, INVALID_NSID);
    }
    nvme_rig_free(rig);
    nvme_rig_del_node("slow");
}

/* ---- two controllers ---- */

static void test_shared(void)
{
    DeviceState *subsys = add_device("nvme-subsys", "sub", NULL, "nqn=shelf"), *ns;
    NvmeRig *a = nvme_rig_new_on(NULL, "subsys=sub");
    NvmeRig *b = nvme_rig_new_on(NULL, "subsys=sub,zoned.auto_transition=off");
    NvmeCqe cqe;
    NvmeSqe append;

    add_null_node("z0", BYTES);
    ns = add_ns(a, "zoned", PROPS ",zoned.max_open=2");
    start(a);
    start(b);
    g_assert_cmphex(on_zone(a, WRITE, 0, 7, 0), ==, OK);
    append = nvme_cmd_rw(APPEND, 0, 8, rig_page(b), 0);
    append.nsid = cpu_to_le32(2);
    cqe = nvme_rig_do(b, &b->io, append);
    g_assert_cmphex(nvme_cqe_status(cqe), ==, OK);
    g_assert_cmpuint(le32_to_cpu(cqe.dw0), ==, 8);
    g_assert_cmphex(on_zone(a, WRITE, 16, 7, 0), ==, OK);
    /* limits are the namespace's, what makes room is the controller's */
    g_assert_cmphex(on_zone(b, SEND, 64, 0, OPEN), ==, OK);
    g_assert_cmphex(on_zone(b, SEND, 128, 0, OPEN), ==, TOO_MANY_OPEN);
    g_assert_cmphex(on_zone(a, SEND, 128, 0, OPEN), ==, OK);
    g_assert_cmphex(state_of(b, 0, NULL), ==, CLOSED);
    /* a reset of one controller is nothing to zones that another one has */
    rig_reset(a->pci);
    g_assert_cmphex(state_of(b, 64, NULL), ==, EXPLICIT);
    g_assert_cmphex(state_of(b, 128, NULL), ==, EXPLICIT);
    remove_device(ns);
    nvme_rig_free(a);
    nvme_rig_free(b);
    nvme_rig_del_node("z0");
    remove_device(subsys);
}

/* Of the device, when nobody else has them: as if power had gone. */
static void test_device_reset(void)
{
    DeviceState *ns;
    NvmeRig *rig = one(&ns, "");

    g_assert_cmphex(on_zone(rig, WRITE, 0, 7, 0), ==, OK);
    g_assert_cmphex(on_zone(rig, SEND, 64, 0, OPEN), ==, OK);
    rig_reset(rig->pci);
    start(rig);
    g_assert_cmphex(state_of(rig, 0, NULL), ==, CLOSED);
    g_assert_cmphex(state_of(rig, 64, NULL), ==, EMPTY);
    one_free(rig, ns);
}

/* As many zones as there may be: a report, and an action on all. */
static void test_most(void)
{
    NvmeRig *rig = nvme_rig_new(NULL);
    DeviceState *ns;
    uint64_t zones;

    add_null_node("z0", 32 << 20);
    ns = add_ns(rig, "zoned", "zoned=on,zoned.zone_size=512,nsid=2,drive=z0");
    start(rig);
    g_assert_cmphex(state_of(rig, 0, &zones), ==, EMPTY);
    g_assert_cmpuint(zones, ==, 65536);
    g_assert_cmphex(on_zone(rig, WRITE, 65535, 0, 0), ==, OK);
    g_assert_cmphex(on_zone(rig, RECEIVE, 0, 31, 5 << 8), ==, OK);
    assert_field(rig_page_at(rig), 0, 8, 1);
    assert_field(rig_page_at(rig), 80, 8, 65535);
    g_assert_cmphex(on_zone(rig, SEND, 0, 0, RESET | FOR_ALL), ==, OK);
    g_assert_cmphex(state_of(rig, 65535, NULL), ==, EMPTY);
    one_free(rig, ns);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/zns-ns/format", test_format);
    g_test_add_func("/nvme/zns-ns/no-format", test_no_format);
    g_test_add_func("/nvme/zns-ns/management", test_management);
    g_test_add_func("/nvme/zns-ns/write-protected", test_write_protected);
    g_test_add_func("/nvme/zns-ns/unplugged", test_unplugged);
    g_test_add_func("/nvme/zns-ns/shared", test_shared);
    g_test_add_func("/nvme/zns-ns/device-reset", test_device_reset);
    g_test_add_func("/nvme/zns-ns/most", test_most);
    return g_test_run();
}
