/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dma-engine's registers: two tables that follow docs/specs/dma-engine.rst.
 * The memory core hands over naturally aligned accesses of 4 bytes only. A
 * register is a member that is copied, unless it has a function of its own.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "dma-engine-int.h"

typedef struct Register {
    uint16_t offset;
    uint8_t bytes;                 /* 4 or 8 */
    bool writable;
    uint16_t member;               /* in the device or the channel; unused with functions */
    uint64_t (*read)(const void *owner);
    void (*write)(void *owner, uint32_t val);
} Register;

/* ---- device registers ---- */

static uint64_t read_id(const void *owner)
{
    return DMA_ENGINE_ID_VALUE;
}

static uint64_t read_buffer_size(const void *owner)
{
    return DMA_ENGINE_BUFFER_SIZE;
}

static uint64_t read_busy(const void *owner)
{
    const DMAEngineState *s = owner;
    uint32_t busy = 0;

    /* Channels that are not there are idle. */
    for (unsigned i = 0; i < DMA_ENGINE_MAX_CHANNELS; i++) {
        busy |= (uint32_t)(s->channel[i].phase != DMA_PHASE_IDLE) << i;
    }
    return busy;
}

static void write_hold(void *owner, uint32_t val)
{
    DMAEngineState *s = owner;

    s->hold = val & dma_engine_channel_mask(s);
    for (unsigned i = 0; i < s->nr_channels; i++) {
        dma_channel_hold_changed(&s->channel[i]);
    }
}

static void write_int_status(void *owner, uint32_t val)
{
    DMAEngineState *s = owner;

    s->int_status &= ~val;
    dma_engine_update_irq(s);
}

static void write_int_enable(void *owner, uint32_t val)
{
    DMAEngineState *s = owner;

    s->int_enable = val & dma_engine_channel_mask(s);
    dma_engine_update_irq(s);
}

static void write_reset(void *owner, uint32_t val)
{
    if (val == DMA_ENGINE_RESET_KEY) {
        dma_engine_reset(owner);
    }
}

static uint64_t read_zero(const void *owner)
{
    return 0;
}

#define DEVICE_MEMBER(m) .bytes = sizeof_field(DMAEngineState, m), \
                         .member = offsetof(DMAEngineState, m)

static const Register device_registers[] = {
    { DMA_ENGINE_ID, .bytes = 4, .read = read_id },
    { DMA_ENGINE_CHANNELS, DEVICE_MEMBER(nr_channels) },
    { DMA_ENGINE_MAX_DESC, DEVICE_MEMBER(max_descriptors) },
    { DMA_ENGINE_BUFFER_BYTES, .bytes = 4, .read = read_buffer_size },
    { DMA_ENGINE_HOLD, DEVICE_MEMBER(hold), .writable = true, .write = write_hold },
    { DMA_ENGINE_INT_STATUS, DEVICE_MEMBER(int_status), .writable = true,
      .write = write_int_status },
    { DMA_ENGINE_INT_ENABLE, DEVICE_MEMBER(int_enable), .writable = true,
      .write = write_int_enable },
    { DMA_ENGINE_BUSY, .bytes = 4, .read = read_busy },
    { DMA_ENGINE_RESET, .bytes = 4, .read = read_zero, .writable = true, .write = write_reset },
};

/* ---- channel registers ---- */

static uint64_t read_status(const void *owner)
{
    return dma_channel_status(owner);
}

static void write_command(void *owner, uint32_t val)
{
    dma_channel_command(owner, val);
}

#define CHANNEL_MEMBER(m) .bytes = sizeof_field(DMAChannel, m), .member = offsetof(DMAChannel, m)

static const Register channel_registers[] = {
    { DMA_CH_SRC, CHANNEL_MEMBER(src), .writable = true },
    { DMA_CH_DST, CHANNEL_MEMBER(dst), .writable = true },
    { DMA_CH_LENGTH, CHANNEL_MEMBER(length), .writable = true },
    { DMA_CH_PATTERN, CHANNEL_MEMBER(pattern), .writable = true },
    { DMA_CH_COMMAND, CHANNEL_MEMBER(command), .writable = true, .write = write_command },
    { DMA_CH_STATUS, .bytes = 4, .read = read_status },
    { DMA_CH_ERROR, CHANNEL_MEMBER(error) },
    { DMA_CH_ERROR_INDEX, CHANNEL_MEMBER(error_index) },
    { DMA_CH_FAULT_ADDR, CHANNEL_MEMBER(fault_addr) },
    { DMA_CH_DELAY, CHANNEL_MEMBER(delay), .writable = true },
    { DMA_CH_BYTES, CHANNEL_MEMBER(bytes) },
    { DMA_CH_TRANSFERS, CHANNEL_MEMBER(transfers) },
    { DMA_CH_ERRORS, CHANNEL_MEMBER(errors) },
    { DMA_CH_SEGMENT, CHANNEL_MEMBER(segment) },
    { DMA_CH_PROGRESS, CHANNEL_MEMBER(progress) },
};

/* ---- access ---- */

/* NULL when nothing is there; *owner is the struct that it is in, *upper its upper half. */
static const Register *find(DMAEngineState *s, hwaddr addr, void **owner, bool *upper)
{
    const Register *table = device_registers;
    size_t n = ARRAY_SIZE(device_registers);

    *owner = s;
    if (addr >= DMA_CH_BASE) {
        hwaddr channel = (addr - DMA_CH_BASE) / DMA_CH_STRIDE;

        if (channel >= s->nr_channels) {
            return NULL;
        }
        addr = (addr - DMA_CH_BASE) % DMA_CH_STRIDE;
        table = channel_registers;
        n = ARRAY_SIZE(channel_registers);
        *owner = &s->channel[channel];
    }
    for (size_t i = 0; i < n; i++) {
        if (addr >= table[i].offset && addr - table[i].offset < table[i].bytes) {
            *upper = addr - table[i].offset == 4;
            return &table[i];
        }
    }
    return NULL;
}

static uint64_t value_of(const Register *reg, const void *owner)
{
    const void *member = (const char *)owner + reg->member;

    if (reg->read) {
        return reg->read(owner);
    }
    return reg->bytes == 8 ? *(const uint64_t *)member : *(const uint32_t *)member;
}

static uint64_t regs_read(void *opaque, hwaddr addr, unsigned size)
{
    void *owner;
    bool upper = false;
    const Register *reg = find(opaque, addr, &owner, &upper);

    return reg ? (uint32_t)(value_of(reg, owner) >> (upper ? 32 : 0)) : 0;
}

static void store(const Register *reg, void *owner, uint32_t val, bool upper)
{
    void *member = (char *)owner + reg->member;
    uint64_t *wide = member;

    if (reg->bytes == 4) {
        *(uint32_t *)member = val;
    } else if (upper) {
        *wide = (uint32_t)*wide | (uint64_t)val << 32;
    } else {
        *wide = (*wide & ~(uint64_t)UINT32_MAX) | val;
    }
}

static void regs_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    void *owner;
    bool upper = false;
    const Register *reg = find(opaque, addr, &owner, &upper);

    if (!reg || !reg->writable) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR,
                                  "dma-engine: write of 0x%" PRIx64 " to 0x%" HWADDR_PRIx
                                  ", where nothing can be written\n", val, addr);
        return;
    }
    if (reg->write) {
        reg->write(owner, val);
    } else {
        store(reg, owner, val, upper);
    }
}

const MemoryRegionOps dma_engine_regs_ops = {
    .read = regs_read,
    .write = regs_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 8 },
    .impl = { .min_access_size = 4, .max_access_size = 4 },
};
