/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Get Log Page: which there are, what they say, and every way to ask wrongly. */
#include "qemu/osdep.h"
#include "admin-rig.h"

static NvmeRig *start(const char *props)
{
    NvmeRig *rig = nvme_rig_new(props);

    nvme_rig_enable(rig);
    return rig;
}

static bool is_page(unsigned lid)
{
    return lid <= 5 || lid == 0x12 || lid == 0x13;
}

static void test_supported(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    const uint8_t *page = get_log(rig, 0, 1024);

    for (unsigned lid = 0; lid < 256; lid++) {
        assert_field(page, 4 * lid, 4, is_page(lid));
    }
    for (unsigned lid = 0; lid < 256; lid++) {
        uint16_t status = nvme_rig_status(rig, &rig->admin, log_cmd(rig, lid, 512, 0));

        g_assert_cmphex(status, ==, is_page(lid) ? OK : INVALID_LOG);
    }
}

/* ---- the piece that is asked for ---- */

static void test_offset(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    uint8_t whole[512];

    memcpy(whole, get_log(rig, 2, 512), sizeof(whole));
    memset(rig_page_at(rig), 0xaa, 4096);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, log_cmd(rig, 2, 8, 0)), ==, OK);
    g_assert_cmpmem(rig_page_at(rig), 8, whole, 8);
    g_assert_cmphex(rig_page_at(rig)[8], ==, 0xaa);

    memset(rig_page_at(rig), 0xaa, 4096);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, log_cmd(rig, 2, 16, 108)), ==, OK);
    g_assert_cmpmem(rig_page_at(rig), 16, whole + 108, 16);
    g_assert_cmphex(rig_page_at(rig)[16], ==, 0xaa);

    /* more than there is: nothing beyond the end is written */
    memset(rig_page_at(rig), 0xaa, 4096);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, log_cmd(rig, 2, 4096, 508)), ==, OK);
    g_assert_cmpmem(rig_page_at(rig), 4, whole + 508, 4);
    g_assert_cmphex(rig_page_at(rig)[4], ==, 0xaa);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, log_cmd(rig, 2, 4, 512)), ==, OK);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, log_cmd(rig, 2, 4, 516)), ==,
                    INVALID_FIELD);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, log_cmd(rig, 2, 4, 1ULL << 40)), ==,
                    INVALID_FIELD);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, log_cmd(rig, 2, 4, UINT64_MAX - 3)), ==,
                    INVALID_FIELD);
    for (unsigned offset = 1; offset < 4; offset++) {
        g_assert_cmphex(nvme_rig_status(rig, &rig->admin, log_cmd(rig, 2, 4, offset)), ==,
                        INVALID_FIELD);
    }
}

/* As much as MDTS lets pass is as good as one page; 2^32 dwords are more. */
static void test_length(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    NvmeSqe cmd = admin_cmd(rig, 0x02, ALL_NS, 2 | 0xffffu << 16, 1);

    memset(rig_page_at(rig), 0xaa, 4096);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, OK);
    g_assert_cmphex(rig_page_at(rig)[511], ==, 0);
    g_assert_cmphex(rig_page_at(rig)[512], ==, 0xaa);
    cmd.cdw11 = cpu_to_le32(2);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, INVALID_FIELD);
    cmd.cdw11 = cpu_to_le32(0xffff);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, INVALID_FIELD);
}

static void test_offset_type(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    NvmeSqe cmd = log_cmd(rig, 2, 512, 0);

    cmd.cdw14 = cpu_to_le32(1 << 23);           /* offset by entry: not claimed */
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, INVALID_FIELD);
    cmd.cdw14 = cpu_to_le32(0x7f);              /* UUID index: means nothing */
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, OK);
}

static void test_scope(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);

    for (unsigned lid = 0; lid < 256; lid++) {
        NvmeSqe cmd = log_cmd(rig, lid, 512, 0);

        if (!is_page(lid)) {
            continue;
        }
        cmd.nsid = 0;
        g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, OK);
        cmd.nsid = cpu_to_le32(1);
        g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==,
                        lid == 2 ? OK : INVALID_FIELD);
        cmd.nsid = cpu_to_le32(257);
        g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==,
                        lid == 2 ? INVALID_NSID : INVALID_FIELD);
        cmd.nsid = cpu_to_le32(2);
        g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, INVALID_FIELD);
    }
}

/* ---- errors ---- */

