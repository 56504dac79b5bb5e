/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dma-engine's arithmetic on addresses that a client gave: pure functions
 * over segments and channels. Nothing is ever compared by adding a length to
 * an address before it is known that the sum does not wrap.
 */
#include "qemu/osdep.h"
#include "dma-engine-int.h"

/* A client range must not wrap, a buffer range not leave the buffer. */
bool dma_range_ok(bool in_buffer, uint64_t addr, uint32_t length)
{
    if (in_buffer) {
        return addr <= DMA_ENGINE_BUFFER_SIZE && length <= DMA_ENGINE_BUFFER_SIZE - addr;
    }
    return !length || length - 1 <= UINT64_MAX - addr;
}

DMAEngineError dma_segment_check(const DMASegment *seg, uint64_t *fault)
{
    if (seg->op >= DMA_OP_MAX) {
        return DMA_ERR_COMMAND;
    }
    *fault = seg->src;
    if (seg->op != DMA_OP_FILL &&
        !dma_range_ok(dma_op_from_buffer(seg->op), seg->src, seg->length)) {
        return DMA_ERR_RANGE;
    }
    *fault = seg->dst;
    return dma_range_ok(dma_op_to_buffer(seg->op), seg->dst, seg->length) ? DMA_ERR_NONE
                                                                          : DMA_ERR_RANGE;
}

/* ---- revocation ---- */

/* Whether [addr, addr + length) and [first, last] meet; *lost is the first common byte. */
static bool meets(uint64_t addr, uint32_t length, hwaddr first, hwaddr last, uint64_t *lost)
{
    if (!length || addr > last || length - 1 < (first > addr ? first - addr : 0)) {
        return false;
    }
    *lost = MAX(addr, first);
    return true;
}

static bool segment_needs(const DMASegment *seg, uint32_t progress, hwaddr first, hwaddr last,
                          uint64_t *lost)
{
    uint32_t rest = seg->length - progress;

    if (seg->op != DMA_OP_FILL && !dma_op_from_buffer(seg->op) &&
        meets(seg->src + progress, rest, first, last, lost)) {
        return true;
    }
    return !dma_op_to_buffer(seg->op) && meets(seg->dst + progress, rest, first, last, lost);
}

bool dma_channel_needs(const DMAChannel *ch, hwaddr first, hwaddr last, uint64_t *lost)
{
    if (!ch->segments) {
        return meets(ch->list_addr, ch->nr_segments * sizeof(DMAEngineDescriptor), first, last,
                     lost);
    }
    for (uint32_t i = ch->segment; i < (uint32_t)ch->nr_segments; i++) {
        if (segment_needs(&ch->segments[i], i == ch->segment ? ch->progress : 0, first, last,
                          lost)) {
            return true;
        }
    }
    return false;
}

/* ---- what a stream may say ---- */

static bool list_is_sane(const DMAChannel *ch)
{
    return ch->latched_command & DMA_CMD_LIST && !ch->segment && !ch->progress &&
           dma_range_ok(false, ch->list_addr, ch->nr_segments * sizeof(DMAEngineDescriptor));
}

static bool segments_are_sane(const DMAChannel *ch)
{
    if (ch->moved_segments != ch->nr_segments) {
        return false;
    }
    for (int i = 0; i < ch->nr_segments; i++) {
        uint64_t fault;

        if (dma_segment_check(&ch->segments[i], &fault)) {
            return false;
        }
    }
    return ch->segment == (uint32_t)ch->nr_segments ? !ch->progress
           : ch->progress <= ch->segments[ch->segment].length;
}

bool dma_channel_is_sane(const DMAChannel *ch)
{
    if (ch->phase >= DMA_PHASE_MAX || ch->phase == DMA_PHASE_IDLE) {
        return ch->phase == DMA_PHASE_IDLE && !ch->segments;
    }
    if (ch->nr_segments <= 0 || (uint32_t)ch->nr_segments > ch->engine->max_descriptors ||
        ch->segment > (uint32_t)ch->nr_segments) {
        return false;
    }
    return ch->segments ? segments_are_sane(ch) : list_is_sane(ch);
}
