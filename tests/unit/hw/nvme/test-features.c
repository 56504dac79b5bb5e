/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Get Features and Set Features: each feature, each select, each way to be wrong. */
#include "qemu/osdep.h"
#include "admin-rig.h"

static NvmeRig *start(const char *props)
{
    NvmeRig *rig = nvme_rig_new(props);

    nvme_rig_enable(rig);
    return rig;
}

enum { CURRENT, DEFAULT, SAVED, CAPABILITIES };

typedef struct Row {
    uint8_t fid;
    uint32_t initial, set, get;
} Row;

/* Features of one dword: what it is after a reset, what is set, what is then read. */
static void test_dwords(void)
{
    static const Row rows[] = {
        { 0x01, 7, 0x040302fb, 0x04030203 },    /* arbitration: HPW, MPW, LPW, AB */
        { 0x02, 0, 0x40, 0x40 },                /* power state 0, workload 2 */
        { 0x04, 343, 350, 350 },
        { 0x08, 0, 0xffff1234, 0x1234 },
        { 0x0a, 0, 0xffffffff, 1 },
        { 0x0b, 0, 0xffffffff, 0x3ff },
        { 0x0f, 0, 101, 200 },                  /* rounded up to 100 ms */
        { 0x19, 0, 0, 0 },
    };
    g_autoptr(NvmeRig) rig = start(NULL);

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const Row *row = &rows[i];

        g_assert_cmphex(get_feature(rig, row->fid, 0, CURRENT, 0), ==, row->initial);
        g_assert_cmphex(set_feature(rig, row->fid, 0, row->set), ==, OK);
        g_assert_cmphex(get_feature(rig, row->fid, 0, CURRENT, 0), ==, row->get);
        g_assert_cmphex(get_feature(rig, row->fid, 0, DEFAULT, 0), ==, row->initial);
        g_assert_cmphex(get_feature(rig, row->fid, 0, SAVED, 0), ==, row->initial);
        g_assert_cmphex(get_feature(rig, row->fid, 0, CAPABILITIES, 0), ==, 4);
    }
    nvme_rig_disable(rig);
    nvme_rig_enable(rig);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        g_assert_cmphex(get_feature(rig, rows[i].fid, 0, CURRENT, 0), ==, rows[i].initial);
    }
}

static bool is_feature(unsigned fid)
{
    static const uint8_t known[] = {
        0x01, 0x02, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0e, 0x0f, 0x16, 0x19, 0x84,
    };

    return memchr(known, fid, sizeof(known)) != NULL;
}

static void test_unknown(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);

    for (unsigned fid = 0; fid < 256; fid++) {
        if (is_feature(fid)) {
            g_assert_cmphex(get_feature_status(rig, fid, 1, CAPABILITIES, 0), ==, OK);
        } else {
            g_assert_cmphex(get_feature_status(rig, fid, 0, CURRENT, 0), ==, INVALID_FIELD);
            g_assert_cmphex(get_feature_status(rig, fid, 0, CAPABILITIES, 0), ==, INVALID_FIELD);
            g_assert_cmphex(set_feature(rig, fid, 0, 0), ==, INVALID_FIELD);
        }
    }
}

static void test_select(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);

    for (unsigned select = 4; select < 8; select++) {
        g_assert_cmphex(get_feature_status(rig, 1, 0, select, 0), ==, INVALID_FIELD);
    }
}

static void test_save(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);

    for (unsigned fid = 0; fid < 256; fid++) {
        if (is_feature(fid)) {
            g_assert_cmphex(admin(rig, 0x09, 0, fid | 1u << 31, 0), ==, NOT_SAVEABLE);
        }
    }
    g_assert_cmphex(get_feature(rig, 1, 0, CURRENT, 0), ==, 7);
}

