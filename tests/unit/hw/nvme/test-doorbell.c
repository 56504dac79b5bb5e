/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Doorbells as registers, as words in the host's memory, as a mapped page: whatever they say. */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "exec/shared-io.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "nvme-rig.h"

static void ring(NvmeRig *rig, unsigned index, uint32_t value)
{
    rig_write(rig->pci, 0, NVME_DOORBELLS + index * 4, value, 4);
    rig_run();
}

static NvmeSqe read_block(NvmeRig *rig)
{
    return nvme_cmd_rw(NVME_IO_READ, 0, 1, RIG_RAM_BASE + RIG_RAM_SIZE - 4096, 0);
}

/* The event that the next bad doorbell makes is the answer to this request. */
static uint16_t ask_for_event(NvmeRig *rig)
{
    uint16_t cid = nvme_rig_submit(rig, &rig->admin, nvme_cmd(NVME_ADMIN_ASYNC_EVENT, 0));

    rig_run();
    nvme_rig_expect_none(rig, &rig->admin);
    return cid;
}

/* Reading the error log re-arms events of this type: base 5.2. */
static void clear_event(NvmeRig *rig)
{
    NvmeSqe cmd = nvme_cmd(NVME_ADMIN_GET_LOG_PAGE, NVME_NSID_BROADCAST);

    cmd.cdw10 = cpu_to_le32(15 << 16 | 1);
    cmd.dptr[0] = cpu_to_le64(RIG_RAM_BASE + RIG_RAM_SIZE - 4096);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, 0);
}

static void expect_event(NvmeRig *rig, uint16_t cid, uint8_t info)
{
    NvmeCqe cqe = nvme_rig_expect(rig, &rig->admin);

    g_assert_cmpuint(le16_to_cpu(cqe.cid), ==, cid);
    g_assert_cmphex(le32_to_cpu(cqe.dw0), ==, 1 << 16 | info << 8 | NVME_EVENT_ERROR);
    clear_event(rig);
}

static void bad(NvmeRig *rig, unsigned index, uint32_t value, uint8_t info)
{
    uint16_t cid = ask_for_event(rig);

    ring(rig, index, value);
    expect_event(rig, cid, info);
}

static void test_bad(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new("max_ioqpairs=4");
    const uint8_t reg = NVME_ERROR_INVALID_DOORBELL_REGISTER;
    const uint8_t value = NVME_ERROR_INVALID_DOORBELL_VALUE;

    nvme_rig_start(rig, 16);
    bad(rig, 4, 0, reg);            /* queue 2 is not there */
    bad(rig, 5, 0, reg);
    bad(rig, 1023, 0xffffffff, reg);
    bad(rig, 2, 16, value);
    bad(rig, 2, 0xffffffff, value);
    bad(rig, 3, 16, value);
    bad(rig, 3, 1, value);          /* nothing is there to be consumed */
    g_assert_cmphex(nvme_rig_csts(rig), ==, NVME_CSTS_RDY);
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, read_block(rig)), ==, 0);
}

/* Entries that the controller has not taken yet cannot be overtaken. */
static void test_overtake(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    uint16_t cid;

    nvme_rig_start(rig, 16);
    cid = ask_for_event(rig);
    rig_write(rig->pci, 0, NVME_DOORBELLS + 8, 10, 4);
    rig_write(rig->pci, 0, NVME_DOORBELLS + 8, 5, 4);
    g_assert_cmpuint(nvme_rig_ctrl(rig)->queues->sq[1]->tail, ==, 10);
    rig_run();
    expect_event(rig, cid, NVME_ERROR_INVALID_DOORBELL_VALUE);
}

