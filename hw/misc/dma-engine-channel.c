/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a channel does: one small state machine (phases: dma-engine-int.h),
 * driven by a bottom half. Each step does a bounded amount of work and either
 * schedules the bottom half again or waits for a request, a timer or the
 * programmer, so that neither a long transfer nor a slow client holds up the
 * domain. A completion callback only leaves its result and schedules the
 * bottom half: it may run inside the call that started the request.
 *
 * All addresses are checked once, in dma_segment_check(), before the first access;
 * from then on first + length - 1 does not wrap and buffer ranges are inside.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "dma-engine-int.h"
#include "trace.h"

static AddressSpace *dma_space(DMAChannel *ch)
{
    return pci_get_address_space(PCI_DEVICE(ch->engine));
}

/* The next phase runs in this turn of the bottom half, if one is under way. */
static void step_soon(DMAChannel *ch)
{
    ch->runnable = true;
    if (!ch->stepping) {
        qemu_bh_schedule(ch->bh);
    }
}

static void go_on(DMAChannel *ch, DMAPhase phase)
{
    ch->phase = phase;
    step_soon(ch);
}

/* ---- letting go ---- */

static void drop_map(DMAChannel *ch, DMAMapping *map, DMADirection dir, dma_addr_t accessed)
{
    void *host = g_steal_pointer(&map->host);

    if (host) {
        dma_memory_unmap(dma_space(ch), host, map->len, dir, accessed);
    }
}

/* `moved`: bytes of the piece that have been written to its target. */
static void drop_piece(DMAChannel *ch, uint32_t moved)
{
    DMARequest *request = g_steal_pointer(&ch->request);

    if (request) {
        dma_request_cancel(request);
    }
    drop_map(ch, &ch->map_src, DMA_DIRECTION_TO_DEVICE, moved);
    drop_map(ch, &ch->map_dst, DMA_DIRECTION_FROM_DEVICE, moved);
    ch->source = ch->target = NULL;
}

static bool any_active(const DMAEngineState *s)
{
    for (unsigned i = 0; i < s->nr_channels; i++) {
        if (s->channel[i].phase > DMA_PHASE_DELAY) {
            return true;
        }
    }
    return false;
}

static void drop_transfer(DMAChannel *ch)
{
    DMAEngineState *s = ch->engine;

    drop_piece(ch, 0);
    timer_del(ch->timer);
    qemu_bh_cancel(ch->bh);
    ch->runnable = false;
    g_clear_pointer(&ch->segments, g_free);
    g_clear_pointer(&ch->bounce, g_free);
    ch->nr_segments = 0;
    ch->phase = DMA_PHASE_IDLE;
    /*
     * Not by dma_remove_revoke_notifier(): that asks the regions which the
     * address space shows now, and bus mastering may have gone off meanwhile.
     */
    if (!any_active(s)) {
        QLIST_SAFE_REMOVE(&s->revoke, next);
    }
}

static void end_transfer(DMAChannel *ch, DMAEngineError error, uint64_t fault_addr)
{
    trace_dma_engine_end(ch->engine, ch->index, error, fault_addr);
    ch->error = error;
    ch->error_index = error ? ch->segment : 0;
    ch->fault_addr = fault_addr;
    ch->done = true;
    if (error) {
        ch->errors++;
    } else {
        ch->transfers++;
    }
    drop_transfer(ch);
    if (ch->latched_command & DMA_CMD_IRQ) {
        dma_engine_raise(ch->engine, ch->index);
    }
}

/* ---- requests ---- */

static void request_done(void *opaque, MemTxResult res)
{
    DMAChannel *ch = opaque;

    ch->request = NULL;
    ch->result = res;
    step_soon(ch);
}

static void start_request(DMAChannel *ch, DMAPhase then, uint64_t addr, void *buf, uint32_t len,
                          DMADirection dir)
{
    ch->phase = then;
    ch->request = pci_dma_rw_async(PCI_DEVICE(ch->engine), addr, buf, len, dir, request_done, ch);
}

static bool check_segments(DMAChannel *ch)
{
    for (int i = 0; i < ch->nr_segments; i++) {
        uint64_t fault = 0;
        DMAEngineError error = dma_segment_check(&ch->segments[i], &fault);

        if (error) {
            ch->segment = i;
            end_transfer(ch, error, fault);
            return false;
        }
    }
    return true;
}

/* ---- phases ---- */

static void phase_begin(DMAChannel *ch)
{
    DMAEngineState *s = ch->engine;

    /* Again each time: the client's memory may be another region than before. */
    QLIST_SAFE_REMOVE(&s->revoke, next);
    dma_add_revoke_notifier(dma_space(ch), &s->revoke);
    if (ch->segments) {
        go_on(ch, DMA_PHASE_TAKE);
        return;
    }
    ch->bounce = g_malloc0(ch->nr_segments * sizeof(DMAEngineDescriptor));
    start_request(ch, DMA_PHASE_FETCH, ch->list_addr, ch->bounce,
                  ch->nr_segments * sizeof(DMAEngineDescriptor), DMA_DIRECTION_TO_DEVICE);
}

