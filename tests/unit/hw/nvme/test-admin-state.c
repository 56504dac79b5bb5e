/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The admin side's part of the state: saved by one controller, it makes another one the same. */
#include "qemu/osdep.h"
#include "qemu/timer.h"
#include "admin-rig.h"
#include "hw/nvme/zns.h"

#define GIB (1024ULL * 1024 * 1024)

typedef struct Pair {
    NvmeRig *from, *to;
} Pair;

static Pair pair_new(void)
{
    Pair pair;

    add_null_node("from", GIB);
    add_null_node("to", GIB);
    pair.from = nvme_rig_new_on("from", NULL);
    pair.to = nvme_rig_new_on("to", NULL);
    nvme_rig_start(pair.from, 16);
    return pair;
}

static void pair_free(Pair *pair)
{
    nvme_rig_free(pair->from);
    nvme_rig_free(pair->to);
    nvme_rig_del_node("from");
    nvme_rig_del_node("to");
}

/* The host's memory, and where its queues are, come along. */
static void move(Pair *pair)
{
    g_autoptr(GBytes) state = rig_save(pair->from->pci);

    memcpy(pair->to->pci->ram, pair->from->pci->ram, RIG_RAM_SIZE);
    pair->to->admin = pair->from->admin;
    pair->to->io = pair->from->io;
    pair->to->cid = pair->from->cid;
    pair->to->next = pair->from->next;
    g_assert_cmpint(rig_load(pair->to->pci, state), ==, 0);
}

static void test_features(void)
{
    static const uint32_t values[][2] = {
        { 0x01, 0x04030203 }, { 0x02, 0x40 }, { 0x04, 350 }, { 0x08, 0x1234 }, { 0x0a, 1 },
        { 0x0b, 0x3ff }, { 0x0f, 200 },
    };
    Pair pair = pair_new();

    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        g_assert_cmphex(set_feature(pair.from, values[i][0], 0, values[i][1]), ==, OK);
    }
    g_assert_cmphex(set_feature(pair.from, 4, 0, 1 << 20 | 300), ==, OK);
    g_assert_cmphex(set_feature(pair.from, 9, 0, 1 << 16 | 5), ==, OK);
    g_assert_cmphex(set_feature(pair.from, 5, 1, 0xabcd), ==, OK);
    g_assert_cmphex(set_feature(pair.from, 0x84, 1, 1), ==, OK);
    stq_le_p(rig_page_at(pair.from), 123456);
    g_assert_cmphex(set_feature(pair.from, 0x0e, 0, 0), ==, OK);
    move(&pair);
    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        g_assert_cmphex(get_feature(pair.to, values[i][0], 0, 0, 0), ==, values[i][1]);
    }
    g_assert_cmphex(get_feature(pair.to, 4, 0, 0, 1 << 20), ==, 300);
    g_assert_cmphex(get_feature(pair.to, 9, 0, 0, 5), ==, 1 << 16 | 5);
    g_assert_cmphex(get_feature(pair.to, 5, 1, 0, 0), ==, 0xabcd);
    g_assert_cmphex(get_feature(pair.to, 0x84, 1, 0, 0), ==, 1);
    get_feature(pair.to, 0x0e, 0, 0, 0);
    assert_field(rig_page_at(pair.to), 0, 8, 2ULL << 48 | 123456);
    /* the keep alive timer runs on */
    rig_advance(201 * 1000000LL);
    g_assert_cmphex(nvme_rig_csts(pair.to) & 2, ==, 2);
    pair_free(&pair);
}

static void test_events(void)
{
    Pair pair = pair_new();
    uint32_t dw0;

    g_assert_cmphex(set_feature(pair.from, 0x0b, 0, 0xff), ==, OK);
    object_property_set_uint(OBJECT(pair.from->pci->dev), "smart_critical_warning", 1,
                             &error_abort);
    g_assert_true(request_event(pair.from, &dw0));              /* masks its type */
    object_property_set_uint(OBJECT(pair.from->pci->dev), "smart_critical_warning", 5,
                             &error_abort);
    move(&pair);
    g_assert_false(request_event(pair.to, &dw0));
    assert_field(get_log(pair.to, 2, 512), 0, 1, 5);
    object_property_set_uint(OBJECT(pair.to->pci->dev), "smart_critical_warning", 0x15,
                             &error_abort);
    g_assert_cmphex(next_event(pair.to), ==, 0x020001);
    pair_free(&pair);
}