static void test_nsid(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);

    g_assert_cmphex(set_feature(rig, 0x01, 1, 1), ==, NOT_OF_NS);
    g_assert_cmphex(set_feature(rig, 0x01, 257, 1), ==, INVALID_NSID);
    g_assert_cmphex(set_feature(rig, 0x01, ALL_NS, 1), ==, OK);
    g_assert_cmphex(get_feature(rig, 0x05, 1, CAPABILITIES, 0), ==, 6);
    g_assert_cmphex(get_feature(rig, 0x84, 1, CAPABILITIES, 0), ==, 6);
    g_assert_cmphex(get_feature_status(rig, 0x05, 0, CURRENT, 0), ==, INVALID_NSID);
    g_assert_cmphex(get_feature_status(rig, 0x05, 2, CURRENT, 0), ==, INVALID_FIELD);
    g_assert_cmphex(get_feature_status(rig, 0x05, 257, CURRENT, 0), ==, INVALID_NSID);
    g_assert_cmphex(get_feature_status(rig, 0x05, ALL_NS, CURRENT, 0), ==, INVALID_NSID);
    g_assert_cmphex(set_feature(rig, 0x05, 0, 0), ==, INVALID_NSID);
    g_assert_cmphex(set_feature(rig, 0x05, 2, 0), ==, INVALID_FIELD);
}

static void test_power(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);

    g_assert_cmphex(set_feature(rig, 0x02, 0, 1), ==, INVALID_FIELD);
    g_assert_cmphex(set_feature(rig, 0x02, 0, 0x1f), ==, INVALID_FIELD);
}

static void test_temperature(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);

    g_assert_cmphex(get_feature(rig, 4, 0, CURRENT, 1 << 20), ==, 0);
    g_assert_cmphex(set_feature(rig, 4, 0, 1 << 20 | 0xf << 16 | 300), ==, OK);
    g_assert_cmphex(get_feature(rig, 4, 0, CURRENT, 1 << 20), ==, 300);
    g_assert_cmphex(get_feature(rig, 4, 0, CURRENT, 0), ==, 343);
    g_assert_cmphex(set_feature(rig, 4, 0, 2 << 20), ==, INVALID_FIELD);
    g_assert_cmphex(set_feature(rig, 4, 0, 3 << 20), ==, INVALID_FIELD);
    for (unsigned sensor = 1; sensor < 15; sensor++) {
        g_assert_cmphex(set_feature(rig, 4, 0, sensor << 16), ==, INVALID_FIELD);
        g_assert_cmphex(get_feature_status(rig, 4, 0, CURRENT, sensor << 16), ==, INVALID_FIELD);
    }
    g_assert_cmphex(get_feature_status(rig, 4, 0, CURRENT, 0xf << 16), ==, INVALID_FIELD);
}

static void test_error_recovery(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);

    g_assert_cmphex(set_feature(rig, 5, 1, 0xabcd), ==, OK);
    g_assert_cmphex(set_feature(rig, 5, 1, 0x10001), ==, INVALID_FIELD);     /* DULBE */
    g_assert_cmphex(get_feature(rig, 5, 1, CURRENT, 0), ==, 0xabcd);
    g_assert_cmphex(get_feature(rig, 5, 1, DEFAULT, 0), ==, 0);
    g_assert_cmphex(set_feature(rig, 5, ALL_NS, 3), ==, OK);
    g_assert_cmphex(get_feature(rig, 5, 1, CURRENT, 0), ==, 3);
}

static void test_write_cache(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    BlockBackend *blk = nvme_rig_ctrl(rig)->namespaces[1]->blkconf.blk;

    g_assert_cmphex(get_feature(rig, 6, 0, CURRENT, 0), ==, 1);
    g_assert_cmphex(set_feature(rig, 6, 0, 0), ==, OK);
    g_assert_false(blk_enable_write_cache(blk));
    g_assert_cmphex(get_feature(rig, 6, 0, CURRENT, 0), ==, 0);
    g_assert_cmphex(get_feature(rig, 6, 0, DEFAULT, 0), ==, 1);
    g_assert_cmphex(set_feature(rig, 6, 0, 1), ==, OK);
    g_assert_true(blk_enable_write_cache(blk));
}

static void test_queues(void)
{
    g_autoptr(NvmeRig) rig = start("max_ioqpairs=5");
    NvmeCqe cqe = nvme_rig_do(rig, &rig->admin, admin_cmd(rig, 9, 0, 7, 0x00630063));

    g_assert_cmphex(nvme_cqe_status(cqe), ==, OK);
    g_assert_cmphex(le32_to_cpu(cqe.dw0), ==, 0x00040004);
    g_assert_cmphex(get_feature(rig, 7, 0, CURRENT, 0), ==, 0x00040004);
    g_assert_cmphex(set_feature(rig, 7, 0, 0xffff), ==, INVALID_FIELD);
    g_assert_cmphex(set_feature(rig, 7, 0, 0xffff0000), ==, INVALID_FIELD);
    nvme_rig_create(rig, &rig->io, 1, 4, 0);
    g_assert_cmphex(set_feature(rig, 7, 0, 0), ==, SEQUENCE_ERROR);
    g_assert_cmphex(get_feature(rig, 7, 0, CURRENT, 0), ==, 0x00040004);
}