static void phase_fetched(DMAChannel *ch)
{
    if (ch->request) {
        return;
    }
    if (ch->result != MEMTX_OK) {
        end_transfer(ch, DMA_ERR_READ, ch->list_addr);
        return;
    }
    go_on(ch, DMA_PHASE_PARSE);
}

/* The raw list is private memory now: what is checked is what is executed. */
static void phase_parse(DMAChannel *ch)
{
    g_autofree DMAEngineDescriptor *raw = (DMAEngineDescriptor *)g_steal_pointer(&ch->bounce);

    ch->segments = g_new0(DMASegment, ch->nr_segments);
    for (int i = 0; i < ch->nr_segments; i++) {
        uint32_t op = le32_to_cpu(raw[i].op);

        if (op & ~7u || raw[i].zero) {
            ch->segment = i;
            end_transfer(ch, DMA_ERR_DESCRIPTOR, ch->list_addr);
            return;
        }
        ch->segments[i] = (DMASegment) {
            .src = le64_to_cpu(raw[i].src), .dst = le64_to_cpu(raw[i].dst),
            .length = le32_to_cpu(raw[i].length), .op = op,
            .pattern = le32_to_cpu(raw[i].pattern),
        };
    }
    if (check_segments(ch)) {
        go_on(ch, DMA_PHASE_TAKE);
    }
}

static DMASegment *current_segment(DMAChannel *ch)
{
    return &ch->segments[ch->segment];
}

static void *map_client(DMAChannel *ch, DMAMapping *map, uint64_t addr, DMADirection dir)
{
    map->len = ch->piece;
    map->host = dma_memory_map(dma_space(ch), addr, &map->len, dir, MEMTXATTRS_UNSPECIFIED);
    if (map->host) {
        ch->piece = MIN(ch->piece, map->len);
    }
    return map->host;
}

static void need_bounce(DMAChannel *ch)
{
    if (!ch->bounce) {
        ch->bounce = g_malloc(DMA_ENGINE_PIECE);
    }
}

/* The word at progress n of a fill begins with byte n % 4 of the pattern. */
static void make_fill(DMAChannel *ch, const DMASegment *seg)
{
    need_bounce(ch);
    for (uint32_t i = 0; i < ch->piece; i++) {
        ch->bounce[i] = seg->pattern >> 8 * ((ch->progress + i) & 3);
    }
    ch->source = ch->bounce;
}

static bool is_held(const DMAChannel *ch)
{
    return ch->engine->hold & 1u << ch->index;
}

/*
 * What does not stop needs no hold of the client's memory, but for copies,
 * which would pass through a buffer of ours without it.
 */
static bool wants_maps(const DMAChannel *ch, const DMASegment *seg)
{
    return is_held(ch) || seg->op == DMA_OP_COPY;
}

static void take_source(DMAChannel *ch, const DMASegment *seg)
{
    if (seg->op == DMA_OP_FILL) {
        make_fill(ch, seg);
    } else if (dma_op_from_buffer(seg->op)) {
        ch->source = ch->engine->buffer + seg->src + ch->progress;
    } else if (wants_maps(ch, seg)) {
        ch->source = map_client(ch, &ch->map_src, seg->src + ch->progress,
                                DMA_DIRECTION_TO_DEVICE);
    }
}

static void take_target(DMAChannel *ch, const DMASegment *seg)
{
    if (dma_op_to_buffer(seg->op)) {
        ch->target = ch->engine->buffer + seg->dst + ch->progress;
    } else if (is_held(ch)) {
        ch->target = map_client(ch, &ch->map_dst, seg->dst + ch->progress,
                                DMA_DIRECTION_FROM_DEVICE);
    }
}

static void phase_take(DMAChannel *ch)
{
    DMASegment *seg;

    if (ch->segment == (uint32_t)ch->nr_segments) {
        end_transfer(ch, DMA_ERR_NONE, 0);
        return;
    }
    seg = current_segment(ch);
    if (ch->progress == seg->length) {
        ch->segment++;
        ch->progress = 0;
        go_on(ch, DMA_PHASE_TAKE);
        return;
    }
    ch->piece = MIN(seg->length - ch->progress, (uint32_t)DMA_ENGINE_PIECE);
    take_source(ch, seg);
    take_target(ch, seg);
    trace_dma_engine_chunk(ch->engine, ch->index, ch->segment, seg->src + ch->progress,
                           seg->dst + ch->progress, ch->piece, ch->source && ch->target);
    if (is_held(ch)) {
        trace_dma_engine_held(ch->engine, ch->index);
        ch->phase = DMA_PHASE_HELD;
        return;
    }
    go_on(ch, DMA_PHASE_READ);
}