static void test_sizes(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    nvme_rig_start(rig, 16);
    nvme_rig_put(rig, &rig->io, read_block(rig));
    rig_write(rig->pci, 0, NVME_DOORBELLS + 8, 1, 2);
    rig_write(rig->pci, 0, NVME_DOORBELLS + 8, 1, 8);
    rig_write(rig->pci, 0, NVME_DOORBELLS + 9, 1, 1);
    rig_run();
    nvme_rig_expect_none(rig, &rig->io);
    g_assert_cmphex(rig_read(rig->pci, 0, NVME_DOORBELLS + 8, 4), ==, 0);
    nvme_rig_ring(rig, &rig->io);
    rig_run();
    nvme_rig_expect(rig, &rig->io);
}

/* Doorbells of a controller that is not enabled are nothing. */
static void test_disabled(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

    ring(rig, 0, 1);
    ring(rig, 2, 1);
    nvme_rig_start(rig, 16);
    nvme_rig_disable(rig);
    ring(rig, 0, 5);
    ring(rig, 3, 5);
    nvme_rig_start(rig, 16);
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, read_block(rig)), ==, 0);
}

/* Everything at once, in any order: the controller lives, and works after a reset. */
static void test_random(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new("max_ioqpairs=3");

    for (unsigned round = 0; round < 20; round++) {
        nvme_rig_start(rig, 8);
        memset(nvme_rig_at(rig, rig->io.sq), g_test_rand_int_range(0, 256), 8 * 64);
        for (unsigned i = 0; i < 300; i++) {
            rig_write(rig->pci, 0, NVME_DOORBELLS + g_test_rand_int_range(2, 10) * 4,
                      g_test_rand_int_range(0, 10), 4);
            if (i % 7 == 0) {
                rig_run();
            }
        }
        nvme_rig_disable(rig);
    }
    nvme_rig_start(rig, 8);
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, read_block(rig)), ==, 0);
}

/* ---- shadow doorbells: base 5.8 ---- */

typedef struct Shadow {
    uint64_t page, events;
} Shadow;

static uint32_t *word(NvmeRig *rig, uint64_t page, unsigned index)
{
    return nvme_rig_at(rig, page + index * 4);
}

static NvmeSqe dbbuf(uint64_t page, uint64_t events)
{
    NvmeSqe cmd = nvme_cmd(NVME_ADMIN_DBBUF_CONFIG, 0);

    cmd.dptr[0] = cpu_to_le64(page);
    cmd.dptr[1] = cpu_to_le64(events);
    return cmd;
}

static Shadow shadow_start(NvmeRig *rig, uint32_t entries)
{
    Shadow s;

    nvme_rig_enable(rig);
    s.page = nvme_rig_alloc(rig, 4096);
    s.events = nvme_rig_alloc(rig, 4096);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, dbbuf(s.page, s.events)), ==, 0);
    nvme_rig_create(rig, &rig->io, 1, entries, 0);
    return s;
}

/*
 * As a host does it: the word first, the register only if the word passes what was asked
 * for. true: it rang.
 */
static bool shadow_write(NvmeRig *rig, const Shadow *s, unsigned index, uint16_t now)
{
    uint16_t old = le32_to_cpu(*word(rig, s->page, index));
    uint16_t event = le32_to_cpu(*word(rig, s->events, index));
    bool rings = (uint16_t)(now - event - 1) < (uint16_t)(now - old);

    *word(rig, s->page, index) = cpu_to_le32(now);
    if (rings) {
        rig_write(rig->pci, 0, NVME_DOORBELLS + index * 4, now, 4);
    }
    return rings;
}

static bool shadow_submit(NvmeRig *rig, const Shadow *s, NvmeSqe cmd)
{
    bool rings;

    nvme_rig_put(rig, &rig->io, cmd);
    rings = shadow_write(rig, s, 2, rig->io.tail);
    rig_run();
    return rings;
}

static void nothing(void *opaque)
{
}

/* The loop goes to sleep, and a timer wakes it: nobody's work. */
static void sleep_a_moment(void)
{
    g_autoptr(QEMUTimer) timer = timer_new_ns(QEMU_CLOCK_REALTIME, nothing, NULL);

    timer_mod(timer, qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + SCALE_MS);
    while (timer_pending(timer)) {
        aio_poll(qemu_get_aio_context(), true);
    }
}

