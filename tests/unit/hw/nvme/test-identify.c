/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every field of the Identify structures, and every CNS, against numbers of the specification. */
#include "qemu/osdep.h"
#include "admin-rig.h"

#define GIB (1024ULL * 1024 * 1024)

static NvmeRig *start(const char *props)
{
    NvmeRig *rig = nvme_rig_new(props);

    nvme_rig_enable(rig);
    return rig;
}

typedef struct Row {
    unsigned offset, bytes;
    uint64_t value;
} Row;

static void check_rows(const uint8_t *page, const Row *row)
{
    for (; row->bytes; row++) {
        if (field(page, row->offset, row->bytes) != row->value) {
            g_test_message("at byte %u: 0x%" PRIx64 ", not 0x%" PRIx64, row->offset,
                           field(page, row->offset, row->bytes), row->value);
            g_test_fail();
        }
    }
}

/* ---- controller ---- */

static void test_ctrl(void)
{
    static const Row rows[] = {
        { 0, 2, 0x1b36 },               /* VID: Red Hat */
        { 72, 1, 6 },                   /* RAB */
        { 73, 3, 0x525400 },            /* IEEE */
        { 76, 1, 0 },                   /* CMIC: alone in its subsystem */
        { 77, 1, 7 },                   /* MDTS: 512 KiB */
        { 78, 2, 0 },                   /* CNTLID */
        { 80, 4, 0x00010400 },          /* VER */
        { 92, 4, 0x300 },               /* OAES: namespace attributes, firmware */
        { 96, 4, 0x8000 },              /* CTRATT: extended LBA formats */
        { 111, 1, 1 },                  /* CNTRLTYPE: I/O */
        { 256, 2, 0x10e },              /* OACS: format, firmware, namespaces, doorbell buffers */
        { 258, 1, 3 },                  /* ACL */
        { 259, 1, 3 },                  /* AERL */
        { 260, 1, 0x17 },               /* FRMW: 3 slots, the first read only, no reset */
        { 261, 1, 0x27 },               /* LPA */
        { 262, 1, 63 },                 /* ELPE */
        { 263, 1, 0 },                  /* NPSS: one power state */
        { 264, 2, 0 },                  /* AVSCC, APSTA */
        { 266, 2, 343 }, { 268, 2, 373 },       /* WCTEMP, CCTEMP */
        { 272, 8, 0 },                  /* no host memory buffer */
        { 280, 8, GIB }, { 288, 8, 0 }, /* TNVMCAP */
        { 296, 8, 0 }, { 304, 8, 0 },   /* UNVMCAP */
        { 312, 4, 0 }, { 316, 3, 0 },   /* RPMBS, EDSTT, DSTO */
        { 319, 1, 1 },                  /* FWUG: 4 KiB */
        { 320, 2, 1 },                  /* KAS: 100 ms */
        { 322, 2, 0 },                  /* HCTMA */
        { 328, 4, 0 },                  /* SANICAP: none */
        { 338, 4, 0 },                  /* NSETIDMAX, ENDGIDMAX */
        { 342, 2, 0 },                  /* ANA: none */
        { 512, 1, 0x66 }, { 513, 1, 0x44 },     /* SQES, CQES */
        { 514, 2, 0 },                  /* MAXCMD */
        { 516, 4, 256 },                /* NN */
        { 524, 1, 0 },                  /* FNA */
        { 525, 1, 0x07 },               /* VWC */
        { 526, 4, 0 },                  /* AWUN, AWUPF: one block */
        { 530, 1, 0 },                  /* ICSVSCC */
        { 531, 1, 1 },                  /* NWPC */
        { 532, 2, 0xffff },             /* ACWU */
        { 534, 2, 3 },                  /* OCFS: formats 0h and 1h */
        { 536, 4, 0x90001 },            /* SGLS */
        { 540, 4, 256 },                /* MNAN */
        { }
    };
    g_autoptr(NvmeRig) rig = start(NULL);
    const uint8_t *page = identify(rig, 1, 0, 0);

    check_rows(page, rows);
    g_assert_cmpmem(page + 4, 20, "rig                 ", 20);
    g_assert_cmpmem(page + 24, 40, "QEMU NVMe Ctrl                          ", 40);
    g_assert_cmpmem(page + 64, 8, "1.0     ", 8);
    g_assert_cmpstr((const char *)page + 768, ==, "nqn.2019-08.org.qemu:rig");
    g_assert_true(all_zero(page + 800, 256 - 32));
    assert_field(page, 2048, 2, 2500);
    g_assert_true(all_zero(page + 2080, 4096 - 2080));
}