static void test_vectors(void)
{
    g_autoptr(NvmeRig) rig = start("msix_qsize=4");

    g_assert_cmphex(get_feature(rig, 9, 0, CURRENT, 0), ==, 1 << 16);   /* the admin queue's */
    g_assert_cmphex(get_feature(rig, 9, 0, CURRENT, 3), ==, 3);
    g_assert_cmphex(set_feature(rig, 9, 0, 1 << 16 | 3), ==, OK);
    g_assert_cmphex(get_feature(rig, 9, 0, CURRENT, 3), ==, 1 << 16 | 3);
    g_assert_cmphex(get_feature(rig, 9, 0, CURRENT, 2), ==, 2);
    g_assert_cmphex(set_feature(rig, 9, 0, 3), ==, OK);
    g_assert_cmphex(get_feature(rig, 9, 0, CURRENT, 3), ==, 3);
    g_assert_cmphex(set_feature(rig, 9, 0, 4), ==, INVALID_FIELD);
    g_assert_cmphex(get_feature_status(rig, 9, 0, CURRENT, 4), ==, INVALID_FIELD);
    g_assert_cmphex(get_feature_status(rig, 9, 0, CURRENT, 0xffff), ==, INVALID_FIELD);
}

static uint64_t timestamp(NvmeRig *rig)
{
    memset(rig_page_at(rig), 0xaa, 16);
    get_feature(rig, 0x0e, 0, CURRENT, 0);
    g_assert_cmphex(rig_page_at(rig)[8], ==, 0xaa);
    return field(rig_page_at(rig), 0, 8);
}

static void test_timestamp(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    uint64_t first = timestamp(rig);

    g_assert_cmphex(first >> 48, ==, 0);        /* since the reset */
    rig_advance(5000 * 1000000LL);
    g_assert_cmpuint(timestamp(rig) - first, ==, 5000);
    memset(rig_page_at(rig), 0xff, 8);
    stq_le_p(rig_page_at(rig), 0xffff00000001d4c0ULL);
    g_assert_cmphex(set_feature(rig, 0x0e, 0, 0), ==, OK);
    rig_advance(10 * 1000000LL);
    g_assert_cmphex(timestamp(rig), ==, 2ULL << 48 | 0x1d4ca);  /* origin: set by the host */
    get_feature(rig, 0x0e, 0, DEFAULT, 0);
    assert_field(rig_page_at(rig), 0, 8, 0);
    nvme_rig_disable(rig);
    nvme_rig_enable(rig);
    g_assert_cmphex(timestamp(rig), ==, 0);
}

static void test_host_behavior(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    uint8_t *page = rig_page_at(rig);

    memset(page, 0, 512);
    page[0] = page[2] = 1;
    g_assert_cmphex(set_feature(rig, 0x16, 0, 0), ==, OK);
    memset(page, 0xaa, 520);
    get_feature(rig, 0x16, 0, CURRENT, 0);
    assert_field(page, 0, 4, 0x010001);
    g_assert_true(all_zero(page + 4, 508));
    g_assert_cmphex(page[512], ==, 0xaa);
    page[0] = 2;
    g_assert_cmphex(set_feature(rig, 0x16, 0, 0), ==, INVALID_FIELD);
    page[0] = 0;
    page[1] = 1;                                /* telemetry: not claimed */
    g_assert_cmphex(set_feature(rig, 0x16, 0, 0), ==, INVALID_FIELD);
    get_feature(rig, 0x16, 0, DEFAULT, 0);
    g_assert_true(all_zero(page, 512));
}

static void test_command_sets(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);

    g_assert_cmphex(set_feature(rig, 0x19, 0, 1), ==, IOCS_REJECTED);
    g_assert_cmphex(set_feature(rig, 0x19, 0, 0x1ff), ==, IOCS_REJECTED);
}