static NvmeCqe shadow_reap(NvmeRig *rig, const Shadow *s)
{
    NvmeCqe cqe;

    memcpy(&cqe, nvme_rig_at(rig, rig->io.cq + rig->io.head * 16), 16);
    g_assert_cmpuint(le16_to_cpu(cqe.status) & 1, ==, rig->io.phase);
    rig->io.head = (rig->io.head + 1) % rig->io.entries;
    rig->io.phase ^= rig->io.head == 0;
    *word(rig, s->page, 3) = cpu_to_le32(rig->io.head);
    return cqe;
}

static void test_shadow(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    Shadow s = shadow_start(rig, 8);

    for (unsigned i = 0; i < 50; i++) {
        shadow_submit(rig, &s, read_block(rig));
        g_assert_cmphex(nvme_cqe_status(shadow_reap(rig, &s)), ==, 0);
        sleep_a_moment();
        g_assert_cmpuint(le32_to_cpu(*word(rig, s.events, 2)), ==, rig->io.tail);
    }
    /* Several with one look, and what came without a doorbell is found with the next. */
    for (unsigned i = 0; i < 5; i++) {
        nvme_rig_put(rig, &rig->io, read_block(rig));
    }
    *word(rig, s.page, 2) = cpu_to_le32(rig->io.tail);
    ring(rig, 2, 0x7777);
    for (unsigned i = 0; i < 5; i++) {
        shadow_reap(rig, &s);
    }
    nvme_rig_disable(rig);
    g_assert_cmpuint(rig->pci->pins, ==, 0);
}

/* A loop that is awake looks: the host rings once in a round of its queue, or never. */
static void test_shadow_awake(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    Shadow s = shadow_start(rig, 64);
    unsigned rings = 0;

    for (unsigned i = 0; i < 1000; i++) {
        rings += shadow_submit(rig, &s, read_block(rig));
        g_assert_cmphex(nvme_cqe_status(shadow_reap(rig, &s)), ==, 0);
    }
    g_assert_cmpuint(rings, <=, 1000 / 64 + 1);
    /* Asleep it is told of each first one. */
    for (unsigned i = 0; i < 100; i++) {
        sleep_a_moment();
        g_assert_true(shadow_submit(rig, &s, read_block(rig)));
        shadow_reap(rig, &s);
    }
}

/* What is asked for already is not written again: the page is the host's to look at. */
static void test_shadow_written_once(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    Shadow s = shadow_start(rig, 8);

    shadow_submit(rig, &s, read_block(rig));
    shadow_reap(rig, &s);
    sleep_a_moment();
    g_assert_cmpuint(le32_to_cpu(*word(rig, s.events, 2)), ==, 1);
    *word(rig, s.events, 2) = cpu_to_le32(0xabcd);
    sleep_a_moment();
    g_assert_cmphex(le32_to_cpu(*word(rig, s.events, 2)), ==, 0xabcd);
    /* Other memory may be there afterwards. */
    rig_revoke(rig->pci, s.events, s.events + 4095);
    sleep_a_moment();
    g_assert_cmpuint(le32_to_cpu(*word(rig, s.events, 2)), ==, 1);
}

/* The pin stays up until the host has taken all entries: it says so for each, if need be. */
static void test_shadow_pin(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    Shadow s = shadow_start(rig, 8);
    NvmeRigQueue *q = &rig->io;

    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < 3; i++) {
            shadow_submit(rig, &s, read_block(rig));
        }
        for (unsigned i = 0; i < 3; i++) {
            sleep_a_moment();
            g_assert_true(rig->pci->intx);
            q->head = (q->head + 1) % q->entries;
            g_assert_true(shadow_write(rig, &s, 3, q->head));
        }
        g_assert_false(rig->pci->intx);
    }
}

