/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces and subsystems: devices, their errors, management, attachment, resize. */
#include "qemu/osdep.h"
#include "admin-rig.h"

#define MIB (1024ULL * 1024)

static NvmeRig *start(void)
{
    NvmeRig *rig = nvme_rig_new(NULL);

    nvme_rig_enable(rig);
    return rig;
}

/* ---- what is refused ---- */

static void assert_ns_error(NvmeRig *rig, const char *props, const char *text)
{
    g_autofree char *got = ns_error(rig, props);

    if (!strstr(got, text)) {
        g_test_message("%s: '%s', not '%s'", props, got, text);
        g_test_fail();
    }
    g_assert_null(strchr(got, '\n'));
}

static void test_errors(void)
{
    g_autoptr(NvmeRig) rig = start();

    add_null_node("n2", MIB);
    assert_ns_error(rig, "", "nvme-ns needs a drive: set property 'drive'");
    assert_ns_error(rig, "drive=n2,nsid=1", "nsid=1 is in use already");
    assert_ns_error(rig, "drive=n2,nsid=257", "must be 1 to 256, not 257");
    assert_ns_error(rig, "drive=n2,nsid=4294967295", "must be 1 to 256, not 4294967295");
    assert_ns_error(rig, "drive=n2,detached=on", "detached=on needs a controller with an "
                    "nvme-subsys");
    assert_ns_error(rig, "drive=n2,pi=1", "needs 8 bytes of metadata: set ms=8");
    assert_ns_error(rig, "drive=n2,pi=1,ms=8,pif=1", "needs 16 bytes of metadata: set ms=16");
    assert_ns_error(rig, "drive=n2,pi=4,ms=8", "'pi' of nvme-ns must be 0 to 3, not 4");
    assert_ns_error(rig, "drive=n2,pif=2", "'pif' of nvme-ns must be 0 (16 bit guard) or 1");
    assert_ns_error(rig, "drive=n2,mset=2", "'mset' of nvme-ns must be 0 or 1, not 2");
    assert_ns_error(rig, "drive=n2,pil=9", "'pil' of nvme-ns must be 0 or 1, not 9");
    assert_ns_error(rig, "drive=n2,ms=129", "'ms' of nvme-ns must be at most 128, not 129");
    /* nothing was left behind: the same drive is good for another try */
    remove_device(add_ns(rig, "good", "drive=n2"));
    nvme_rig_del_node("n2");
}

static void test_too_small(void)
{
    g_autoptr(NvmeRig) rig = start();

    add_null_node("tiny", 512);
    assert_ns_error(rig, "drive=tiny,logical_block_size=4096", "not one block of 4096 bytes");
    assert_ns_error(rig, "drive=tiny,ms=8", "has 512 bytes");
    nvme_rig_del_node("tiny");
}

static void test_all_nsids(void)
{
    g_autoptr(NvmeRig) rig = start();
    DeviceState *ns[255];

    for (unsigned i = 0; i < 256; i++) {
        g_autofree char *name = g_strdup_printf("many%u", i);

        add_null_node(name, MIB);
    }
    for (unsigned i = 0; i < 255; i++) {
        g_autofree char *id = g_strdup_printf("ns%u", i);
        g_autofree char *props = g_strdup_printf("drive=many%u", i);

        ns[i] = add_ns(rig, id, props);
    }
    assert_ns_error(rig, "drive=many255", "all 256 namespace identifiers");
    assert_field(identify(rig, 2, 0, 0), 1020, 4, 256);
    for (unsigned i = 0; i < 255; i++) {
        remove_device(ns[i]);
    }
    for (unsigned i = 0; i < 256; i++) {
        g_autofree char *name = g_strdup_printf("many%u", i);

        nvme_rig_del_node(name);
    }
}

/* ---- subsystems ---- */

static void test_subsys_names(void)
{
    g_autofree char *name = g_strnfill(203, 'x');
    g_autofree char *good = g_strdup_printf("nqn=%.202s", name);
    g_autofree char *bad = g_strdup_printf("nqn=%s", name);
    Error *err = NULL;

    remove_device(add_device("nvme-subsys", "s", NULL, good));
    g_assert_null(try_device("nvme-subsys", "s", NULL, bad, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "'nqn' of nvme-subsys has 203 characters"));
    error_free(err);
}

typedef struct Pair {
    DeviceState *subsys;
    NvmeRig *a, *b;
} Pair;

/* Two controllers of one subsystem. */
static Pair pair_new(void)
{
    Pair pair = { .subsys = add_device("nvme-subsys", "sub", NULL, "nqn=shelf") };

    pair.a = nvme_rig_new_on(NULL, "subsys=sub");
    pair.b = nvme_rig_new_on(NULL, "subsys=sub");
    nvme_rig_enable(pair.a);
    nvme_rig_enable(pair.b);
    return pair;
}

