/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edu's DMA: 100 ms after the start bytes move between client memory and the
 * 4 KiB window, in one asynchronous access, so that a client whose memory is
 * only reachable by messages is never waited for.
 *
 * The registers say nothing about failure. A transfer that leaves the window
 * is cut at its end, one that misses it moves nothing; both are a guest error
 * in the log, and complete with their interrupt as any other.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "edu-int.h"
#include "trace.h"

/* Where in the window a transfer goes; *len is cut to what fits. NULL: nowhere. */
static uint8_t *window_range(EduState *edu, uint64_t addr, uint64_t *len)
{
    uint64_t offset = addr - EDU_WINDOW;

    if (addr < EDU_WINDOW || offset >= EDU_WINDOW_SIZE) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR,
                                  "edu: DMA at 0x%" PRIx64 " is outside the device's memory\n",
                                  addr);
        return NULL;
    }
    if (*len > EDU_WINDOW_SIZE - offset) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR,
                                  "edu: DMA of %" PRIu64 " bytes at 0x%" PRIx64
                                  " is cut at the end of the device's memory\n", *len, addr);
        *len = EDU_WINDOW_SIZE - offset;
    }
    return edu->window + offset;
}

/* The device drives only as many address lines as the property says. */
static dma_addr_t ram_address(EduState *edu, uint64_t addr)
{
    if (addr & ~edu->dma_mask) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR,
                                  "edu: DMA address 0x%" PRIx64 " is beyond dma_mask 0x%" PRIx64
                                  "\n", addr, edu->dma_mask);
    }
    return addr & edu->dma_mask;
}

static void finish(EduState *edu)
{
    uint64_t cmd = edu->dma_cmd;

    edu->dma_cmd &= ~(uint64_t)EDU_DMA_START;
    if (cmd & EDU_DMA_WANT_IRQ) {
        edu_raise_irq(edu, EDU_IRQ_DMA);
    }
}

static void transfer_done(void *opaque, MemTxResult res)
{
    EduState *edu = opaque;

    edu->dma_request = NULL;
    trace_edu_dma_done(edu, res);
    if (res != MEMTX_OK) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR, "edu: DMA failed (result %u)\n", res);
    }
    finish(edu);
}

static void timer_expired_cb(void *opaque)
{
    EduState *edu = opaque;
    bool to_ram = edu->dma_cmd & EDU_DMA_TO_RAM;
    uint64_t len = edu->dma_count;
    uint8_t *inside = window_range(edu, to_ram ? edu->dma_src : edu->dma_dst, &len);
    dma_addr_t outside;

    if (!inside || !len) {
        finish(edu);
        return;
    }
    outside = ram_address(edu, to_ram ? edu->dma_dst : edu->dma_src);
    trace_edu_dma_move(edu, to_ram, outside, inside - edu->window, len);
    /* NULL also when transfer_done() has run already, which has then set it to NULL itself. */
    edu->dma_request = pci_dma_rw_async(&edu->pdev, outside, inside, len,
                                        to_ram ? DMA_DIRECTION_FROM_DEVICE
                                               : DMA_DIRECTION_TO_DEVICE,
                                        transfer_done, edu);
}

void edu_dma_init(EduState *edu)
{
    timer_init_ms(&edu->dma_timer, QEMU_CLOCK_VIRTUAL, timer_expired_cb, edu);
}

void edu_dma_start(EduState *edu, uint64_t cmd)
{
    edu->dma_cmd = cmd;
    timer_mod(&edu->dma_timer, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + EDU_DMA_DELAY_MS);
}

void edu_dma_stop(EduState *edu)
{
    DMARequest *request = g_steal_pointer(&edu->dma_request);

    timer_del(&edu->dma_timer);
    if (request) {
        dma_request_cancel(request);
    }
}

void edu_dma_resume(EduState *edu)
{
    /* Moving the bytes a second time is harmless; the source had not said that it was done. */
    if (edu->dma_cmd & EDU_DMA_START && !timer_pending(&edu->dma_timer)) {
        timer_mod(&edu->dma_timer, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL));
    }
}