static void test_write_protect(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);

    g_assert_cmphex(get_feature(rig, 0x84, 1, CURRENT, 0), ==, 0);
    g_assert_cmphex(set_feature(rig, 0x84, 1, 1), ==, OK);
    g_assert_cmphex(get_feature(rig, 0x84, 1, CURRENT, 0), ==, 1);
    assert_field(identify(rig, 0, 1, 0), 99, 1, 1);
    g_assert_cmphex(admin(rig, 0x80, 1, 0, 0), ==, WRITE_PROTECTED);    /* format */
    g_assert_cmphex(set_feature(rig, 0x84, 1, 2), ==, INVALID_FIELD);
    g_assert_cmphex(set_feature(rig, 0x84, 1, 3), ==, INVALID_FIELD);
    g_assert_cmphex(set_feature(rig, 0x84, ALL_NS, 1), ==, INVALID_NSID);
    g_assert_cmphex(set_feature(rig, 0x84, 1, 0), ==, OK);
    assert_field(identify(rig, 0, 1, 0), 99, 1, 0);
}

/* A read-only drive is protected for good. */
static void test_read_only(void)
{
    g_autoptr(NvmeRig) rig = NULL;

    nvme_rig_add_node("{'driver': 'null-co', 'node-name': 'ro', 'size': 1048576,"
                      " 'read-only': true}");
    rig = nvme_rig_new_on("ro", NULL);
    nvme_rig_enable(rig);
    assert_field(identify(rig, 0, 1, 0), 99, 1, 1);
    g_assert_cmphex(get_feature(rig, 0x84, 1, CURRENT, 0), ==, 1);
    g_assert_cmphex(set_feature(rig, 0x84, 1, 0), ==, NOT_CHANGEABLE);
    assert_field(get_log(rig, 2, 512), 0, 1, 1 << 3);
}

/* ---- keep alive ---- */

static void test_keep_alive(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    const int64_t ms = 1000000;

    g_assert_cmphex(set_feature(rig, 0x0f, 0, 1000), ==, OK);
    for (unsigned i = 0; i < 5; i++) {
        rig_advance(900 * ms);
        g_assert_cmphex(admin(rig, 0x18, 0, 0, 0), ==, OK);
    }
    g_assert_cmphex(nvme_rig_csts(rig) & 2, ==, 0);
    rig_advance(1001 * ms);
    g_assert_cmphex(nvme_rig_csts(rig) & 2, ==, 2);     /* CFS */
    nvme_rig_disable(rig);
    nvme_rig_enable(rig);
    assert_field(get_log(rig, 1, 64), 12, 2, 0x19 << 1);        /* keep alive timeout expired */
    assert_field(rig_page_at(rig), 8, 4, 0xffffffff);
    rig_advance(5000 * ms);
    g_assert_cmphex(nvme_rig_csts(rig) & 2, ==, 0);
}

static void test_keep_alive_off(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);

    g_assert_cmphex(set_feature(rig, 0x0f, 0, 1), ==, OK);
    g_assert_cmphex(set_feature(rig, 0x0f, 0, 0), ==, OK);
    rig_advance(3600LL * 1000000000);
    g_assert_cmphex(nvme_rig_csts(rig), ==, 1);
    g_assert_cmphex(set_feature(rig, 0x0f, 0, UINT32_MAX), ==, OK);
    rig_advance(3600LL * 1000000000);
    g_assert_cmphex(nvme_rig_csts(rig), ==, 1);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/features/dwords", test_dwords);
    g_test_add_func("/nvme/features/unknown", test_unknown);
    g_test_add_func("/nvme/features/select", test_select);
    g_test_add_func("/nvme/features/save", test_save);
    g_test_add_func("/nvme/features/nsid", test_nsid);
    g_test_add_func("/nvme/features/power", test_power);
    g_test_add_func("/nvme/features/temperature", test_temperature);
    g_test_add_func("/nvme/features/error-recovery", test_error_recovery);
    g_test_add_func("/nvme/features/write-cache", test_write_cache);
    g_test_add_func("/nvme/features/queues", test_queues);
    g_test_add_func("/nvme/features/vectors", test_vectors);
    g_test_add_func("/nvme/features/timestamp", test_timestamp);
    g_test_add_func("/nvme/features/host-behavior", test_host_behavior);
    g_test_add_func("/nvme/features/command-sets", test_command_sets);
    g_test_add_func("/nvme/features/write-protect", test_write_protect);
    g_test_add_func("/nvme/features/read-only", test_read_only);
    g_test_add_func("/nvme/features/keep-alive", test_keep_alive);
    g_test_add_func("/nvme/features/keep-alive-off", test_keep_alive_off);
    return g_test_run();
}