static void test_ctrl_params(void)
{
    g_autoptr(NvmeRig) rig = start("mdts=5,aerl=7,dbbuf=off,vsl=3,use-intel-id=on");
    const uint8_t *page = identify(rig, 1, 0, 0);

    assert_field(page, 0, 2, 0x8086);
    assert_field(page, 73, 3, 0x0002b3);
    assert_field(page, 77, 1, 5);
    assert_field(page, 259, 1, 7);
    assert_field(page, 256, 2, 0x00e);
    g_assert_cmpuint(identify(rig, 6, 0, 0)[0], ==, 3);
}

/* What ONCS and FUSES say is what log 05h says of the commands. */
static void test_optional_commands(void)
{
    static const unsigned opcode_of_bit[] = { 0x05, 0x04, 0x09, 0x08, [7] = 0x0c, [8] = 0x19 };
    g_autoptr(NvmeRig) rig = start(NULL);
    uint16_t oncs = field(identify(rig, 1, 0, 0), 520, 2);
    uint16_t fuses = field(rig_page_at(rig), 522, 2);
    const uint8_t *effects = get_log(rig, 5, 4096);

    for (unsigned bit = 0; bit < ARRAY_SIZE(opcode_of_bit); bit++) {
        if (opcode_of_bit[bit]) {
            g_assert_cmpuint(oncs >> bit & 1, ==,
                             field(effects, 1024 + 4 * opcode_of_bit[bit], 4) & 1);
        }
    }
    g_assert_cmphex(oncs & ~0x18f, ==, 0x50);   /* save and select, timestamp, no reservations */
    g_assert_cmpuint(fuses, ==, oncs & 1);
}

/* ---- namespace ---- */

static void test_ns(void)
{
    static const Row rows[] = {
        { 0, 8, 2097152 }, { 8, 8, 2097152 }, { 16, 8, 2097152 },       /* NSZE, NCAP, NUSE */
        { 24, 1, 0x10 },                /* NSFEAT: OPTPERF */
        { 25, 1, 7 },                   /* NLBAF: 8 formats */
        { 26, 1, 0 },                   /* FLBAS */
        { 27, 1, 3 },                   /* MC */
        { 28, 1, 0x1f },                /* DPC */
        { 29, 1, 0 },                   /* DPS */
        { 30, 1, 0 },                   /* NMIC */
        { 31, 1, 0 },                   /* RESCAP */
        { 32, 1, 0x80 },                /* FPI */
        { 33, 1, 9 },                   /* DLFEAT */
        { 34, 14, 0 },                  /* atomic writes, optimal boundary */
        { 48, 8, GIB }, { 56, 8, 0 },   /* NVMCAP */
        { 64, 2, 0 }, { 66, 2, 0 },     /* NPWG, NPWA: a block */
        { 68, 2, 7 }, { 70, 2, 7 },     /* NPDG, NPDA: 4 KiB */
        { 72, 2, 0 },                   /* NOWS */
        { 74, 2, 128 }, { 76, 4, 128 }, { 80, 1, 127 },                 /* MSSRL, MCL, MSRC */
        { 92, 4, 0 }, { 99, 1, 0 }, { 100, 4, 0 },                      /* ANAGRPID to ENDGID */
        { 104, 8, 0 }, { 112, 8, 0 }, { 120, 8, 0 },                    /* NGUID, EUI64 */
        { 128, 4, 0x090000 }, { 132, 4, 0x090008 }, { 136, 4, 0x090010 }, { 140, 4, 0x090040 },
        { 144, 4, 0x0c0000 }, { 148, 4, 0x0c0008 }, { 152, 4, 0x0c0010 }, { 156, 4, 0x0c0040 },
        { 160, 4, 0 },
        { }
    };
    g_autoptr(NvmeRig) rig = start(NULL);

    check_rows(identify(rig, 0, 1, 0), rows);
}

