/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See bench-engine.h; registers as in docs/specs/dma-engine.rst. */
#include "qemu/osdep.h"
#include <poll.h>
#include <sys/eventfd.h>
#include "bench-engine.h"
#include "enable.h"

#define BAR VFU_REGION_BAR0
#define IOVA 0x10000000ull
#define LIST_BYTES (ENGINE_MAX_DESCRIPTORS * sizeof(Descriptor))

enum {
    REG_ID = 0x000, REG_INT_STATUS = 0x014,
    CH_SRC = 0x1000, CH_LENGTH = 0x1010, CH_COMMAND = 0x1018, CH_ERROR = 0x1020,
    COMMAND_START = 1 << 0, COMMAND_LIST = 1 << 4, COMMAND_IRQ = 1 << 5,
    ID = 0x31414d44,
};

typedef struct Descriptor {
    uint64_t source, destination;
    uint32_t length, op, pattern, zero;
} Descriptor;

static bool failed(Engine *e, int ret, const char *what)
{
    vfu_failed(e->bench->tool, e->c, ret, what);
    return false;
}

static bool enable(Engine *e)
{
    int ret;

    if (vfu_client_readn(e->c, BAR, REG_ID, 4) != ID) {
        vfu_error(e->bench->tool, "the device is not a dma-engine");
        return false;
    }
    ret = vfu_client_irq_bind(e->c, VFU_IRQ_MSIX, 0, 1, &e->eventfd);
    ret = ret ? ret : enable_irq(e->c, VFU_IRQ_MSIX);
    ret = ret ? ret : enable_device(e->c);
    return ret ? failed(e, ret, "enabling the dma-engine") : true;
}

bool engine_init(Engine *e, Bench *b, VfuClient *c)
{
    Error *err = NULL;
    int ret;

    *e = (Engine) { .bench = b, .c = c, .eventfd = eventfd(0, EFD_CLOEXEC) };
    e->memory = vfu_memory_new(LIST_BYTES + ENGINE_SPAN, &err);
    if (!e->memory) {
        vfu_error(b->tool, "%s", error_get_pretty(err));
        error_free(err);
        return false;
    }
    /* Touched here, so that no first access is measured. */
    memset(vfu_memory_data(e->memory), 1, vfu_memory_size(e->memory));
    ret = vfu_client_dma_map(c, e->memory, 0, IOVA, vfu_memory_size(e->memory), 3, true);
    return ret ? failed(e, ret, "DMA_MAP") : enable(e);
}

void engine_clear(Engine *e)
{
    vfu_client_free(e->c);
    vfu_memory_free(e->memory);
    if (e->eventfd >= 0) {
        close(e->eventfd);
    }
}

uint8_t *engine_destination(Engine *e)
{
    return (uint8_t *)vfu_memory_data(e->memory) + LIST_BYTES;
}

uint64_t engine_step(const Engine *e, unsigned i, uint32_t piece)
{
    return (uint64_t)i * piece % e->span;
}

void engine_prepare(Engine *e, unsigned op, unsigned first, unsigned nr, uint32_t piece,
                    uint64_t span)
{
    Descriptor *d = vfu_memory_data(e->memory);

    e->span = span;
    for (unsigned i = 0; i < nr; i++) {
        uint64_t at = engine_step(e, first + i, piece);

        d[i] = (Descriptor) {
            .destination = IOVA + LIST_BYTES + at, .length = piece, .op = op,
        };
    }
}

bool engine_start(Engine *e, unsigned nr)
{
    int ret = vfu_client_writen(e->c, BAR, CH_SRC, 8, IOVA);

    ret = ret ? ret : vfu_client_writen(e->c, BAR, CH_LENGTH, 4, nr);
    ret = ret ? ret : vfu_client_writen(e->c, BAR, CH_COMMAND, 4,
                                        COMMAND_START | COMMAND_LIST | COMMAND_IRQ);
    return ret ? failed(e, ret, "starting the dma-engine") : true;
}

bool engine_wait(Engine *e)
{
    struct pollfd p = { .fd = e->eventfd, .events = POLLIN };
    uint64_t count, error;

    if (poll(&p, 1, 20000) != 1 || read(e->eventfd, &count, sizeof(count)) < 0) {
        vfu_error(e->bench->tool, "the dma-engine did not finish within 20 s");
        return false;
    }
    error = vfu_client_readn(e->c, BAR, CH_ERROR, 4);
    if (error) {
        vfu_error(e->bench->tool, "the dma-engine failed with error %" PRIu64
                  " (docs/specs/dma-engine.rst)", error);
        return false;
    }
    return vfu_client_writen(e->c, BAR, REG_INT_STATUS, 4, 1) == 0;
}
