/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An NVMe controller and everything that a host has of it: registers, doorbells,
 * the memory of queues, PRP lists, SGLs and data, when requests for memory are
 * answered, what memory is taken back, and resets in the middle. The input is
 * a program of such steps.
 *
 * Promises beyond those that sanitizers watch: when the controller is off it has
 * no pin, no mapping and no request for memory; and a controller that is started
 * anew answers identify.
 */
#include "qemu/osdep.h"
#include "hw/nvme/regs.h"
#include "hw/nvme/zns.h"
#include "nvme-rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    PAGES = RIG_RAM_SIZE / NVME_RIG_PAGE, QUEUES = 3, ENTRIES = 8, MAX_STEPS = 400,
    DOORBELLS = 0x1000, REG_NSSR = 0x20, REG_CC = 0x14, REG_CSTS = 0x1c,
    SHN_NORMAL = 1 << 14, CSTS_NSSRO = 1 << 4,
};

typedef struct Input {
    const uint8_t *at;
    size_t left;
} Input;

static NvmeRig *rig;
static NvmeRigQueue queues[QUEUES];     /* where an honest driver has them */
static uint64_t lists;                  /* a few pages that steps point to */
static bool dirty;                      /* namespaces may have been changed for good */

/* --- input --- */

static uint64_t take(Input *in, unsigned bytes)
{
    uint64_t value = 0;

    bytes = MIN(bytes, in->left);
    memcpy(&value, in->at, bytes);
    in->at += bytes;
    in->left -= bytes;
    return le64_to_cpu(value);
}

/* Mostly a page of the client's memory; sometimes inside it, the last ones, or nowhere. */
static uint64_t take_address(Input *in)
{
    uint8_t page = take(in, 1), how = take(in, 1);
    uint64_t at = RIG_RAM_BASE + page % 64 * NVME_RIG_PAGE;

    switch (how >> 5) {
    case 0 ... 3:
        return at;
    case 4:
        return at + (how & 31) * 4;
    case 5:
        return at + NVME_RIG_PAGE - (how & 31) * 8;
    case 6:
        return lists + (how & 3) * NVME_RIG_PAGE;
    default:
        return how & 1 ? take(in, 8) : RIG_RAM_BASE + RIG_RAM_SIZE - (how & 30) * 8;
    }
}

/* --- steps --- */

static void do_register(Input *in)
{
    unsigned offset = take(in, 2) % 0x1080, width = 1u << take(in, 1) % 4;
    uint64_t value = take(in, width);

    if (offset < 0x1000) {
        offset &= 0x7f;
    }
    offset -= offset % width;
    value = cpu_to_le64(value);
    pci_device_bar_rw(rig->pci->dev, 0, offset, &value, width, true);
    pci_device_bar_rw(rig->pci->dev, 0, offset, &value, width, false);
}

static void do_doorbell(Input *in)
{
    unsigned which = take(in, 1) % 16;

    rig_write(rig->pci, 0, DOORBELLS + 4 * which, take(in, 2), 4);
}

static void do_memory(Input *in)
{
    uint64_t at = take_address(in);
    unsigned len = take(in, 1);

    for (; len && in->left; len--, at++) {
        uint8_t *host = rig_ram(rig->pci, at);

        if (host) {
            *host = take(in, 1);
        }
    }
}

static void put(const NvmeSqe *cmd, uint8_t how)
{
    NvmeRigQueue *q = &queues[(how & 0x7f) % QUEUES];

    dirty |= cmd->opcode == NVME_ADMIN_FORMAT_NVM || cmd->opcode == NVME_ADMIN_NS_MANAGEMENT ||
             cmd->opcode == NVME_ADMIN_NS_ATTACHMENT;

    if (q->entries) {
        nvme_rig_put(rig, q, *cmd);
        if (how & 0x80) {
            nvme_rig_ring(rig, q);
        }
    }
}

/* All 64 bytes. */
static void do_entry(Input *in)
{
    uint8_t how = take(in, 1);
    NvmeSqe cmd = { 0 };

    for (unsigned i = 0; i < 8; i++) {
        uint64_t word = cpu_to_le64(take(in, 8));

        memcpy((uint8_t *)&cmd + 8 * i, &word, 8);
    }
    put(&cmd, how);
}

/* What is nearly right is found more quickly in fewer bytes. */
static void do_command(Input *in)
{
    uint8_t how = take(in, 1), opcode = take(in, 1), flags = take(in, 1), nsid = take(in, 1);
    NvmeSqe cmd = { .opcode = opcode, .flags = flags };
    uint32_t control;

    cmd.nsid = cpu_to_le32(nsid == 0xff ? UINT32_MAX : nsid % 6);
    cmd.dptr[0] = cpu_to_le64(take_address(in));
    cmd.dptr[1] = cpu_to_le64(take_address(in));
    cmd.mptr = cpu_to_le64(take_address(in));
    cmd.cdw10 = cpu_to_le32(take(in, 4));
    cmd.cdw11 = cpu_to_le32(take(in, 2));
    control = take(in, 1);
    control |= (uint32_t)take(in, 1) << 24;
    cmd.cdw12 = cpu_to_le32(control);
    control = take(in, 1);
    cmd.cdw13 = cpu_to_le32((control & 0x7f) | (control & 0x80) << 1);
    cmd.cdw14 = cpu_to_le32(take(in, 1));
    cmd.cdw15 = cpu_to_le32(take(in, 4));
    put(&cmd, how);
}