static void test_ns_properties(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    const uint8_t *page;
    DeviceState *ns;

    add_null_node("n5", GIB);
    ns = add_ns(rig, "ns5", "drive=n5,nsid=5,logical_block_size=4096,physical_block_size=8192,"
                "ms=16,mset=1,pi=2,pil=1,eui64=0x1122334455667788,mssrl=7,mcl=9,msrc=2,"
                "discard_granularity=16384,opt_io_size=65536");
    page = identify(rig, 0, 5, 0);
    assert_field(page, 0, 8, GIB / (4096 + 16));
    assert_field(page, 26, 1, 6 | 1 << 4);
    assert_field(page, 29, 1, 2 | 1 << 3);
    assert_field(page, 48, 8, GIB / (4096 + 16) * 4096);
    assert_field(page, 64, 2, 1);
    assert_field(page, 68, 2, 3);
    assert_field(page, 72, 2, 15);
    assert_field(page, 74, 2, 7);
    assert_field(page, 76, 4, 9);
    assert_field(page, 80, 1, 2);
    g_assert_cmpmem(page + 120, 8, "\x11\x22\x33\x44\x55\x66\x77\x88", 8);
    remove_device(ns);
    nvme_rig_del_node("n5");
}

/* DLFEAT says no more than the back end does, also from below a filter. */
static void test_ns_deallocated(void)
{
    static const struct { const char *json; uint8_t dlfeat; } nodes[] = {
        { "{'driver': 'null-co', 'node-name': 'n2', 'size': 1048576}", 8 },
        { "{'driver': 'raw', 'node-name': 'n2', 'file': {'driver': 'null-co', 'size': 1048576,"
          " 'read-zeroes': false}}", 8 },
        { "{'driver': 'raw', 'node-name': 'n2', 'file': {'driver': 'null-co', 'size': 1048576,"
          " 'read-zeroes': true}}", 9 },
    };
    g_autoptr(NvmeRig) rig = start(NULL);

    for (unsigned i = 0; i < G_N_ELEMENTS(nodes); i++) {
        DeviceState *ns;

        nvme_rig_add_node(nodes[i].json);
        ns = add_ns(rig, "ns2", "drive=n2");
        assert_field(identify(rig, 0, 2, 0), 33, 1, nodes[i].dlfeat);
        remove_device(ns);
        nvme_rig_del_node("n2");
    }
}

/* A format that is not in the list comes behind it. */
static void test_ns_own_format(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    const uint8_t *page;
    DeviceState *ns;

    add_null_node("n2", GIB);
    ns = add_ns(rig, "ns2", "drive=n2,logical_block_size=1024,ms=32");
    page = identify(rig, 0, 2, 0);
    assert_field(page, 25, 1, 8);
    assert_field(page, 26, 1, 8);
    assert_field(page, 128 + 4 * 8, 4, 0x0a0020);
    remove_device(ns);
    nvme_rig_del_node("n2");
}

static void test_ns_common(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    const uint8_t *page = identify(rig, 0, ALL_NS, 0);

    assert_field(page, 0, 8, 0);
    assert_field(page, 25, 1, 7);
    assert_field(page, 128, 4, 0x090000);
    assert_field(page, 120, 8, 0);
}

static void test_ns_inactive(void)
{
    static const uint8_t cns[] = { 0x00, 0x05, 0x08, 0x11, 0x1b };
    g_autoptr(NvmeRig) rig = start(NULL);

    for (size_t i = 0; i < sizeof(cns); i++) {
        g_assert_true(all_zero(identify(rig, cns[i], 2, 0), 4096));
        g_assert_cmphex(identify_status(rig, cns[i], 0, 0), ==, INVALID_NSID);
        g_assert_cmphex(identify_status(rig, cns[i], 257, 0), ==, INVALID_NSID);
    }
    g_assert_cmphex(identify_status(rig, 0x11, ALL_NS, 0), ==, INVALID_NSID);
    g_assert_cmphex(identify_status(rig, 0x08, ALL_NS, 0), ==, INVALID_NSID);
    g_assert_cmphex(identify_status(rig, 0x03, 2, 0), ==, INVALID_FIELD);
    g_assert_cmphex(identify_status(rig, 0x03, 0, 0), ==, INVALID_NSID);
    g_assert_cmphex(identify_status(rig, 0x03, ALL_NS, 0), ==, INVALID_NSID);
}

static void test_independent(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    const uint8_t *page = identify(rig, 8, 1, 0);

    assert_field(page, 0, 3, 0);
    assert_field(page, 3, 1, 0x80);
    assert_field(page, 4, 10, 0);
    assert_field(page, 14, 1, 1);
    g_assert_true(all_zero(page + 15, 4096 - 15));
}