/* Mapped memory does not ask again whether the function may still be a master. */
static bool may_master(DMAChannel *ch)
{
    return pci_get_word(PCI_DEVICE(ch->engine)->config + PCI_COMMAND) & PCI_COMMAND_MASTER;
}

static void read_failed(DMAChannel *ch)
{
    end_transfer(ch, DMA_ERR_READ, current_segment(ch)->src + ch->progress);
}

static void write_failed(DMAChannel *ch)
{
    end_transfer(ch, DMA_ERR_WRITE, current_segment(ch)->dst + ch->progress);
}

static void phase_read(DMAChannel *ch)
{
    if (!ch->source) {
        need_bounce(ch);
        start_request(ch, DMA_PHASE_READING, current_segment(ch)->src + ch->progress, ch->bounce,
                      ch->piece, DMA_DIRECTION_TO_DEVICE);
    } else if (ch->map_src.host && !may_master(ch)) {
        read_failed(ch);
    } else {
        go_on(ch, DMA_PHASE_WRITE);
    }
}

static void phase_reading(DMAChannel *ch)
{
    if (ch->request) {
        return;
    }
    if (ch->result != MEMTX_OK) {
        read_failed(ch);
        return;
    }
    ch->source = ch->bounce;
    go_on(ch, DMA_PHASE_WRITE);
}

static void phase_write(DMAChannel *ch)
{
    if (!ch->target) {
        start_request(ch, DMA_PHASE_WRITING, current_segment(ch)->dst + ch->progress, ch->source,
                      ch->piece, DMA_DIRECTION_FROM_DEVICE);
    } else if (ch->map_dst.host && !may_master(ch)) {
        write_failed(ch);
    } else {
        memmove(ch->target, ch->source, ch->piece);
        go_on(ch, DMA_PHASE_NEXT);
    }
}

static void phase_writing(DMAChannel *ch)
{
    if (ch->request) {
        return;
    }
    if (ch->result != MEMTX_OK) {
        write_failed(ch);
        return;
    }
    go_on(ch, DMA_PHASE_NEXT);
}

static void phase_next(DMAChannel *ch)
{
    drop_piece(ch, ch->piece);
    ch->progress += ch->piece;
    ch->bytes += ch->piece;
    go_on(ch, DMA_PHASE_TAKE);
}

/* NULL: the channel waits for something that is not the bottom half. */
static void (*const phase_step[DMA_PHASE_MAX])(DMAChannel *) = {
    [DMA_PHASE_BEGIN] = phase_begin,
    [DMA_PHASE_FETCH] = phase_fetched,
    [DMA_PHASE_PARSE] = phase_parse,
    [DMA_PHASE_TAKE] = phase_take,
    [DMA_PHASE_READ] = phase_read,
    [DMA_PHASE_READING] = phase_reading,
    [DMA_PHASE_WRITE] = phase_write,
    [DMA_PHASE_WRITING] = phase_writing,
    [DMA_PHASE_NEXT] = phase_next,
};

/*
 * Many small pieces in one turn cost little more than their bytes. The budget
 * leaves the loop to others: it is a few hundred microseconds at the most.
 */
static void channel_bh(void *opaque)
{
    DMAChannel *ch = opaque;
    uint64_t enough = ch->bytes + DMA_ENGINE_TURN_BYTES;
    unsigned steps = DMA_ENGINE_TURN_STEPS;

    ch->stepping = true;
    do {
        ch->runnable = false;
        if (phase_step[ch->phase]) {
            phase_step[ch->phase](ch);
        }
    } while (ch->runnable && --steps && ch->bytes < enough);
    ch->stepping = false;
    if (ch->runnable) {
        qemu_bh_schedule(ch->bh);
    }
}

static void delay_over(void *opaque)
{
    go_on(opaque, DMA_PHASE_BEGIN);
}

/* ---- what registers ask ---- */

static DMAEngineError latch(DMAChannel *ch)
{
    ch->segment = ch->progress = 0;
    ch->latched_command = ch->command;
    if (!(ch->command & DMA_CMD_LIST)) {
        ch->nr_segments = 1;
        ch->segments = g_new(DMASegment, 1);
        *ch->segments = (DMASegment) {
            .src = ch->src, .dst = ch->dst, .length = ch->length, .pattern = ch->pattern,
            .op = (ch->command & DMA_CMD_OP_MASK) >> DMA_CMD_OP_SHIFT,
        };
        return DMA_ERR_NONE;
    }
    if (!ch->length || ch->length > ch->engine->max_descriptors) {
        return DMA_ERR_LIST;
    }
    ch->nr_segments = ch->length;
    ch->list_addr = ch->src;
    return dma_range_ok(false, ch->src, ch->length * sizeof(DMAEngineDescriptor))
           ? DMA_ERR_NONE : DMA_ERR_RANGE;
}