static void pair_free(Pair *pair)
{
    nvme_rig_free(pair->a);
    nvme_rig_free(pair->b);
    remove_device(pair->subsys);
}

static void test_pair(void)
{
    Pair pair = pair_new();
    const uint8_t *page = identify(pair.b, 1, 0, 0);
    DeviceState *shared, *own, *detached;

    assert_field(page, 76, 1, 2);
    assert_field(page, 78, 2, 1);
    g_assert_cmpstr((const char *)page + 768, ==, "nqn.2019-08.org.qemu:shelf");
    assert_field(identify(pair.a, 0x13, 0, 0), 0, 6, 0x000100000002ULL);

    for (unsigned i = 1; i <= 3; i++) {
        g_autofree char *name = g_strdup_printf("n%u", i);

        add_null_node(name, MIB);
    }
    shared = add_ns(pair.a, "shared", "drive=n1");
    own = add_ns(pair.a, "own", "drive=n2,shared=off");
    detached = add_ns(pair.a, "detached", "drive=n3,detached=on");
    assert_field(identify(pair.a, 2, 0, 0), 0, 12, 0x0000000200000001ULL);
    assert_field(identify(pair.b, 2, 0, 0), 0, 8, 1);
    assert_field(identify(pair.b, 0x10, 0, 0), 8, 8, 3);
    assert_field(identify(pair.a, 0, 1, 0), 30, 1, 1);
    assert_field(identify(pair.a, 0, 2, 0), 30, 1, 0);
    assert_field(identify(pair.b, 0x11, 2, 0), 0, 8, MIB / 512);
    g_assert_true(all_zero(identify(pair.b, 0, 2, 0), 4096));
    assert_field(identify(pair.b, 0x12, 1, 0), 0, 6, 0x000100000002ULL);
    assert_field(identify(pair.b, 0x12, 2, 0), 0, 4, 1);
    assert_field(identify(pair.b, 0x12, 3, 0), 0, 4, 0);
    remove_device(detached);
    remove_device(own);
    remove_device(shared);
    for (unsigned i = 1; i <= 3; i++) {
        g_autofree char *name = g_strdup_printf("n%u", i);

        nvme_rig_del_node(name);
    }
    pair_free(&pair);
}

/* A controller that comes later finds what is shared. */
static void test_late(void)
{
    DeviceState *subsys = add_device("nvme-subsys", "sub", NULL, NULL);
    NvmeRig *a = nvme_rig_new_on(NULL, "subsys=sub"), *b;
    DeviceState *ns;

    add_null_node("n1", MIB);
    ns = add_ns(a, "ns", "drive=n1");
    b = nvme_rig_new_on(NULL, "subsys=sub");
    nvme_rig_enable(b);
    assert_field(identify(b, 2, 0, 0), 0, 4, 1);
    remove_device(ns);
    g_assert_true(all_zero(identify(b, 2, 0, 0), 4096));
    nvme_rig_free(b);
    nvme_rig_free(a);
    nvme_rig_del_node("n1");
    remove_device(subsys);
}

/* ---- attachment ---- */

enum { ATTACH, DETACH };

static uint16_t attachment(NvmeRig *rig, unsigned select, uint32_t nsid, unsigned count,
                           const uint16_t *ids)
{
    uint8_t *page = rig_page_at(rig);

    memset(page, 0, 4096);
    stw_le_p(page, count);
    for (unsigned i = 0; i < MIN(count, 2); i++) {
        stw_le_p(page + 2 + 2 * i, ids[i]);
    }
    return admin(rig, 0x15, nsid, select, 0);
}

static void test_attach(void)
{
    static const uint16_t both[2] = { 0, 1 }, first[2] = { 0 }, second[2] = { 1 };
    Pair pair = pair_new();
    DeviceState *ns[2];
    uint32_t dw0;

    add_null_node("n1", MIB);
    add_null_node("n2", MIB);
    ns[0] = add_ns(pair.a, "ns1", "drive=n1,detached=on");
    ns[1] = add_ns(pair.a, "ns2", "drive=n2,detached=on,shared=off");
    g_assert_cmphex(set_feature(pair.b, 0x0b, 0, 0x100), ==, OK);
    g_assert_false(request_event(pair.b, &dw0));

    g_assert_cmphex(attachment(pair.a, ATTACH, 1, 2, both), ==, OK);
    g_assert_cmphex(next_event(pair.b), ==, 0x040002);
    assert_field(get_log(pair.b, 4, 4096), 0, 8, 1);
    assert_field(identify(pair.b, 2, 0, 0), 0, 4, 1);
    g_assert_cmphex(attachment(pair.a, ATTACH, 1, 1, second), ==, ALREADY_ATTACHED);
    g_assert_false(request_event(pair.b, &dw0));
    g_assert_cmphex(attachment(pair.a, DETACH, 1, 1, second), ==, OK);
    g_assert_cmphex(next_event(pair.b), ==, 0x040002);
    g_assert_true(all_zero(identify(pair.b, 2, 0, 0), 4096));
    /* all or none */
    g_assert_cmphex(attachment(pair.a, DETACH, 1, 2, both), ==, NOT_ATTACHED);
    g_assert_cmphex(attachment(pair.a, ATTACH, 1, 2, both), ==, ALREADY_ATTACHED);
    assert_field(identify(pair.a, 2, 0, 0), 0, 4, 1);

    g_assert_cmphex(attachment(pair.a, ATTACH, 2, 2, both), ==, NS_PRIVATE);
    g_assert_cmphex(attachment(pair.a, ATTACH, 2, 1, second), ==, OK);
    g_assert_cmphex(attachment(pair.a, ATTACH, 2, 1, first), ==, NS_PRIVATE);
    assert_field(identify(pair.b, 2, 0, 0), 0, 4, 2);
    remove_device(ns[1]);
    remove_device(ns[0]);
    nvme_rig_del_node("n1");
    nvme_rig_del_node("n2");
    pair_free(&pair);
}