static void test_csi(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    const uint8_t *page;
    DeviceState *ns;

    g_assert_true(all_zero(identify(rig, 5, 1, 0), 4096));
    g_assert_cmphex(identify_status(rig, 5, 1, 1u << 24), ==, INVALID_FIELD);
    g_assert_cmphex(identify_status(rig, 6, 0, 1u << 24), ==, INVALID_FIELD);
    g_assert_cmphex(identify_status(rig, 7, 0, 1u << 24), ==, INVALID_FIELD);
    g_assert_cmphex(identify_status(rig, 0x1a, 0, 0xffu << 24), ==, INVALID_FIELD);
    assert_field(identify(rig, 6, 0, 0), 0, 1, 7);      /* VSL */
    g_assert_true(all_zero(rig_page_at(rig) + 1, 4095));
    g_assert_cmphex(identify_status(rig, 5, 1, 2u << 24), ==, INVALID_IOCS);
    g_assert_true(all_zero(identify(rig, 6, 0, 2), 4096));      /* ZASL: as MDTS */
    g_assert_true(all_zero(identify(rig, 7, 0, 2), 4096));

    add_null_node("n3", GIB);
    ns = add_ns(rig, "ns3", "drive=n3,nsid=3,ms=16,pi=1,pif=1");
    page = identify(rig, 5, 3, 0);
    assert_field(page, 0, 12, 0);                       /* LBSTM, PIC */
    assert_field(page, 12, 4, 0);                       /* no metadata */
    assert_field(page, 16, 4, 0);                       /* 8 bytes do not hold 64 bit guards */
    assert_field(page, 20, 4, 1 << 7);
    assert_field(page, 24, 4, 1 << 7);
    remove_device(ns);
    nvme_rig_del_node("n3");
}

static void test_format_index(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);

    assert_field(identify(rig, 9, 0, 0), 25, 1, 7);
    g_assert_cmphex(identify_status(rig, 9, 0, 7), ==, OK);
    g_assert_cmphex(identify_status(rig, 9, 0, 8), ==, INVALID_FIELD);
    g_assert_cmphex(identify_status(rig, 0x0a, 0, 7), ==, OK);
    g_assert_cmphex(identify_status(rig, 0x0a, 0, 1u << 24), ==, INVALID_FIELD);
}

/* ---- descriptors ---- */

static void test_descriptors_given(void)
{
    static const uint8_t want[] = {
        1, 8, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
        3, 16, 0, 0, 0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3,
        0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0x00,
        4, 1, 0, 0, 0,
    };
    g_autoptr(NvmeRig) rig = start(NULL);
    const uint8_t *page;
    DeviceState *ns;

    add_null_node("n2", GIB);
    ns = add_ns(rig, "ns2", "drive=n2,eui64=0x0102030405060708,"
                "uuid=123e4567-e89b-12d3-a456-426614174000");
    page = identify(rig, 3, 2, 0);
    g_assert_cmpmem(page, sizeof(want), want, sizeof(want));
    g_assert_true(all_zero(page + sizeof(want), 4096 - sizeof(want)));
    remove_device(ns);
    nvme_rig_del_node("n2");
}

/* A namespace without any gets a UUID: version 5, the same each time, another one for each. */
static void test_descriptors_made(void)
{
    uint8_t uuid[2][20];

    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(NvmeRig) rig = start(NULL);
        const uint8_t *page = identify(rig, 3, 1, 0);

        memcpy(uuid[i], page, 20);
        assert_field(page, 20, 4, 0x0104);      /* CSI follows */
        g_assert_cmphex(page[4 + 6] >> 4, ==, 5);
        g_assert_cmphex(page[4 + 8] >> 6, ==, 2);
    }
    assert_field(uuid[0], 0, 4, 0x1003);
    g_assert_cmpmem(uuid[0], 20, uuid[1], 20);
}

static void test_eui64_default(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    DeviceState *ns;

    add_null_node("n2", GIB);
    ns = add_ns(rig, "ns2", "drive=n2,eui64-default=on");
    g_assert_cmpmem(identify(rig, 3, 2, 0), 7, "\x01\x08\x00\x00\x52\x54\x00", 7);
    remove_device(ns);
    nvme_rig_del_node("n2");
}

/* ---- lists ---- */

static void assert_list(const uint8_t *page, unsigned count, ...)
{
    va_list args;

    va_start(args, count);
    for (unsigned i = 0; i < count; i++) {
        assert_field(page, 4 * i, 4, va_arg(args, unsigned));
    }
    va_end(args);
    g_assert_true(all_zero(page + 4 * count, 4096 - 4 * count));
}