static void start(DMAChannel *ch)
{
    DMAEngineError error;

    if (ch->phase != DMA_PHASE_IDLE) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR,
                                  "dma-engine: start of channel %u, which is busy\n", ch->index);
        return;
    }
    trace_dma_engine_start(ch->engine, ch->index, ch->command, ch->delay);
    ch->done = false;
    ch->error = ch->error_index = 0;
    ch->fault_addr = 0;
    error = latch(ch);
    if (error) {
        end_transfer(ch, error, ch->src);
        return;
    }
    if (ch->segments && !check_segments(ch)) {
        return;
    }
    if (ch->delay) {
        int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

        ch->phase = DMA_PHASE_DELAY;
        timer_mod(ch->timer, ch->delay > (uint64_t)(INT64_MAX - now) ? INT64_MAX
                                                                     : now + (int64_t)ch->delay);
    } else {
        go_on(ch, DMA_PHASE_BEGIN);
    }
}

void dma_channel_command(DMAChannel *ch, uint32_t command)
{
    ch->command = command & (DMA_CMD_OP_MASK | DMA_CMD_LIST | DMA_CMD_IRQ);
    if (command & DMA_CMD_ABORT && ch->phase != DMA_PHASE_IDLE) {
        end_transfer(ch, DMA_ERR_ABORTED, 0);
    }
    if (command & DMA_CMD_RELEASE && ch->phase == DMA_PHASE_HELD) {
        go_on(ch, DMA_PHASE_READ);
    }
    if (command & DMA_CMD_START) {
        start(ch);
    }
}

void dma_channel_hold_changed(DMAChannel *ch)
{
    if (ch->phase == DMA_PHASE_HELD && !(ch->engine->hold & 1u << ch->index)) {
        go_on(ch, DMA_PHASE_READ);
    }
}

uint32_t dma_channel_status(const DMAChannel *ch)
{
    if (ch->phase == DMA_PHASE_IDLE) {
        return !ch->done ? 0 : ch->error ? DMA_STATUS_FAILED : DMA_STATUS_DONE;
    }
    return DMA_STATUS_BUSY |
           (ch->phase == DMA_PHASE_DELAY ? DMA_STATUS_DELAYED : 0) |
           (ch->phase == DMA_PHASE_FETCH ? DMA_STATUS_FETCHING : 0) |
           (ch->phase == DMA_PHASE_HELD ? DMA_STATUS_HELD : 0) |
           (ch->phase > DMA_PHASE_TAKE && ch->source && ch->target ? DMA_STATUS_MAPPED : 0);
}

/* ---- revocation ---- */

void dma_channel_revoke(DMAChannel *ch, hwaddr first, hwaddr last)
{
    uint64_t lost;

    if (ch->phase > DMA_PHASE_DELAY && dma_channel_needs(ch, first, last, &lost)) {
        trace_dma_engine_revoke(ch->engine, ch->index, first, last);
        end_transfer(ch, DMA_ERR_REVOKED, lost);
    }
}

/* ---- life ---- */

void dma_channel_init(DMAEngineState *s, unsigned index)
{
    DMAChannel *ch = &s->channel[index];

    ch->engine = s;
    ch->index = index;
    ch->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, delay_over, ch);
    /* Guarded: DMA that finds its way back to these registers is refused, not nested. */
    ch->bh = qemu_bh_new_guarded(channel_bh, ch, &DEVICE(s)->mem_reentrancy_guard);
}

void dma_channel_cleanup(DMAChannel *ch)
{
    drop_transfer(ch);
    g_clear_pointer(&ch->timer, timer_free);
    g_clear_pointer(&ch->bh, qemu_bh_delete);
}

void dma_channel_reset(DMAChannel *ch)
{
    drop_transfer(ch);
    *ch = (DMAChannel) {
        .engine = ch->engine, .index = ch->index, .timer = ch->timer, .bh = ch->bh,
    };
}

/* ---- migration: what was moved stays moved, the piece under way is taken again ---- */

bool dma_channel_resume(DMAChannel *ch)
{
    if (!dma_channel_is_sane(ch)) {
        drop_transfer(ch);
        return false;
    }
    if (ch->phase > DMA_PHASE_DELAY) {
        go_on(ch, DMA_PHASE_BEGIN);
    } else if (ch->phase == DMA_PHASE_DELAY && !timer_pending(ch->timer)) {
        go_on(ch, DMA_PHASE_BEGIN);
    }
    return true;
}