static void test_health(void)
{
    Pair pair = pair_new();
    NvmeSqe read = nvme_cmd_rw(0x02, 0, 8, rig_page(pair.from), 0);
    uint8_t smart[512], errors[4096];

    for (unsigned i = 0; i < 200; i++) {
        g_assert_cmphex(nvme_rig_status(pair.from, &pair.from->io, read), ==, OK);
    }
    g_assert_cmphex(admin(pair.from, 0xff, 3, 0, 0), ==, INVALID_OPCODE);
    rig_advance(3 * 3600LL * 1000000000);
    memcpy(smart, get_log(pair.from, 2, 512), sizeof(smart));
    memcpy(errors, get_log(pair.from, 1, 4096), sizeof(errors));
    move(&pair);
    g_assert_cmpmem(get_log(pair.to, 2, 512), 512, smart, 512);
    g_assert_cmpmem(get_log(pair.to, 1, 4096), 4096, errors, 4096);
    assert_field(errors, 0, 8, 1);
    assert_field(smart, 64, 8, 200);
    rig_advance(3600LL * 1000000000);
    assert_field(get_log(pair.to, 2, 512), 128, 8, field(smart, 128, 8) + 1);
    pair_free(&pair);
}

static void test_firmware(void)
{
    Pair pair = pair_new();

    memset(rig_page_at(pair.from), 0, 4096);
    memcpy(rig_page_at(pair.from), "2.5     ", 8);
    g_assert_cmphex(admin(pair.from, 0x11, 0, 1023, 0), ==, OK);
    move(&pair);
    g_assert_cmphex(admin(pair.to, 0x10, 0, 2 | 1 << 3, 0), ==, OK);
    assert_field(get_log(pair.to, 3, 512), 0, 1, 0x21);
    g_assert_cmpmem(rig_page_at(pair.to) + 16, 8, "2.5     ", 8);
    pair_free(&pair);
}

static void test_format(void)
{
    Pair pair = pair_new();
    uint8_t page[4096];

    g_assert_cmphex(admin(pair.from, 0x80, 1, 6 | 1 << 4 | 2 << 5 | 1 << 8, 0), ==, OK);
    memcpy(page, identify(pair.from, 0, 1, 0), sizeof(page));
    move(&pair);
    g_assert_cmpmem(identify(pair.to, 0, 1, 0), 4096, page, 4096);
    assert_field(page, 26, 1, 0x16);
    pair_free(&pair);
}

static void test_detached(void)
{
    Pair pair = pair_new();
    uint8_t *page = rig_page_at(pair.from);

    memset(page, 0, 4096);
    page[0] = 1;
    g_assert_cmphex(admin(pair.from, 0x15, 1, 1, 0), ==, OK);
    move(&pair);
    g_assert_true(all_zero(identify(pair.to, 2, 0, 0), 4096));
    assert_field(identify(pair.to, 0x10, 0, 0), 0, 4, 1);
    pair_free(&pair);
}

/* ---- zones ---- */

#define ZONED "zoned=on,zoned.zone_size=32k,zoned.max_open=3,nsid=2"

static DeviceState *add_zoned(NvmeRig *rig, const char *id, const char *props)
{
    g_autofree char *node = g_strdup_printf("z%s", id);
    g_autofree char *all = g_strdup_printf("drive=%s,%s", node, props);

    add_null_node(node, 1 << 20);
    return add_ns(rig, id, all);
}

/* A pair whose controllers have a zoned namespace, and command sets enabled. */
static Pair zoned_pair(const char *from, const char *to)
{
    Pair pair = pair_new();

    add_zoned(pair.from, "from", from);
    if (to) {
        add_zoned(pair.to, "to", to);
    }
    nvme_rig_disable(pair.from);
    pair.from->css = 6;
    nvme_rig_start(pair.from, 16);
    return pair;
}

