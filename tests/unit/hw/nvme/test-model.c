/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random commands in many formats against plain arrays: what each block and its
 * metadata have to be, and which are marked uncorrectable. Everything is looked at
 * through Read after each change, and now and then as it lies on the medium.
 */
#include "qemu/osdep.h"
#include "io-rig.h"

enum { BLOCKS = 96, MAX_BLOCK = 4096, MAX_META = 64 };

typedef struct Model {
    IoRig *rig;
    uint8_t data[BLOCKS][MAX_BLOCK];
    uint8_t meta[BLOCKS][MAX_META];
    bool bad[BLOCKS];
} Model;

/* Where the host has block i of a command that has it at buf and meta. */
static uint8_t *host_data(Model *m, uint32_t i)
{
    IoRig *rig = m->rig;

    return io_at(rig, rig->buf) + (size_t)i * (rig->block + (rig->extended ? rig->ms : 0));
}

static uint8_t *host_meta(Model *m, uint32_t i)
{
    IoRig *rig = m->rig;

    return rig->extended ? host_data(m, i) + rig->block
                         : io_at(rig, rig->meta) + (size_t)i * rig->ms;
}

static bool any_bad(const Model *m, uint64_t slba, uint32_t nlb)
{
    for (uint32_t i = 0; i < nlb; i++) {
        if (m->bad[slba + i]) {
            return true;
        }
    }
    return false;
}

static void read_back(Model *m, uint64_t slba, uint32_t nlb)
{
    IoRig *rig = m->rig;
    bool bad = any_bad(m, slba, nlb);
    NvmeSqe cmd = io_cmd(rig, NVME_IO_READ, slba, nlb);

    memset(io_at(rig, rig->buf), 0xa5, IO_BUF);
    if (g_test_rand_int() % 8 == 0) {
        cmd.cdw12 |= cpu_to_le32(1u << 30);
    }
    g_assert_cmphex(io_do(rig, cmd), ==, bad ? NVME_UNRECOVERED_READ_ERROR : NVME_SUCCESS);
    for (uint32_t i = 0; i < nlb && !bad; i++) {
        g_assert_cmpmem(host_data(m, i), rig->block, m->data[slba + i], rig->block);
        g_assert_cmpmem(host_meta(m, i), rig->ms, m->meta[slba + i], rig->ms);
    }
}

static void do_write(Model *m, uint64_t slba, uint32_t nlb)
{
    IoRig *rig = m->rig;
    NvmeSqe cmd = io_cmd(rig, NVME_IO_WRITE, slba, nlb);

    if (g_test_rand_int() & 1) {
        cmd.cdw12 |= cpu_to_le32(1u << 30);
    }
    for (uint32_t i = 0; i < nlb; i++) {
        io_fill(m->data[slba + i], rig->block);
        io_fill(m->meta[slba + i], rig->ms);
        m->bad[slba + i] = false;
        memcpy(host_data(m, i), m->data[slba + i], rig->block);
        memcpy(host_meta(m, i), m->meta[slba + i], rig->ms);
    }
    g_assert_cmphex(io_do(rig, cmd), ==, NVME_SUCCESS);
}

static void now_zero(Model *m, uint64_t slba, uint32_t nlb)
{
    for (uint32_t i = 0; i < nlb; i++) {
        memset(m->data[slba + i], 0, MAX_BLOCK);
        memset(m->meta[slba + i], 0, MAX_META);
        m->bad[slba + i] = false;
    }
}

static void do_zeroes(Model *m, uint64_t slba, uint32_t nlb)
{
    NvmeSqe cmd = io_cmd(m->rig, NVME_IO_WRITE_ZEROES, slba, nlb);

    if (g_test_rand_int() & 1) {
        cmd.cdw12 |= cpu_to_le32(1u << 25);
    }
    g_assert_cmphex(io_do(m->rig, cmd), ==, NVME_SUCCESS);
    now_zero(m, slba, nlb);
}

static void do_uncorrectable(Model *m, uint64_t slba, uint32_t nlb)
{
    g_assert_cmphex(io_do(m->rig, io_cmd(m->rig, NVME_IO_WRITE_UNCORRECTABLE, slba, nlb)), ==,
                    NVME_SUCCESS);
    for (uint32_t i = 0; i < nlb; i++) {
        m->bad[slba + i] = true;
    }
}

static void do_verify(Model *m, uint64_t slba, uint32_t nlb)
{
    g_assert_cmphex(io_do(m->rig, io_cmd(m->rig, NVME_IO_VERIFY, slba, nlb)), ==,
                    any_bad(m, slba, nlb) ? NVME_UNRECOVERED_READ_ERROR : NVME_SUCCESS);
}

/* With one byte of data or metadata changed, or none. */
static void do_compare(Model *m, uint64_t slba, uint32_t nlb)
{
    IoRig *rig = m->rig;
    bool bad = any_bad(m, slba, nlb), differ = g_test_rand_int() & 1;
    uint32_t victim = g_test_rand_int_range(0, nlb);
    uint32_t byte = g_test_rand_int_range(0, rig->block + rig->ms);

    for (uint32_t i = 0; i < nlb; i++) {
        memcpy(host_data(m, i), m->data[slba + i], rig->block);
        memcpy(host_meta(m, i), m->meta[slba + i], rig->ms);
    }
    if (differ) {
        *(byte < rig->block ? host_data(m, victim) + byte
                            : host_meta(m, victim) + byte - rig->block) ^= 1 << byte % 8;
    }
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_COMPARE, slba, nlb)), ==,
                    bad ? NVME_UNRECOVERED_READ_ERROR
                        : differ ? NVME_COMPARE_FAILURE : NVME_SUCCESS);
}