static void test_shadow_garbage(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    Shadow s = shadow_start(rig, 8);
    uint16_t cid = ask_for_event(rig);

    *word(rig, s.page, 2) = 0xffffffff;
    ring(rig, 2, 1);
    expect_event(rig, cid, NVME_ERROR_INVALID_DOORBELL_VALUE);
    /* The same garbage again is no news. */
    ask_for_event(rig);
    ring(rig, 2, 1);
    nvme_rig_expect_none(rig, &rig->admin);
    *word(rig, s.page, 2) = 0;
    *word(rig, s.page, 3) = cpu_to_le32(5);
    shadow_submit(rig, &s, read_block(rig));
    g_assert_cmphex(nvme_cqe_status(shadow_reap(rig, &s)), ==, 0);
}

static void test_shadow_refused(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    g_autoptr(NvmeRig) none = nvme_rig_new_on(NULL, "dbbuf=off");

    nvme_rig_enable(rig);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, dbbuf(RIG_RAM_BASE + 4, RIG_RAM_BASE)), ==,
                    NVME_INVALID_FIELD);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, dbbuf(RIG_RAM_BASE, NVME_RIG_NOWHERE)), ==,
                    NVME_DATA_TRANSFER_ERROR);
    rig->pci->mappable = false;
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, dbbuf(RIG_RAM_BASE, RIG_RAM_BASE)), ==,
                    NVME_DATA_TRANSFER_ERROR);
    nvme_rig_enable(none);
    g_assert_cmphex(nvme_rig_status(none, &none->admin, dbbuf(RIG_RAM_BASE, RIG_RAM_BASE)), ==,
                    NVME_INVALID_OPCODE);
}

/* While the client has taken the pages away the register is believed. */
static void test_shadow_revoked(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    Shadow s = shadow_start(rig, 8);

    shadow_submit(rig, &s, read_block(rig));
    shadow_reap(rig, &s);
    rig->pci->mappable = false;
    rig_revoke(rig->pci, s.page, s.page + 4095);
    nvme_rig_put(rig, &rig->io, read_block(rig));
    nvme_rig_ring(rig, &rig->io);
    rig_run();
    rig->pci->mappable = true;
    *word(rig, s.page, 2) = cpu_to_le32(rig->io.tail);
    g_assert_cmphex(nvme_cqe_status(shadow_reap(rig, &s)), ==, 0);
    shadow_submit(rig, &s, read_block(rig));
    g_assert_cmphex(nvme_cqe_status(shadow_reap(rig, &s)), ==, 0);
}

/* A full completion queue: the host is asked to ring when it has made room. */
static void test_shadow_full(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    Shadow s;
    NvmeRigQueue *q = &rig->io;

    nvme_rig_enable(rig);
    s.page = nvme_rig_alloc(rig, 4096);
    s.events = nvme_rig_alloc(rig, 4096);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, dbbuf(s.page, s.events)), ==, 0);
    *q = (NvmeRigQueue) { .id = 1, .phase = true, .entries = 4 };
    q->cq = nvme_rig_alloc(rig, 4096);
    q->sq = nvme_rig_alloc(rig, 4096);
    nvme_rig_status(rig, &rig->admin, nvme_cmd_create_cq(1, 4, q->cq, 0));
    nvme_rig_status(rig, &rig->admin, nvme_cmd_create_sq(1, 64, q->sq, 1));
    for (unsigned i = 0; i < 5; i++) {
        NvmeSqe cmd = read_block(rig);

        memcpy(nvme_rig_at(rig, q->sq + i * 64), &cmd, 64);
    }
    *word(rig, s.page, 2) = cpu_to_le32(5);
    ring(rig, 2, 5);
    sleep_a_moment();
    g_assert_cmpuint(*word(rig, s.events, 3), ==, 0);
    shadow_reap(rig, &s);
    ring(rig, 3, 1);
    sleep_a_moment();
    g_assert_cmpuint(le32_to_cpu(*word(rig, s.events, 3)), ==, 1);
    for (unsigned i = 0; i < 3; i++) {
        shadow_reap(rig, &s);
    }
    ring(rig, 3, 0);
    shadow_reap(rig, &s);
}

/* ---- the page that a client has mapped ---- */

