/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns of queues: base 3.4.4.1 and 5.27.1.1. Queues share a completion queue, in which
 * the order is to be seen: entries end as they are fetched here.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qemu/main-loop.h"
#include "qemu/units.h"
#include "nvme-rig.h"

enum { ENTRIES = 1024, CQ = 4096, MOST = 4 };

typedef struct Turns {
    NvmeRig *rig;
    NvmeRigQueue cq;
    uint64_t sq[MOST + 1];
} Turns;

static NvmeSqe read_block(void)
{
    return nvme_cmd_rw(NVME_IO_READ, 0, 1, RIG_RAM_BASE + RIG_RAM_SIZE - 4096, 0);
}

static void set_burst(NvmeRig *rig, unsigned burst)
{
    NvmeSqe cmd = nvme_cmd(NVME_ADMIN_SET_FEATURES, 0);

    cmd.cdw10 = cpu_to_le32(0x01);
    cmd.cdw11 = cpu_to_le32(0x01020300 | burst);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, 0);
}

static Turns start(const char *props, unsigned queues)
{
    Turns t = { .rig = nvme_rig_new(props) };
    NvmeRig *rig = t.rig;

    nvme_rig_enable(rig);
    t.cq = (NvmeRigQueue) { .id = 1, .phase = true, .entries = CQ };
    t.cq.cq = nvme_rig_alloc(rig, CQ * sizeof(NvmeCqe));
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, nvme_cmd_create_cq(1, CQ, t.cq.cq, 0)), ==,
                    0);
    for (unsigned id = 1; id <= queues; id++) {
        t.sq[id] = nvme_rig_alloc(rig, ENTRIES * sizeof(NvmeSqe));
        g_assert_cmphex(nvme_rig_status(rig, &rig->admin,
                                        nvme_cmd_create_sq(id, ENTRIES, t.sq[id], 1)), ==, 0);
    }
    return t;
}

static void end(Turns *t)
{
    nvme_rig_free(t->rig);
}

static void ring(Turns *t, unsigned id, unsigned count)
{
    NvmeSqe cmd = read_block();

    for (unsigned i = 0; i < count; i++) {
        memcpy(nvme_rig_at(t->rig, t->sq[id] + i * sizeof(cmd)), &cmd, sizeof(cmd));
    }
    rig_write(t->rig->pci, 0, NVME_DOORBELLS + id * 8, count, 4);
}

static unsigned next_id(Turns *t)
{
    return le16_to_cpu(nvme_rig_expect(t->rig, &t->cq).sq_id);
}

/* The longest time that one queue had while the other one, which has less, waited. */
static unsigned longest_turn(Turns *t, const unsigned counts[MOST + 1], unsigned less)
{
    unsigned total = 0, left = counts[less], longest = 0, turn = 0, last = 0;

    for (unsigned id = 1; id <= MOST; id++) {
        total += counts[id];
    }
    for (unsigned i = 0; i < total; i++) {
        unsigned id = next_id(t);

        turn = id == last ? turn + 1 : 1;
        last = id;
        longest = left ? MAX(longest, turn) : longest;
        left -= id == less;
    }
    g_assert_cmpuint(left, ==, 0);
    return longest;
}

static void test_burst(void)
{
    static const unsigned counts[MOST + 1] = { 0, 900, 700, 400, 900 };

    for (unsigned burst = 0; burst < 7; burst++) {
        Turns t = start("max_ioqpairs=4", MOST);

        set_burst(t.rig, burst);
        for (unsigned id = 1; id <= MOST; id++) {
            ring(&t, id, counts[id]);
        }
        rig_run();
        g_assert_cmpuint(longest_turn(&t, counts, 3), ==, 1u << burst);
        end(&t);
    }
}

/* The value is the controller's from a reset on; there is always an end of a turn. */
static void test_no_limit(void)
{
    static const unsigned counts[MOST + 1] = { 0, 1000, 1000 };
    Turns t = start("max_ioqpairs=4", 2);

    ring(&t, 1, 1000);
    ring(&t, 2, 1000);
    rig_run();
    g_assert_cmpuint(longest_turn(&t, counts, 2), ==, NVME_TURN_COMMANDS);
    end(&t);
}