/* A list of addresses; or of SGL descriptors: an address, a length, a type. */
static void do_list(Input *in)
{
    uint8_t how = take(in, 1), count = take(in, 1) % 64;
    uint64_t at = lists + (how & 3) * NVME_RIG_PAGE + (how & 4 ? NVME_RIG_PAGE - 16 : 0);

    for (unsigned i = 0; i < count && in->left; i++) {
        uint64_t entry = cpu_to_le64(take_address(in));
        uint8_t *host = rig_ram(rig->pci, at);

        memcpy(host, &entry, sizeof(entry));
        at += 8;
        if (how & 8) {
            entry = take(in, 2);
            entry = cpu_to_le64(entry | take(in, 1) << 56);
            memcpy(rig_ram(rig->pci, at), &entry, sizeof(entry));
            at += 8;
        }
        if (at >= lists + 4 * NVME_RIG_PAGE) {
            break;
        }
    }
}

static void do_reap(Input *in)
{
    NvmeRigQueue *q = &queues[take(in, 1) % QUEUES];
    NvmeCqe cqe;

    for (unsigned i = 0; i < ENTRIES && q->entries && nvme_rig_reap(rig, q, &cqe); i++) {
    }
}

static void do_answer(Input *in)
{
    uint8_t how = take(in, 1);

    for (unsigned i = 0; i <= how % 16 && !g_queue_is_empty(&rig->pci->requests); i++) {
        rig_answer(rig->pci, how & 0x80 ? MEMTX_ERROR : MEMTX_OK);
    }
}

static void do_revoke(Input *in)
{
    uint64_t first = take_address(in) & -(uint64_t)NVME_RIG_PAGE;

    rig_revoke(rig->pci, first, first + (take(in, 1) + 1) * NVME_RIG_PAGE - 1);
}

/* What the client's memory is like. */
static void do_client(Input *in)
{
    uint8_t how = take(in, 1);

    rig->pci->mappable = how & 1;
    rig->pci->slow = how & 2;
    rig->pci->read_only = how & 4;
    rig->pci->lossy = how & 8 ? UINT_MAX : 0;
}

static void do_run(Input *in)
{
    rig_run();
}

static void do_time(Input *in)
{
    rig_advance(take(in, 3) * 256);
}

static void answer_all(void)
{
    while (!g_queue_is_empty(&rig->pci->requests)) {
        rig_answer(rig->pci, MEMTX_OK);
    }
}

static void start(void)
{
    rig->pci->slow = rig->pci->read_only = false;
    rig->pci->lossy = 0;
    answer_all();
    rig_reset(rig->pci);
    rig_write(rig->pci, 0, REG_CSTS, CSTS_NSSRO, 4);
    rig_enable_msix(rig->pci);
    rig_run();
    answer_all();
    nvme_rig_enable(rig);
    queues[0] = rig->admin;
    for (unsigned i = 1; i < QUEUES; i++) {
        nvme_rig_create(rig, &queues[i], i, ENTRIES, i);
    }
    lists = nvme_rig_alloc(rig, 4 * NVME_RIG_PAGE);
}

static void do_reset(Input *in)
{
    switch (take(in, 1) % 5) {
    case 0:
        rig_write(rig->pci, 0, REG_CC, 0, 4);
        break;
    case 1:
        rig_write(rig->pci, 0, REG_NSSR, 0x4e564d65, 4);
        break;
    case 2:
        rig_reset(rig->pci);
        break;
    case 3:
        rig_write(rig->pci, 0, REG_CC, rig_read(rig->pci, 0, REG_CC, 4) | SHN_NORMAL, 4);
        break;
    default:
        start();
        break;
    }
}

/* The state as a stream, and back into a device that has been reset. */
static void do_save(Input *in)
{
    g_autoptr(GBytes) state = NULL;

    rig_run();
    answer_all();
    state = rig_save(rig->pci);
    rig_reset(rig->pci);
    rig_load(rig->pci, state);
}

static void (*const steps[])(Input *in) = {
    do_register, do_doorbell, do_memory, do_entry, do_command, do_command, do_command, do_list,
    do_reap, do_answer, do_revoke, do_client, do_run, do_run, do_time, do_reset, do_save,
};

/* --- the device --- */