static void test_errors(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    const uint8_t *page;
    NvmeCqe cqe;

    g_assert_true(all_zero(get_log(rig, 1, 4096), 4096));
    g_assert_cmphex(admin(rig, 0xff, 0x1234, 0, 0), ==, INVALID_OPCODE);
    cqe = nvme_rig_do(rig, &rig->admin, admin_cmd(rig, 0x06, 9, 0xee, 0));
    page = get_log(rig, 1, 4096);
    assert_field(page, 0, 8, 2);                /* the newest comes first */
    assert_field(page, 8, 2, 0);                /* SQID */
    assert_field(page, 10, 2, le16_to_cpu(cqe.cid));
    assert_field(page, 12, 2, (INVALID_FIELD | 1 << 14) << 1);
    assert_field(page, 14, 2, 0xffff);          /* parameter error location */
    assert_field(page, 16, 8, 0);
    assert_field(page, 24, 4, 9);
    g_assert_true(all_zero(page + 28, 36));
    assert_field(page, 64, 8, 1);
    assert_field(page, 64 + 12, 2, (INVALID_OPCODE | 1 << 14) << 1);
    assert_field(page, 64 + 24, 4, 0x1234);
    g_assert_true(all_zero(page + 128, 4096 - 128));
    assert_field(get_log(rig, 2, 512), 176, 8, 2);
}

static void test_errors_wrap(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    const uint8_t *page;

    for (unsigned i = 0; i < 100; i++) {
        g_assert_cmphex(admin(rig, 0xff, 0, 0, 0), ==, INVALID_OPCODE);
    }
    page = get_log(rig, 1, 4096);
    for (unsigned i = 0; i < 64; i++) {
        assert_field(page, 64 * i, 8, 100 - i);
    }
    /* kept by a controller reset */
    nvme_rig_disable(rig);
    nvme_rig_enable(rig);
    assert_field(get_log(rig, 1, 64), 0, 8, 100);
}

/* ---- health ---- */

static void read_write(NvmeRig *rig, unsigned reads, unsigned writes, unsigned blocks)
{
    for (unsigned i = 0; i < reads + writes; i++) {
        uint8_t opcode = i < reads ? 0x02 : 0x01;

        g_assert_cmphex(nvme_rig_status(rig, &rig->io,
                                        nvme_cmd_rw(opcode, 0, blocks, rig_page(rig), 0)),
                        ==, OK);
    }
}

static void test_smart_io(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    const uint8_t *page;
    NvmeSqe cmd;

    nvme_rig_start(rig, 16);
    read_write(rig, 126, 3, 8);
    page = get_log(rig, 2, 512);
    assert_field(page, 0, 1, 0);                /* no warning */
    assert_field(page, 1, 2, 323);
    assert_field(page, 3, 1, 100);
    assert_field(page, 4, 1, 10);
    assert_field(page, 5, 1, 0);
    assert_field(page, 32, 8, 2);               /* 1008 units of 512: thousands, rounded up */
    assert_field(page, 40, 8, 0);
    assert_field(page, 48, 8, 1);
    assert_field(page, 64, 8, 126);
    assert_field(page, 80, 8, 3);
    assert_field(page, 112, 8, 1);              /* power cycles */
    assert_field(page, 144, 8, 0);
    assert_field(page, 160, 8, 0);
    g_assert_true(all_zero(page + 192, 320));

    cmd = log_cmd(rig, 2, 512, 0);
    cmd.nsid = cpu_to_le32(1);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, OK);
    assert_field(rig_page_at(rig), 64, 8, 126);
}

/* What a namespace that has gone had counted stays in the sum. */
static void test_smart_sum(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    DeviceState *ns;
    NvmeSqe cmd;

    add_null_node("n2", 1 << 20);
    ns = add_ns(rig, "ns2", "drive=n2");
    nvme_rig_start(rig, 16);
    cmd = nvme_cmd_rw(0x02, 0, 1, rig_page(rig), 0);
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, cmd), ==, OK);
    cmd.nsid = cpu_to_le32(2);
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, cmd), ==, OK);
    assert_field(get_log(rig, 2, 512), 64, 8, 2);
    remove_device(ns);
    assert_field(get_log(rig, 2, 512), 64, 8, 2);
    nvme_rig_del_node("n2");
}

static void test_smart_power(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    uint64_t hours = field(get_log(rig, 2, 512), 128, 8);

    rig_advance(5 * 3600LL * 1000000000);
    assert_field(get_log(rig, 2, 512), 128, 8, hours + 5);

    /* without a shutdown notification */
    rig_reset(rig->pci);
    nvme_rig_enable(rig);
    assert_field(get_log(rig, 2, 512), 112, 8, 2);
    assert_field(rig_page_at(rig), 144, 8, 1);

    /* with one: CC.SHN = 1, CSTS.SHST = 2 */
    rig_write(rig->pci, 0, 0x14, rig_read(rig->pci, 0, 0x14, 4) | 1 << 14, 4);
    rig_run();
    g_assert_cmphex(nvme_rig_csts(rig) >> 2 & 3, ==, 2);
    rig_reset(rig->pci);
    nvme_rig_enable(rig);
    assert_field(get_log(rig, 2, 512), 112, 8, 3);
    assert_field(rig_page_at(rig), 144, 8, 1);
}

