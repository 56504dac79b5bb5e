/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See nvme.h. */
#include "qemu/osdep.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include "enable.h"
#include "nvme.h"
#include "qemu/atomic.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"

enum {
    /* base 3.1.3 */
    REG_CAP = 0x00, REG_CC = 0x14, REG_CSTS = 0x1c, REG_AQA = 0x24, REG_ASQ = 0x28,
    REG_ACQ = 0x30, REG_DOORBELLS = 0x1000,
    CC_ENABLE = 1, CC_SHUTDOWN = 1 << 14, CC_ENTRY_SIZES = 6 << 16 | 4 << 20,
    CSTS_READY = 1, CSTS_FATAL = 2, CSTS_SHUT = 2 << 2, CSTS_SHUT_MASK = 3 << 2,

    ADMIN_CREATE_SQ = 0x01, ADMIN_CREATE_CQ = 0x05, ADMIN_IDENTIFY = 0x06,
    CREATE_CONTIGUOUS = 1, CREATE_INTERRUPT = 2,

    PAGE = 4096,
    ADMIN_ENTRIES = 16,
    PRPS_A_PAGE = PAGE / 8,
    VECTOR = 1,
};

#define IOVA 0x100000000ULL
#define ADMIN_SECONDS 5

typedef struct Command {
    uint32_t dw0, nsid, dw2, dw3;
    uint64_t mptr, prp1, prp2;
    uint32_t dw10, dw11, dw12, dw13, dw14, dw15;
} Command;

typedef struct Completion {
    uint32_t dw0, dw1, sq, status;      /* sq: head and identifier; status: cid, phase, status */
} Completion;

/* One pair; entries lie in the lent memory. */
typedef struct Pair {
    Command *sq;
    Completion *cq;
    unsigned id, entries;
    unsigned tail, head, rung, released;
    uint32_t phase;
    uint32_t *sq_bell, *cq_bell;        /* NULL: by messages */
    uint64_t sq_at, cq_at;              /* in BAR 0 */
} Pair;

struct VfuNvme {
    VfuClient *c;
    VfuNvmeOptions options;
    VfuMemory *memory;
    uint8_t *base;
    Pair admin, io;
    size_t scratch, lists, data;        /* offsets in memory */
    size_t list_bytes;                  /* for each slot */
    uint64_t blocks;
    uint32_t block_size;
    unsigned block_shift;
    char model[41];
    void *mapped;                       /* the doorbells' page */
    size_t mapped_bytes;
    bool posts, multi;                  /* doorbells: without reply, several in one message */
    int eventfd, epoll;
};

/* --- memory --- */

static uint64_t iova_of(const VfuNvme *n, const void *p)
{
    return IOVA + ((const uint8_t *)p - n->base);
}

static void lay_out_pair(VfuNvme *n, Pair *p, size_t *at, unsigned id, unsigned entries)
{
    *p = (Pair) { .id = id, .entries = entries, .phase = 1 };
    p->sq = (Command *)(n->base + *at);
    *at += ROUND_UP(entries * sizeof(Command), PAGE);
    p->cq = (Completion *)(n->base + *at);
    *at += ROUND_UP(entries * sizeof(Completion), PAGE);
}

static size_t pair_bytes(unsigned entries)
{
    return ROUND_UP(entries * sizeof(Command), PAGE)
           + ROUND_UP(entries * sizeof(Completion), PAGE);
}

static bool lend_memory(VfuNvme *n, Error **errp)
{
    unsigned entries = pow2ceil(n->options.depth + 1);
    size_t slot_bytes = ROUND_UP(n->options.bytes, PAGE), at = 0, bytes;
    int ret;

    n->list_bytes = ROUND_UP(slot_bytes / PAGE * 8, PAGE);
    bytes = pair_bytes(ADMIN_ENTRIES) + pair_bytes(entries) + PAGE
            + n->options.depth * (n->list_bytes + slot_bytes);
    n->memory = vfu_memory_new(bytes, errp);
    if (!n->memory) {
        return false;
    }
    n->base = vfu_memory_data(n->memory);
    memset(n->base, 0, bytes);
    lay_out_pair(n, &n->admin, &at, 0, ADMIN_ENTRIES);
    lay_out_pair(n, &n->io, &at, 1, entries);
    n->scratch = at;
    n->lists = at + PAGE;
    n->data = n->lists + n->options.depth * n->list_bytes;
    ret = vfu_client_dma_map(n->c, n->memory, 0, IOVA, bytes, VFU_DMA_F_READ | VFU_DMA_F_WRITE,
                             true);
    if (ret) {
        error_setg_errno(errp, -ret, "the server does not take memory");
    }
    return ret == 0;
}