static void zoned_pair_free(Pair *pair)
{
    for (unsigned i = 0; i < 2; i++) {
        NvmeRig *rig = i ? pair->to : pair->from;
        NvmeNamespace *ns = nvme_rig_ctrl(rig)->subsys->namespaces[2];

        if (ns) {
            remove_device(ns->dev);
            nvme_rig_del_node(i ? "zto" : "zfrom");
        }
    }
    pair_free(pair);
}

static uint16_t zone_cmd(NvmeRig *rig, uint8_t opcode, unsigned zone, uint32_t cdw12,
                         uint32_t cdw13)
{
    NvmeSqe cmd = nvme_cmd_rw(opcode, zone * 64, 1, rig_page(rig), 0);

    cmd.nsid = cpu_to_le32(2);
    cmd.cdw12 = cpu_to_le32(cdw12);
    cmd.cdw13 = cpu_to_le32(cdw13);
    return nvme_rig_status(rig, &rig->io, cmd);
}

static const uint8_t *zone_report(NvmeRig *rig)
{
    g_assert_cmphex(zone_cmd(rig, 0x7a, 0, (64 + 8 * 128) / 4 - 1, 1), ==, OK);
    return rig_page_at(rig);
}

/* Zones of each state that a host can make, and one with an extension. */
static void make_zones(NvmeRig *rig)
{
    g_assert_cmphex(zone_cmd(rig, 0x01, 0, 7, 0), ==, OK);
    g_assert_cmphex(zone_cmd(rig, 0x79, 1, 0, 3), ==, OK);
    g_assert_cmphex(zone_cmd(rig, 0x01, 2, 3, 0), ==, OK);
    g_assert_cmphex(zone_cmd(rig, 0x79, 2, 0, 1), ==, OK);
    g_assert_cmphex(zone_cmd(rig, 0x01, 3, 3, 0), ==, OK);
    g_assert_cmphex(zone_cmd(rig, 0x79, 3, 0, 2), ==, OK);
    memset(rig_page_at(rig), 0x5a, 64);
    g_assert_cmphex(zone_cmd(rig, 0x79, 4, 0, 0x10), ==, OK);
}

static void test_zones(void)
{
    Pair pair = zoned_pair(ZONED ",zoned.descr_ext_size=64", ZONED ",zoned.descr_ext_size=64");
    uint8_t before[4096];

    make_zones(pair.from);
    memcpy(before, zone_report(pair.from), 64 + 8 * 128);
    g_assert_cmphex(before[64 + 4 * 128 + 64], ==, 0x5a);
    move(&pair);
    g_assert_cmpmem(zone_report(pair.to), 64 + 8 * 128, before, 64 + 8 * 128);
    /* the counts of open zones came along: the third is allowed, the fourth closes one */
    g_assert_cmphex(zone_cmd(pair.to, 0x79, 6, 0, 3), ==, OK);
    assert_field(zone_report(pair.to), 64 + 1, 1, 2 << 4);
    g_assert_cmphex(zone_cmd(pair.to, 0x79, 7, 0, 3), ==, OK);
    assert_field(zone_report(pair.to), 64 + 1, 1, 4 << 4);
    zoned_pair_free(&pair);
}

/* What is under way is written there, from where the pointer was before it. */
static void test_zones_under_way(void)
{
    Pair pair = zoned_pair(ZONED ",zoned.descr_ext_size=64", ZONED ",zoned.descr_ext_size=64");
    NvmeSqe cmd = nvme_cmd_rw(0x7d, 0, 8, rig_page(pair.from), 0);
    NvmeCqe cqe;

    g_assert_cmphex(zone_cmd(pair.from, 0x7d, 0, 3, 0), ==, OK);
    /* a reservation whose write never ends, as far as this end knows */
    g_assert_cmphex(nvme_zone_reserve(nvme_rig_ctrl(pair.from)->namespaces[2]->zns,
                                      nvme_rig_ctrl(pair.from)->namespaces[2]->zns->zones, 4, 8,
                                      true), ==, OK);
    move(&pair);
    assert_field(zone_report(pair.to), 64 + 24, 8, 4);
    cmd.nsid = cpu_to_le32(2);
    cqe = nvme_rig_do(pair.to, &pair.to->io, cmd);
    g_assert_cmphex(nvme_cqe_status(cqe), ==, OK);
    g_assert_cmpuint(le32_to_cpu(cqe.dw0), ==, 4);
    zoned_pair_free(&pair);
}