static void test_reset(void)
{
    Turns t = start("max_ioqpairs=4", 1);

    set_burst(t.rig, 2);
    g_assert_cmpuint(nvme_rig_ctrl(t.rig)->queues->burst, ==, 4);
    nvme_rig_disable(t.rig);
    g_assert_cmpuint(nvme_rig_ctrl(t.rig)->queues->burst, ==, UINT32_MAX);
    end(&t);
}

/* Memory that only messages reach: no more entries are asked for than may be fetched. */
static void test_messages(void)
{
    static const unsigned counts[MOST + 1] = { 0, 300, 300 };
    Turns t = start("max_ioqpairs=4", 2);

    set_burst(t.rig, 3);
    t.rig->pci->mappable = false;
    rig_revoke(t.rig->pci, RIG_RAM_BASE, RIG_RAM_BASE + RIG_RAM_SIZE - 1);
    ring(&t, 1, 300);
    ring(&t, 2, 300);
    rig_run();
    g_assert_cmpuint(longest_turn(&t, counts, 2), <=, 8);
    end(&t);
}

/* A queue alone goes on: what it has done in a turn of the loop is what others may do. */
static void test_alone(void)
{
    Turns t = start("max_ioqpairs=4", 1);

    set_burst(t.rig, 0);
    ring(&t, 1, 1000);
    aio_poll(qemu_get_aio_context(), false);
    for (unsigned i = 0; i < NVME_TURN_COMMANDS; i++) {
        next_id(&t);
    }
    rig_run();
    for (unsigned i = NVME_TURN_COMMANDS; i < 1000; i++) {
        next_id(&t);
    }
    end(&t);
}

/* All that a queue can have waits: another one, and the admin queue, have their turn. */
static void test_64k(void)
{
    const uint64_t cmb = 1ull << 40, cq = 4 * MiB;
    Turns t = { .rig = nvme_rig_new("cmb_size_mb=8,max_ioqpairs=2") };
    NvmeRig *rig = t.rig;
    unsigned mine = 0, last = 0;
    const NvmeCqe *cqe;
    NvmeSqe *sq;

    rig_write(rig->pci, 0, NVME_REG_CMBMSC, cmb | 3, 8);
    sq = memory_region_get_ram_ptr(&nvme_rig_ctrl(rig)->cmb_region);
    cqe = (NvmeCqe *)((uint8_t *)sq + cq);
    nvme_rig_enable(rig);
    t.sq[2] = nvme_rig_alloc(rig, ENTRIES * sizeof(NvmeSqe));
    nvme_rig_status(rig, &rig->admin, nvme_cmd_create_cq(1, 65536, cmb + cq, 0));
    nvme_rig_status(rig, &rig->admin, nvme_cmd_create_sq(1, 65536, cmb, 1));
    nvme_rig_status(rig, &rig->admin, nvme_cmd_create_sq(2, ENTRIES, t.sq[2], 1));
    set_burst(rig, 4);
    for (unsigned i = 0; i < 65535; i++) {
        sq[i] = read_block();
    }
    rig_write(rig->pci, 0, NVME_DOORBELLS + 8, 65535, 4);
    ring(&t, 2, 200);
    nvme_rig_submit(rig, &rig->admin, nvme_cmd(0xff, 0));
    aio_poll(qemu_get_aio_context(), false);
    nvme_rig_expect(rig, &rig->admin);
    rig_write(rig->pci, 0, NVME_DOORBELLS + 12, 1, 4);
    rig_run();
    for (unsigned i = 0; i < 65534; i++) {
        if (le16_to_cpu(cqe[i].sq_id) == 2) {
            mine++;
            last = i;
        }
    }
    g_assert_cmpuint(mine, ==, 200);
    g_assert_cmpuint(last, <, 2 * 208);
    end(&t);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/arbitration/burst", test_burst);
    g_test_add_func("/nvme/arbitration/no-limit", test_no_limit);
    g_test_add_func("/nvme/arbitration/reset", test_reset);
    g_test_add_func("/nvme/arbitration/messages", test_messages);
    g_test_add_func("/nvme/arbitration/alone", test_alone);
    g_test_add_func("/nvme/arbitration/64k", test_64k);
    return g_test_run();
}