void *vfu_nvme_buffer(VfuNvme *n, unsigned slot)
{
    return n->base + n->data + slot * ROUND_UP(n->options.bytes, PAGE);
}

/* Lists that never change: those of each slot's buffer. More than 2 MiB is not asked for. */
static void fill_lists(VfuNvme *n)
{
    unsigned pages = ROUND_UP(n->options.bytes, PAGE) / PAGE;

    for (unsigned slot = 0; slot < n->options.depth; slot++) {
        uint64_t *list = (uint64_t *)(n->base + n->lists + slot * n->list_bytes);
        uint64_t page = iova_of(n, vfu_nvme_buffer(n, slot));

        for (unsigned i = 1; i < pages; i++) {
            list[i - 1] = cpu_to_le64(page + i * PAGE);
        }
    }
}

/* --- doorbells --- */

static bool map_doorbells(VfuNvme *n, Error **errp)
{
    VfuClientRegion bar;
    int ret = vfu_client_get_region(n->c, VFU_REGION_BAR0, &bar);
    uint8_t *page = NULL;

    if (ret == 0) {
        page = vfu_client_region_map(&bar, REG_DOORBELLS, PAGE, &n->mapped, &n->mapped_bytes);
        vfu_client_region_clear(&bar);
    }
    if (!page) {
        error_setg(errp, "the server does not let its doorbells be mapped: give mmap-doorbells=on"
                   " to its device, or use doorbells by messages");
        return false;
    }
    n->io.sq_bell = (uint32_t *)(page + n->io.sq_at - REG_DOORBELLS);
    n->io.cq_bell = (uint32_t *)(page + n->io.cq_at - REG_DOORBELLS);
    return true;
}

static void place_doorbells(Pair *p, unsigned stride)
{
    p->sq_at = REG_DOORBELLS + 2 * p->id * stride;
    p->cq_at = p->sq_at + stride;
}

static int ring(VfuNvme *n, uint32_t *bell, uint64_t at, uint32_t value)
{
    uint32_t word = cpu_to_le32(value);

    if (bell) {
        qatomic_store_release(bell, word);
        return 0;
    }
    return (n->posts ? vfu_client_post : vfu_client_write)(n->c, VFU_REGION_BAR0, at, &word,
                                                           sizeof(word));
}

static VfuWriteMultiEntry entry_for(uint64_t at, uint32_t value)
{
    VfuWriteMultiEntry e = { .offset = at, .region = VFU_REGION_BAR0, .count = sizeof(value) };

    stl_le_p(e.data, value);
    return e;
}

static int ring_both(VfuNvme *n, const Pair *p)
{
    const VfuWriteMultiEntry entries[] = {
        entry_for(p->sq_at, p->tail), entry_for(p->cq_at, p->head),
    };

    return vfu_client_write_multi(n->c, entries, G_N_ELEMENTS(entries), true, NULL);
}

/* New commands come first: the device has something to do while it hears of the rest. */
static int ring_pair(VfuNvme *n, Pair *p)
{
    bool tail = p->rung != p->tail, head = p->released != p->head;
    int ret = 0;

    p->rung = p->tail;
    p->released = p->head;
    if (tail && head && !p->sq_bell && n->multi) {
        return ring_both(n, p);
    }
    if (tail) {
        ret = ring(n, p->sq_bell, p->sq_at, p->tail);
    }
    return ret == 0 && head ? ring(n, p->cq_bell, p->cq_at, p->head) : ret;
}

/* --- queues --- */

static Command *next_command(Pair *p)
{
    Command *cmd = &p->sq[p->tail];

    p->tail = p->tail + 1 == p->entries ? 0 : p->tail + 1;
    return cmd;
}

static bool ready(const Pair *p, uint32_t *word)
{
    *word = le32_to_cpu(qatomic_load_acquire(&p->cq[p->head].status));
    return (*word >> 16 & 1) == p->phase;
}

static bool take(Pair *p, unsigned *cid, uint16_t *status)
{
    uint32_t word;

    if (!ready(p, &word)) {
        return false;
    }
    *cid = word & 0xffff;
    *status = word >> 17;
    if (++p->head == p->entries) {
        p->head = 0;
        p->phase ^= 1;
    }
    return true;
}

static bool admin(VfuNvme *n, Command cmd, const char *what, Error **errp)
{
    int64_t end = g_get_monotonic_time() + ADMIN_SECONDS * G_USEC_PER_SEC;
    unsigned cid;
    uint16_t status;

    *next_command(&n->admin) = cmd;
    ring_pair(n, &n->admin);
    while (!take(&n->admin, &cid, &status)) {
        if (!vfu_client_alive(n->c) || g_get_monotonic_time() > end) {
            error_setg(errp, "no answer to %s", what);
            return false;
        }
        g_usleep(20);
    }
    ring_pair(n, &n->admin);
    if (status) {
        error_setg(errp, "%s ended with status 0x%x", what, status);
    }
    return !status;
}