static uint32_t *page_of(NvmeRig *rig)
{
    return memory_region_shared_io_ptr(&nvme_rig_ctrl(rig)->doorbell_region);
}

/* Nobody tells: the poller looks at each turn of the loop. */
static void mapped_do(NvmeRig *rig, NvmeRigQueue *q, NvmeSqe cmd)
{
    const NvmeCqe *cqe = nvme_rig_at(rig, q->cq + q->head * 16);

    nvme_rig_put(rig, q, cmd);
    page_of(rig)[q->id * 2] = cpu_to_le32(q->tail);
    rig_run();
    g_assert_cmpuint(le16_to_cpu(cqe->status) & 1, ==, q->phase);
    q->head = (q->head + 1) % q->entries;
    q->phase ^= q->head == 0;
    page_of(rig)[q->id * 2 + 1] = cpu_to_le32(q->head);
}

static void test_mapped(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new("mmap-doorbells=on");

    for (unsigned round = 0; round < 3; round++) {
        nvme_rig_start(rig, 8);
        for (unsigned i = 0; i < 30; i++) {
            mapped_do(rig, &rig->io, read_block(rig));
            if (i % 4 == 0) {
                mapped_do(rig, &rig->admin, nvme_cmd_create_cq(i, 1, 0, 0));
            }
        }
        nvme_rig_disable(rig);
        /* The next driver finds doorbells that nobody has rung. */
        g_assert_cmpuint(page_of(rig)[0] | page_of(rig)[2] | page_of(rig)[3], ==, 0);
    }
}

/* Both ways are one, also for a client that changes between them. */
static void test_mapped_and_written(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new("mmap-doorbells=on");

    nvme_rig_start(rig, 8);
    for (unsigned i = 0; i < 20; i++) {
        mapped_do(rig, &rig->io, read_block(rig));
        g_assert_cmphex(nvme_rig_status(rig, &rig->io, read_block(rig)), ==, 0);
        g_assert_cmpuint(le32_to_cpu(page_of(rig)[2]), ==, rig->io.tail);
        g_assert_cmpuint(le32_to_cpu(page_of(rig)[3]), ==, rig->io.head);
    }
}

static void test_mapped_garbage(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new("mmap-doorbells=on");

    for (unsigned round = 0; round < 10; round++) {
        nvme_rig_start(rig, 8);
        for (unsigned i = 0; i < 200; i++) {
            page_of(rig)[g_test_rand_int_range(2, 1024)] = g_test_rand_int();
            page_of(rig)[2 + i % 2] = g_test_rand_int_range(0, 10);
            rig_run();
        }
        nvme_rig_disable(rig);
    }
    nvme_rig_start(rig, 8);
    mapped_do(rig, &rig->io, read_block(rig));
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/doorbell/bad", test_bad);
    g_test_add_func("/nvme/doorbell/overtake", test_overtake);
    g_test_add_func("/nvme/doorbell/sizes", test_sizes);
    g_test_add_func("/nvme/doorbell/disabled", test_disabled);
    g_test_add_func("/nvme/doorbell/random", test_random);
    g_test_add_func("/nvme/shadow/plain", test_shadow);
    g_test_add_func("/nvme/shadow/awake", test_shadow_awake);
    g_test_add_func("/nvme/shadow/written-once", test_shadow_written_once);
    g_test_add_func("/nvme/shadow/pin", test_shadow_pin);
    g_test_add_func("/nvme/shadow/garbage", test_shadow_garbage);
    g_test_add_func("/nvme/shadow/refused", test_shadow_refused);
    g_test_add_func("/nvme/shadow/revoked", test_shadow_revoked);
    g_test_add_func("/nvme/shadow/full", test_shadow_full);
    g_test_add_func("/nvme/mapped/plain", test_mapped);
    g_test_add_func("/nvme/mapped/and-written", test_mapped_and_written);
    g_test_add_func("/nvme/mapped/garbage", test_mapped_garbage);
    return g_test_run();
}