/* Other zones than here. */
static void test_zones_differ(void)
{
    static const char *const others[] = {
        "zoned=on,zoned.zone_size=64k,nsid=2", "zoned=on,zoned.zone_size=32k,nsid=2,"
        "zoned.zone_capacity=16k", ZONED ",zoned.descr_ext_size=64", "nsid=2", NULL,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(others); i++) {
        Pair pair = zoned_pair(ZONED, others[i]);
        g_autoptr(GBytes) state = rig_save(pair.from->pci);

        g_assert_cmpint(rig_load(pair.to->pci, state), <, 0);
        zoned_pair_free(&pair);
    }
}

static void test_zones_hostile(void)
{
    Pair pair = zoned_pair(ZONED ",zoned.descr_ext_size=64", ZONED ",zoned.descr_ext_size=64");
    g_autoptr(GBytes) state = NULL;

    make_zones(pair.from);
    state = rig_save(pair.from->pci);
    rig_corrupt(pair.to->pci, state, 3000);
    rig_reset(pair.to->pci);
    pair.to->css = 6;
    nvme_rig_start(pair.to, 16);
    g_assert_cmphex(zone_cmd(pair.to, 0x79, 0, 0, 4 | 1 << 8), ==, OK);
    g_assert_cmphex(zone_cmd(pair.to, 0x01, 0, 0, 0), ==, OK);
    zoned_pair_free(&pair);
}

/* The destination's namespace holds not one block, or is not there. */
static void test_no_fit(void)
{
    g_autoptr(GBytes) state = NULL;
    Pair pair = pair_new();
    DeviceState *ns;

    add_null_node("n2", GIB);
    ns = add_ns(pair.from, "ns2", "drive=n2");
    state = rig_save(pair.from->pci);
    g_assert_cmpint(rig_load(pair.to->pci, state), <, 0);
    rig_reset(pair.to->pci);
    nvme_rig_enable(pair.to);
    identify(pair.to, 1, 0, 0);
    remove_device(ns);
    nvme_rig_del_node("n2");
    pair_free(&pair);
}

static void test_hostile(void)
{
    Pair pair = pair_new();
    g_autoptr(GBytes) state = NULL;

    g_assert_cmphex(set_feature(pair.from, 0x0b, 0, 0x3ff), ==, OK);
    object_property_set_uint(OBJECT(pair.from->pci->dev), "smart_critical_warning", 7,
                             &error_abort);
    state = rig_save(pair.from->pci);
    rig_corrupt(pair.to->pci, state, 2000);
    rig_reset(pair.to->pci);
    nvme_rig_enable(pair.to);
    identify(pair.to, 1, 0, 0);
    pair_free(&pair);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/admin-state/features", test_features);
    g_test_add_func("/nvme/admin-state/events", test_events);
    g_test_add_func("/nvme/admin-state/health", test_health);
    g_test_add_func("/nvme/admin-state/firmware", test_firmware);
    g_test_add_func("/nvme/admin-state/format", test_format);
    g_test_add_func("/nvme/admin-state/detached", test_detached);
    g_test_add_func("/nvme/admin-state/zones", test_zones);
    g_test_add_func("/nvme/admin-state/zones-under-way", test_zones_under_way);
    g_test_add_func("/nvme/admin-state/zones-differ", test_zones_differ);
    g_test_add_func("/nvme/admin-state/zones-hostile", test_zones_hostile);
    g_test_add_func("/nvme/admin-state/no-fit", test_no_fit);
    g_test_add_func("/nvme/admin-state/hostile", test_hostile);
    return g_test_run();
}