static bool identify(VfuNvme *n, uint32_t nsid, uint8_t cns, const char *what, Error **errp)
{
    return admin(n, (Command) {
        .dw0 = cpu_to_le32(ADMIN_IDENTIFY), .nsid = cpu_to_le32(nsid),
        .prp1 = cpu_to_le64(IOVA + n->scratch), .dw10 = cpu_to_le32(cns),
    }, what, errp);
}

/* Base 5.17: what the controller and the namespace are. */
static bool learn(VfuNvme *n, Error **errp)
{
    const uint8_t *answer = n->base + n->scratch;
    unsigned format, data_shift;

    if (!identify(n, 0, 1, "Identify Controller", errp)) {
        return false;
    }
    memcpy(n->model, answer + 24, 40);
    g_strchomp(n->model);
    if (!identify(n, n->options.nsid, 0, "Identify Namespace", errp)) {
        return false;
    }
    n->blocks = ldq_le_p(answer);
    format = answer[26] & 0xf;
    data_shift = answer[128 + 4 * format + 2];
    if (!n->blocks || data_shift < 9 || data_shift > 16 || lduw_le_p(answer + 128 + 4 * format)) {
        error_setg(errp, "namespace %u has no blocks, or metadata, which is not for this program",
                   n->options.nsid);
        return false;
    }
    n->block_shift = data_shift;
    n->block_size = 1u << data_shift;
    return true;
}

static bool create_io_pair(VfuNvme *n, Error **errp)
{
    uint32_t size = (n->io.entries - 1) << 16 | n->io.id;
    uint32_t irq = n->options.interrupts ? CREATE_INTERRUPT | VECTOR << 16 : 0;

    return admin(n, (Command) {
        .dw0 = cpu_to_le32(ADMIN_CREATE_CQ), .prp1 = cpu_to_le64(iova_of(n, n->io.cq)),
        .dw10 = cpu_to_le32(size), .dw11 = cpu_to_le32(CREATE_CONTIGUOUS | irq),
    }, "Create I/O Completion Queue", errp) && admin(n, (Command) {
        .dw0 = cpu_to_le32(ADMIN_CREATE_SQ), .prp1 = cpu_to_le64(iova_of(n, n->io.sq)),
        .dw10 = cpu_to_le32(size), .dw11 = cpu_to_le32(CREATE_CONTIGUOUS | n->io.id << 16),
    }, "Create I/O Submission Queue", errp);
}

/* --- the controller --- */

static bool wait_status(VfuNvme *n, uint32_t mask, uint32_t value, Error **errp)
{
    int64_t end = g_get_monotonic_time() + ADMIN_SECONDS * G_USEC_PER_SEC;
    uint32_t csts;

    do {
        csts = vfu_client_readn(n->c, VFU_REGION_BAR0, REG_CSTS, 4);
        if ((csts & mask) == value) {
            return true;
        }
        g_usleep(100);
    } while (vfu_client_alive(n->c) && !(csts & CSTS_FATAL) && g_get_monotonic_time() < end);
    error_setg(errp, "the controller's status is 0x%x and does not change", csts);
    return false;
}

static bool enable(VfuNvme *n, Error **errp)
{
    uint32_t aqa = (ADMIN_ENTRIES - 1) << 16 | (ADMIN_ENTRIES - 1);
    unsigned stride = 4u << (vfu_client_readn(n->c, VFU_REGION_BAR0, REG_CAP + 4, 4) & 0xf);
    int ret = enable_device(n->c);

    if (ret) {
        error_setg_errno(errp, -ret, "config space cannot be written");
        return false;
    }
    place_doorbells(&n->admin, stride);
    place_doorbells(&n->io, stride);
    vfu_client_writen(n->c, VFU_REGION_BAR0, REG_CC, 4, 0);
    if (!wait_status(n, CSTS_READY, 0, errp)) {
        return false;
    }
    vfu_client_writen(n->c, VFU_REGION_BAR0, REG_AQA, 4, aqa);
    vfu_client_writen(n->c, VFU_REGION_BAR0, REG_ASQ, 8, iova_of(n, n->admin.sq));
    vfu_client_writen(n->c, VFU_REGION_BAR0, REG_ACQ, 8, iova_of(n, n->admin.cq));
    vfu_client_writen(n->c, VFU_REGION_BAR0, REG_CC, 4, CC_ENTRY_SIZES | CC_ENABLE);
    return wait_status(n, CSTS_READY, CSTS_READY, errp);
}