static void test_attach_refused(void)
{
    static const uint16_t first[2] = { 0 }, none[2] = { 1 }, far[2] = { 0xffff }, twice[2] = { 0 };
    g_autoptr(NvmeRig) rig = start();

    g_assert_cmphex(attachment(rig, 2, 1, 1, first), ==, INVALID_FIELD);
    g_assert_cmphex(attachment(rig, 15, 1, 1, first), ==, INVALID_FIELD);
    g_assert_cmphex(attachment(rig, ATTACH, 0, 1, first), ==, INVALID_NSID);
    g_assert_cmphex(attachment(rig, ATTACH, 2, 1, first), ==, INVALID_NSID);
    g_assert_cmphex(attachment(rig, ATTACH, ALL_NS, 1, first), ==, INVALID_NSID);
    g_assert_cmphex(attachment(rig, ATTACH, 1, 0, first), ==, BAD_LIST);
    g_assert_cmphex(attachment(rig, ATTACH, 1, 2048, first), ==, BAD_LIST);
    g_assert_cmphex(attachment(rig, ATTACH, 1, 0xffff, first), ==, BAD_LIST);
    g_assert_cmphex(attachment(rig, ATTACH, 1, 1, none), ==, BAD_LIST);
    g_assert_cmphex(attachment(rig, ATTACH, 1, 1, far), ==, BAD_LIST);
    g_assert_cmphex(attachment(rig, ATTACH, 1, 2, twice), ==, BAD_LIST);
    g_assert_cmphex(attachment(rig, ATTACH, 1, 1, first), ==, ALREADY_ATTACHED);
    g_assert_cmphex(attachment(rig, DETACH, 1, 1, first), ==, OK);
    g_assert_cmphex(attachment(rig, DETACH, 1, 1, first), ==, NOT_ATTACHED);
    g_assert_true(all_zero(identify(rig, 2, 0, 0), 4096));
    assert_field(identify(rig, 0x10, 0, 0), 0, 4, 1);
    g_assert_cmphex(attachment(rig, ATTACH, 1, 1, first), ==, OK);
}

/* ---- management ---- */

static uint16_t create(NvmeRig *rig, uint64_t nsze, uint64_t ncap, uint8_t flbas, uint8_t dps,
                       uint8_t nmic, uint32_t *nsid)
{
    uint8_t *page = rig_page_at(rig);
    NvmeCqe cqe;

    memset(page, 0, 4096);
    stq_le_p(page, nsze);
    stq_le_p(page + 8, ncap);
    page[26] = flbas;
    page[29] = dps;
    page[30] = nmic;
    cqe = nvme_rig_do(rig, &rig->admin, admin_cmd(rig, 0x0d, 0, 0, 0));
    *nsid = le32_to_cpu(cqe.dw0);
    return nvme_cqe_status(cqe);
}

static uint16_t delete(NvmeRig *rig, uint32_t nsid)
{
    return admin(rig, 0x0d, nsid, 1, 0);
}