static void test_lists(void)
{
    static const uint8_t cns[] = { 0x02, 0x07, 0x10, 0x1a };
    g_autoptr(NvmeRig) rig = start(NULL);
    DeviceState *ns[2];

    add_null_node("n9", GIB);
    add_null_node("n256", GIB);
    ns[0] = add_ns(rig, "ns9", "drive=n9,nsid=9");
    ns[1] = add_ns(rig, "ns256", "drive=n256,nsid=256");
    for (size_t i = 0; i < sizeof(cns); i++) {
        assert_list(identify(rig, cns[i], 0, 0), 3, 1, 9, 256);
        assert_list(identify(rig, cns[i], 1, 0), 2, 9, 256);
        assert_list(identify(rig, cns[i], 8, 0), 2, 9, 256);
        assert_list(identify(rig, cns[i], 256, 0), 0);
        assert_list(identify(rig, cns[i], 0xfffffffd, 0), 0);
        g_assert_cmphex(identify_status(rig, cns[i], 0xfffffffe, 0), ==, INVALID_NSID);
        g_assert_cmphex(identify_status(rig, cns[i], 0xffffffff, 0), ==, INVALID_NSID);
    }
    for (unsigned i = 0; i < 2; i++) {
        remove_device(ns[i]);
    }
    assert_list(identify(rig, 2, 0, 0), 1, 1);
    nvme_rig_del_node("n9");
    nvme_rig_del_node("n256");
}

static void test_ctrl_lists(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);

    assert_field(identify(rig, 0x13, 0, 0), 0, 4, 1);           /* one: 0 */
    assert_field(identify(rig, 0x13 | 1 << 16, 0, 0), 0, 4, 0);
    assert_field(identify(rig, 0x12, 1, 0), 0, 4, 1);
    g_assert_cmphex(identify_status(rig, 0x12, 2, 0), ==, INVALID_NSID);
    g_assert_cmphex(identify_status(rig, 0x12, 0, 0), ==, INVALID_NSID);
    g_assert_cmphex(identify_status(rig, 0x12, ALL_NS, 0), ==, INVALID_NSID);
}

static void test_command_sets(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);
    uint64_t sets;

    sets = field(identify(rig, 0x1c | 0xffffu << 16, 0, 0), 0, 8);
    g_assert_cmphex(sets, ==, 1 | 1 << 2);              /* NVM and zoned */
    g_assert_true(all_zero(rig_page_at(rig) + 8, 4088));
    assert_field(identify(rig, 0x1c, 0, 0), 0, 8, sets);
    g_assert_cmphex(identify_status(rig, 0x1c | 7 << 16, 0, 0), ==, INVALID_FIELD);
}

/* Not claimed, reserved, or a vendor's. */
static void test_other_cns(void)
{
    g_autoptr(NvmeRig) rig = start(NULL);

    for (unsigned cns = 0; cns < 256; cns++) {
        bool known = cns <= 3 || (cns >= 5 && cns <= 0x0a) || (cns >= 0x10 && cns <= 0x13) ||
                     (cns >= 0x1a && cns <= 0x1c);

        if (!known) {
            g_assert_cmphex(identify_status(rig, cns, 1, 0), ==, INVALID_FIELD);
            g_assert_cmphex(rig_page_at(rig)[0], ==, 0xaa);
        }
    }
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/identify/ctrl", test_ctrl);
    g_test_add_func("/nvme/identify/ctrl-params", test_ctrl_params);
    g_test_add_func("/nvme/identify/optional-commands", test_optional_commands);
    g_test_add_func("/nvme/identify/ns", test_ns);
    g_test_add_func("/nvme/identify/ns-properties", test_ns_properties);
    g_test_add_func("/nvme/identify/ns/deallocated", test_ns_deallocated);
    g_test_add_func("/nvme/identify/ns-own-format", test_ns_own_format);
    g_test_add_func("/nvme/identify/ns-common", test_ns_common);
    g_test_add_func("/nvme/identify/ns-inactive", test_ns_inactive);
    g_test_add_func("/nvme/identify/independent", test_independent);
    g_test_add_func("/nvme/identify/csi", test_csi);
    g_test_add_func("/nvme/identify/format-index", test_format_index);
    g_test_add_func("/nvme/identify/descriptors-given", test_descriptors_given);
    g_test_add_func("/nvme/identify/descriptors-made", test_descriptors_made);
    g_test_add_func("/nvme/identify/eui64-default", test_eui64_default);
    g_test_add_func("/nvme/identify/lists", test_lists);
    g_test_add_func("/nvme/identify/ctrl-lists", test_ctrl_lists);
    g_test_add_func("/nvme/identify/command-sets", test_command_sets);
    g_test_add_func("/nvme/identify/other-cns", test_other_cns);
    return g_test_run();
}