static bool bind_interrupt(VfuNvme *n, Error **errp)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLET };
    int fds[VECTOR + 1] = { -1, n->eventfd };
    int ret;

    if (epoll_ctl(n->epoll, EPOLL_CTL_ADD, n->eventfd, &event) < 0) {
        error_setg_errno(errp, errno, "no eventfd can be waited for");
        return false;
    }
    ret = vfu_client_irq_bind(n->c, VFU_IRQ_MSIX, 0, VECTOR + 1, fds);

    ret = ret ? ret : enable_irq(n->c, VFU_IRQ_MSIX);
    if (ret) {
        error_setg_errno(errp, -ret, "MSI-X cannot be had");
    }
    return ret == 0;
}

static bool start(VfuNvme *n, Error **errp)
{
    if (!lend_memory(n, errp) || !enable(n, errp)) {
        return false;
    }
    fill_lists(n);
    if (n->options.interrupts && !bind_interrupt(n, errp)) {
        return false;
    }
    if (n->options.mapped && !map_doorbells(n, errp)) {
        return false;
    }
    return learn(n, errp) && create_io_pair(n, errp);
}

VfuNvme *vfu_nvme_open(VfuClient *c, const VfuNvmeOptions *options, Error **errp)
{
    VfuNvme *n = g_new0(VfuNvme, 1);

    n->c = c;
    n->options = *options;
    n->eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    n->epoll = epoll_create1(EPOLL_CLOEXEC);
    n->posts = vfu_client_persona(c)->posts_writes;
    n->multi = vfu_client_persona(c)->writes_multiple && vfu_client_server(c)->write_multiple;
    if (!start(n, errp)) {
        g_clear_pointer(&n, vfu_nvme_close);
    }
    return n;
}

void vfu_nvme_close(VfuNvme *n)
{
    if (n->memory && vfu_client_alive(n->c)) {
        vfu_client_writen(n->c, VFU_REGION_BAR0, REG_CC, 4,
                          CC_ENTRY_SIZES | CC_ENABLE | CC_SHUTDOWN);
        wait_status(n, CSTS_SHUT_MASK, CSTS_SHUT, NULL);
        vfu_client_dma_unmap(n->c, IOVA, vfu_memory_size(n->memory), NULL);
    }
    if (n->mapped) {
        munmap(n->mapped, n->mapped_bytes);
    }
    close(n->epoll);
    close(n->eventfd);
    g_clear_pointer(&n->memory, vfu_memory_free);
    g_free(n);
}

/* --- in use --- */

VfuClient *vfu_nvme_client(const VfuNvme *n)
{
    return n->c;
}

uint32_t vfu_nvme_block_size(const VfuNvme *n)
{
    return n->block_size;
}

uint64_t vfu_nvme_blocks(const VfuNvme *n)
{
    return n->blocks;
}

const char *vfu_nvme_model(const VfuNvme *n)
{
    return n->model;
}

/* Base 4.1.1: one page, two pages, or a page and a list. */
static uint64_t second_prp(const VfuNvme *n, unsigned slot, uint64_t first, uint32_t bytes)
{
    if (bytes <= PAGE) {
        return 0;
    }
    return bytes <= 2 * PAGE ? first + PAGE : IOVA + n->lists + slot * n->list_bytes;
}

void vfu_nvme_put(VfuNvme *n, unsigned slot, uint8_t opcode, uint64_t lba, uint32_t blocks)
{
    uint64_t first = iova_of(n, vfu_nvme_buffer(n, slot));

    *next_command(&n->io) = (Command) {
        .dw0 = cpu_to_le32(opcode | slot << 16), .nsid = cpu_to_le32(n->options.nsid),
        .prp1 = cpu_to_le64(first),
        .prp2 = cpu_to_le64(second_prp(n, slot, first, blocks << n->block_shift)),
        .dw10 = cpu_to_le32(lba), .dw11 = cpu_to_le32(lba >> 32),
        .dw12 = cpu_to_le32(blocks - 1),
    };
}

int vfu_nvme_ring(VfuNvme *n)
{
    return ring_pair(n, &n->io);
}

bool vfu_nvme_ready(const VfuNvme *n)
{
    uint32_t word;

    return ready(&n->io, &word);
}

bool vfu_nvme_take(VfuNvme *n, unsigned *slot, uint16_t *status)
{
    return take(&n->io, slot, status);
}

void vfu_nvme_sleep(VfuNvme *n)
{
    struct epoll_event event;

    /* Edge-triggered: the eventfd is never read, which would be one more system call. */
    if (epoll_wait(n->epoll, &event, 1, 1000) < 0 && errno != EINTR) {
        g_usleep(1000);
    }
}