static void test_create(void)
{
    static const uint16_t ids[2] = { 0 };
    g_autoptr(NvmeRig) rig = start();
    uint8_t before[24];
    const uint8_t *page;
    DeviceState *ns;
    uint32_t nsid;

    add_null_node("n2", 16 * MIB);
    ns = add_ns(rig, "ns2", "drive=n2");
    memcpy(before, identify(rig, 3, 2, 0), sizeof(before));
    g_assert_cmphex(create(rig, 100, 100, 0, 0, 0, &nsid), ==, NO_CAPACITY);
    g_assert_cmphex(delete(rig, 2), ==, OK);
    assert_field(identify(rig, 0x10, 0, 0), 0, 8, 1);
    assert_field(identify(rig, 1, 0, 0), 280, 8, (1024 + 16) * MIB);
    assert_field(rig_page_at(rig), 296, 8, 16 * MIB);
    g_assert_cmphex(delete(rig, 2), ==, INVALID_NSID);

    g_assert_cmphex(create(rig, 1000, 1000, 0x16, 0x0a, 0, &nsid), ==, OK);
    g_assert_cmpuint(nsid, ==, 2);
    g_assert_true(all_zero(identify(rig, 0, 2, 0), 4096));      /* not attached yet */
    page = identify(rig, 0x11, 2, 0);
    assert_field(page, 0, 8, 1000);
    assert_field(page, 26, 1, 0x16);
    assert_field(page, 29, 1, 0x0a);
    g_assert_cmphex(attachment(rig, ATTACH, 2, 1, ids), ==, OK);
    assert_field(identify(rig, 0, 2, 0), 0, 8, 1000);
    /* it is another namespace than the one that was deleted */
    assert_field(identify(rig, 3, 2, 0), 0, 4, 0x1003);
    g_assert_cmpint(memcmp(rig_page_at(rig), before, sizeof(before)), !=, 0);
    assert_field(identify(rig, 1, 0, 0), 296, 8, 0);
    /* another format does not give it more room: 1000 blocks of 4096 bytes, then of 512 */
    g_assert_cmphex(admin(rig, 0x80, 2, 0, 0), ==, OK);
    assert_field(identify(rig, 0, 2, 0), 0, 8, 8000);
    remove_device(ns);
    nvme_rig_del_node("n2");
}

static void test_create_refused(void)
{
    g_autoptr(NvmeRig) rig = start();
    uint64_t most = 1024 * MIB / 512;
    uint32_t nsid;

    g_assert_cmphex(delete(rig, 1), ==, OK);
    g_assert_cmphex(create(rig, 0, 0, 0, 0, 0, &nsid), ==, INVALID_FIELD);
    g_assert_cmphex(create(rig, 10, 11, 0, 0, 0, &nsid), ==, INVALID_FIELD);
    g_assert_cmphex(create(rig, 10, 9, 0, 0, 0, &nsid), ==, NO_THIN);
    g_assert_cmphex(create(rig, 10, 10, 8, 0, 0, &nsid), ==, INVALID_FORMAT);
    g_assert_cmphex(create(rig, 10, 10, 0, 1, 0, &nsid), ==, INVALID_FORMAT);
    g_assert_cmphex(create(rig, 10, 10, 0, 0, 1, &nsid), ==, INVALID_FIELD);    /* shared */
    g_assert_cmphex(create(rig, most + 1, most + 1, 0, 0, 0, &nsid), ==, NO_CAPACITY);
    g_assert_cmphex(create(rig, UINT64_MAX, UINT64_MAX, 0, 0, 0, &nsid), ==, NO_CAPACITY);
    g_assert_cmphex(admin(rig, 0x0d, 0, 0, 2u << 24), ==, IOCS_UNSUPPORTED);
    g_assert_cmphex(admin(rig, 0x0d, 0, 2, 0), ==, INVALID_FIELD);
    g_assert_cmphex(delete(rig, 0), ==, INVALID_NSID);
    g_assert_cmphex(delete(rig, 300), ==, INVALID_NSID);
    g_assert_cmphex(create(rig, most, most, 0, 0, 0, &nsid), ==, OK);
    g_assert_cmpuint(nsid, ==, 1);
}

static void test_delete_all(void)
{
    g_autoptr(NvmeRig) rig = start();
    DeviceState *ns;

    add_null_node("n2", MIB);
    ns = add_ns(rig, "ns2", "drive=n2");
    g_assert_cmphex(delete(rig, ALL_NS), ==, OK);
    g_assert_true(all_zero(identify(rig, 0x10, 0, 0), 4096));
    assert_field(identify(rig, 1, 0, 0), 296, 8, 1025 * MIB);
    remove_device(ns);
    nvme_rig_del_node("n2");
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/ns/errors", test_errors);
    g_test_add_func("/nvme/ns/too-small", test_too_small);
    g_test_add_func("/nvme/ns/all-nsids", test_all_nsids);
    g_test_add_func("/nvme/ns/subsys-names", test_subsys_names);
    g_test_add_func("/nvme/ns/pair", test_pair);
    g_test_add_func("/nvme/ns/late", test_late);
    g_test_add_func("/nvme/ns/attach", test_attach);
    g_test_add_func("/nvme/ns/attach-refused", test_attach_refused);
    g_test_add_func("/nvme/ns/create", test_create);
    g_test_add_func("/nvme/ns/create-refused", test_create_refused);
    g_test_add_func("/nvme/ns/delete-all", test_delete_all);
    return g_test_run();
}