static void add_namespace(const char *node, const char *name, const char *value,
                          const char *name2, const char *value2)
{
    DeviceState *dev = qdev_new("nvme-ns");

    object_property_parse(OBJECT(dev), "drive", node, &error_abort);
    object_property_parse(OBJECT(dev), name, value, &error_abort);
    object_property_parse(OBJECT(dev), name2, value2, &error_abort);
    qdev_realize_and_unref(dev, QLIST_FIRST(&DEVICE(rig->pci->dev)->child_bus), &error_abort);
}

static void add_node(const char *name, const char *more)
{
    g_autofree char *json = g_strdup_printf("{'driver': 'null-co', 'node-name': '%s', 'size': "
                                            "1048576, 'read-zeroes': true%s}", name, more);

    nvme_rig_add_node(json);
}

static void set_up(void)
{
    char *words[] = { (char *)"fuzz-nvme", NULL }, **argv = words;
    int argc = 1;

    nvme_rig_setup(&argc, &argv);
    for (unsigned i = 0; i < 5; i++) {
        g_autofree char *name = g_strdup_printf("n%u", i);

        add_node(name, i >= 3 ? ", 'latency-ns': 100000" : "");
    }
}

/* Zones of 8 blocks, some of each limit. */
static void add_zoned(void)
{
    static const char *const properties[][2] = {
        { "drive", "n4" }, { "zoned", "on" }, { "zoned.zone_size", "4k" },
        { "zoned.zone_capacity", "3k" }, { "zoned.max_open", "3" }, { "zoned.max_active", "5" },
        { "zoned.descr_ext_size", "64" }, { "zoned.cross_read", "on" },
    };
    DeviceState *dev = qdev_new("nvme-ns");

    for (unsigned i = 0; i < G_N_ELEMENTS(properties); i++) {
        object_property_parse(OBJECT(dev), properties[i][0], properties[i][1], &error_abort);
    }
    qdev_realize_and_unref(dev, nvme_rig_ctrl(rig)->bus, &error_abort);
}

/*
 * A disk without metadata, two with it, one whose requests take their time, and one of
 * zones where they do, too.
 */
static void make_device(void)
{
    rig = nvme_rig_new_on("n0", "max_ioqpairs=4,msix_qsize=5,mdts=4,cmb_size_mb=1,dbbuf=on");
    add_namespace("n1", "ms", "8", "pi", "1");
    add_namespace("n2", "ms", "16", "mset", "1");
    add_namespace("n3", "ms", "0", "mset", "0");
    add_zoned();
    rig->css = NVME_CSS_IOCS;
}

static NvmeNamespace *zoned(void)
{
    NvmeNamespace *ns = nvme_rig_ctrl(rig)->subsys->namespaces[5];

    return ns && ns->zns ? ns : NULL;
}

/* Each input finds them empty. */
static void empty_zones(void)
{
    if (zoned()) {
        nvme_zns_format(zoned());
    }
}

/* Limits are kept, and the counts by which they are; nobody has a reservation any more. */
static void assert_zones(void)
{
    const NvmeZns *zns = zoned() ? zoned()->zns : NULL;
    uint32_t open = 0, active = 0;

    for (uint32_t i = 0; zns && i < zns->nr_zones; i++) {
        const NvmeZone *zone = &zns->zones[i];

        open += nvme_zone_is_open(zone->state);
        active += nvme_zone_is_active(zone->state);
        g_assert(zone->wp <= zns->capacity && zone->wp == nvme_zone_written(zone));
        g_assert(!zone->inflight && (zone->state != NVME_ZONE_EMPTY || !zone->wp));
    }
    g_assert(!zns || (open == zns->nr_open && active == zns->nr_active));
    g_assert(open <= 3 && active <= 5);
}

static void assert_nothing_left(void)
{
    rig->pci->slow = false;
    answer_all();
    nvme_rig_disable(rig);
    answer_all();
    rig_run();
    g_assert(rig->pci->maps == 0 && rig->pci->pins == 0);
    g_assert(g_queue_is_empty(&rig->pci->requests));
    assert_zones();
}

static void assert_works(void)
{
    uint64_t page = nvme_rig_alloc(rig, NVME_RIG_PAGE);
    NvmeSqe cmd = { .opcode = 0x06, .dptr = { cpu_to_le64(page) }, .cdw10 = cpu_to_le32(1) };

    g_assert(nvme_rig_status(rig, &rig->admin, cmd) == 0);
    g_assert(!memcmp(nvme_rig_at(rig, page + 4), "rig ", 4));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in = { data, size };

    if (!rig) {
        set_up();
        make_device();
    } else if (dirty) {
        nvme_rig_free(rig);
        make_device();
    }
    dirty = false;
    start();
    empty_zones();
    assert_works();
    for (unsigned i = 0; i < MAX_STEPS && in.left; i++) {
        steps[take(&in, 1) % G_N_ELEMENTS(steps)](&in);
    }
    assert_nothing_left();
    return 0;
}