static void test_smart_warning(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    Object *obj = OBJECT(rig->pci->dev);
    Error *err = NULL;

    object_property_set_uint(obj, "smart_critical_warning", 0x11, &error_abort);
    assert_field(get_log(rig, 2, 512), 0, 1, 0x11);
    g_assert_cmpuint(object_property_get_uint(obj, "smart_critical_warning", &error_abort), ==,
                     0x11);
    g_assert_false(object_property_set_uint(obj, "smart_critical_warning", 0x40, &err));
    g_assert_nonnull(err);
    error_free(err);
    assert_field(get_log(rig, 2, 512), 0, 1, 0x11);
}

/* ---- commands and features ---- */

static void test_effects(void)
{
    static const struct {
        uint8_t opcode;
        uint32_t effects;
    } known[] = {
        { 0x00, 0x200001 }, { 0x01, 0x200001 }, { 0x02, 0x200001 }, { 0x04, 0x200001 },
        { 0x05, 0x200001 }, { 0x06, 0x200001 }, { 0x08, 0x200001 }, { 0x09, 0x200001 },
        { 0x0a, 0x200001 }, { 0x0c, 0x200001 }, { 0x0d, 0x2000009 }, { 0x10, 0x200001 },
        { 0x11, 0x200001 }, { 0x15, 0x2000009 }, { 0x18, 0x200001 }, { 0x7c, 0x200001 },
        { 0x80, 0x110007 },
    };
    g_autoptr(NvmeRig) rig = start(NULL);
    const uint8_t *page = get_log(rig, 5, 4096);

    for (unsigned opcode = 0; opcode < 256; opcode++) {
        uint32_t want = 0;

        for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
            want = known[i].opcode == opcode ? known[i].effects : want;
        }
        assert_field(page, 4 * opcode, 4, want);
    }
    g_assert_cmphex(page[1024 + 4 * 0x01] & 3, ==, 3);  /* write changes blocks */
    g_assert_cmphex(page[1024 + 4 * 0x02] & 3, ==, 1);
    g_assert_true(all_zero(page + 2048, 2048));
}

/* A command that is not supported says so when it is sent. */
static void test_effects_true(void)
{
    g_autoptr(NvmeRig) rig = start("dbbuf=off");
    uint8_t supported[256];

    for (unsigned i = 0; i < 256; i++) {
        supported[i] = get_log(rig, 5, 4096)[4 * i] & 1;
    }
    g_assert_cmpuint(supported[0x7c], ==, 0);
    for (unsigned opcode = 0; opcode < 256; opcode++) {
        if (!supported[opcode]) {
            g_assert_cmphex(admin(rig, opcode, 0, 0, 0), ==, INVALID_OPCODE);
        }
    }
}

static void test_effects_csi(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    NvmeSqe cmd = log_cmd(rig, 5, 4096, 0);

    cmd.cdw14 = cpu_to_le32(1u << 24);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, INVALID_FIELD);
    /* zoned 3, figure 14: the NVM commands, and three of its own */
    cmd.cdw14 = cpu_to_le32(2u << 24);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, OK);
    for (unsigned opcode = 0; opcode < 256; opcode++) {
        bool nvm = get_log(rig, 5, 4096)[1024 + 4 * opcode] & 1;
        bool zoned;

        g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, OK);
        zoned = rig_page_at(rig)[1024 + 4 * opcode] & 1;
        g_assert_cmpint(zoned, ==, nvm || opcode == 0x79 || opcode == 0x7a || opcode == 0x7d);
    }
}

static void test_feature_effects(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    const uint8_t *page = get_log(rig, 0x12, 1024);

    assert_field(page, 4 * 0x00, 4, 0);
    assert_field(page, 4 * 0x01, 4, 0x200001);
    assert_field(page, 4 * 0x03, 4, 0);
    assert_field(page, 4 * 0x05, 4, 0x100001);
    assert_field(page, 4 * 0x0c, 4, 0);
    assert_field(page, 4 * 0x84, 4, 0x100001);
    g_assert_true(all_zero(get_log(rig, 0x13, 1024), 1024));
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/log/supported", test_supported);
    g_test_add_func("/nvme/log/offset", test_offset);
    g_test_add_func("/nvme/log/length", test_length);
    g_test_add_func("/nvme/log/offset-type", test_offset_type);
    g_test_add_func("/nvme/log/scope", test_scope);
    g_test_add_func("/nvme/log/errors", test_errors);
    g_test_add_func("/nvme/log/errors-wrap", test_errors_wrap);
    g_test_add_func("/nvme/log/smart-io", test_smart_io);
    g_test_add_func("/nvme/log/smart-sum", test_smart_sum);
    g_test_add_func("/nvme/log/smart-power", test_smart_power);
    g_test_add_func("/nvme/log/smart-warning", test_smart_warning);
    g_test_add_func("/nvme/log/effects", test_effects);
    g_test_add_func("/nvme/log/effects-true", test_effects_true);
    g_test_add_func("/nvme/log/effects-csi", test_effects_csi);
    g_test_add_func("/nvme/log/feature-effects", test_feature_effects);
    return g_test_run();
}