/*
 * In a plain format the back end decides what of a range becomes a hole, in whole
 * pieces of its own. What it has become is what it stays.
 */
static void learn(Model *m, uint64_t slba, uint32_t nlb)
{
    IoRig *rig = m->rig;
    static const uint8_t zero[MAX_BLOCK];

    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_READ, slba, nlb)), ==, NVME_SUCCESS);
    for (uint32_t i = 0; i < nlb; i++) {
        g_assert_true(!memcmp(host_data(m, i), zero, rig->block) ||
                      !memcmp(host_data(m, i), m->data[slba + i], rig->block));
        memcpy(m->data[slba + i], host_data(m, i), rig->block);
        m->bad[slba + i] = false;
    }
}

static void do_deallocate(Model *m, uint64_t slba, uint32_t nlb)
{
    IoRange ranges[3] = { { slba, nlb / 2 }, { slba + nlb / 2, nlb - nlb / 2 }, { slba, 0 } };

    g_assert_cmphex(io_do(m->rig, io_cmd_deallocate(m->rig, ranges, 3)), ==, NVME_SUCCESS);
    if (m->rig->ms) {
        now_zero(m, slba, nlb);
    } else {
        learn(m, slba, nlb);
    }
}

/* Two ranges that may overlap each other and their destination. */
static void do_copy(Model *m, uint64_t slba, uint32_t nlb)
{
    uint32_t half = MAX(nlb / 2, 1);
    IoRange ranges[2] = { { slba, nlb }, { g_test_rand_int_range(0, BLOCKS - half), half } };
    uint64_t to = g_test_rand_int_range(0, BLOCKS - nlb - half + 1);
    uint16_t cid = io_submit(m->rig, io_cmd_copy(m->rig, to, ranges, 2));

    if (any_bad(m, ranges[0].slba, nlb) || any_bad(m, ranges[1].slba, half)) {
        g_assert_cmphex(io_wait(m->rig, cid), ==, NVME_UNRECOVERED_READ_ERROR);
        g_assert_cmpuint(m->rig->dw0[cid], ==, any_bad(m, ranges[0].slba, nlb) ? 0 : 1);
        return;
    }
    g_assert_cmphex(io_wait(m->rig, cid), ==, NVME_SUCCESS);
    for (unsigned i = 0; i < 2; i++) {
        memmove(m->data[to], m->data[ranges[i].slba], ranges[i].nlb * MAX_BLOCK);
        memmove(m->meta[to], m->meta[ranges[i].slba], ranges[i].nlb * MAX_META);
        memset(m->bad + to, 0, ranges[i].nlb);
        to += ranges[i].nlb;
    }
}

static void check_medium(Model *m)
{
    IoRig *rig = m->rig;
    uint8_t data[MAX_BLOCK], meta[MAX_META];

    for (uint32_t i = 0; i < BLOCKS; i++) {
        io_medium(rig, (uint64_t)i * rig->block, data, rig->block);
        io_medium(rig, rig->ns->moff + (uint64_t)i * rig->ms, meta, rig->ms);
        g_assert_cmpmem(data, rig->block, m->data[i], rig->block);
        g_assert_cmpmem(meta, rig->ms, m->meta[i], rig->ms);
    }
}

typedef void Command(Model *m, uint64_t slba, uint32_t nlb);
static Command *const commands[] = {
    do_write, do_write, do_write, do_zeroes, do_uncorrectable, do_verify, do_compare,
    do_deallocate, do_copy, read_back,
};

static void play(Model *m, unsigned rounds)
{
    for (unsigned round = 0; round < rounds; round++) {
        uint32_t nlb = g_test_rand_int_range(1, BLOCKS / 3);
        uint64_t slba = g_test_rand_int_range(0, BLOCKS - nlb);

        commands[g_test_rand_int_range(0, ARRAY_SIZE(commands))](m, slba, nlb);
        read_back(m, g_test_rand_int_range(0, BLOCKS - nlb), nlb);
        if (round % 64 == 0) {
            check_medium(m);
        }
    }
    for (uint32_t i = 0; i < BLOCKS; i++) {
        read_back(m, i, 1);
    }
    check_medium(m);
}

typedef struct Format {
    uint32_t block;
    const char *props;
} Format;

static void test_format(const void *data)
{
    const Format *format = data;
    g_autofree Model *m = g_new0(Model, 1);

    m->rig = io_rig_new(1 << 20, format->block, format->props, NULL);
    play(m, 400);
    /* The same when the host's memory is reached by messages only. */
    m->rig->nvme->pci->mappable = false;
    play(m, 100);
    m->rig->nvme->pci->mappable = true;
    io_rig_free(m->rig);
}

static const Format formats[] = {
    { 512, NULL },
    { 4096, NULL },
    { 512, "ms=8" },
    { 512, "ms=8,mset=1" },
    { 512, "ms=64,mset=1" },
    { 4096, "ms=16" },
    { 4096, "ms=64,mset=1" },
};

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    for (unsigned i = 0; i < ARRAY_SIZE(formats); i++) {
        g_autofree char *path = g_strdup_printf("/nvme/model/%u,%s", formats[i].block,
                                                formats[i].props ? formats[i].props : "plain");

        g_test_add_data_func(path, &formats[i], test_format);
    }
    return g_test_run();
}
