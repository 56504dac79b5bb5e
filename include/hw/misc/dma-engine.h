/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dma-engine device as its programmers see it: identification, register
 * offsets, bits and the descriptor. Follows docs/specs/dma-engine.rst; used by
 * the model and by its tests' drivers alike.
 */
#ifndef HW_MISC_DMA_ENGINE_H
#define HW_MISC_DMA_ENGINE_H

#define TYPE_DMA_ENGINE "dma-engine"

enum {
    DMA_ENGINE_VENDOR_ID = 0x1234,
    DMA_ENGINE_DEVICE_ID = 0x11e9,

    DMA_ENGINE_MAX_CHANNELS = 16,
    DMA_ENGINE_MAX_DESCRIPTORS = 4096,
    DMA_ENGINE_PIECE = 64 * 1024,
    DMA_ENGINE_TURN_BYTES = 1024 * 1024,        /* moved before the loop looks at others */
    DMA_ENGINE_TURN_STEPS = 4096,
    DMA_ENGINE_BUFFER_SIZE = 64 * 1024,
    DMA_ENGINE_REGS_SIZE = 16 * 1024,

    DMA_ENGINE_REGS_BAR = 0,
    DMA_ENGINE_BUFFER_BAR = 2,
    DMA_ENGINE_MSIX_BAR = 4,

    /* device registers */
    DMA_ENGINE_ID = 0x000,
    DMA_ENGINE_CHANNELS = 0x004,
    DMA_ENGINE_MAX_DESC = 0x008,
    DMA_ENGINE_BUFFER_BYTES = 0x00c,
    DMA_ENGINE_HOLD = 0x010,
    DMA_ENGINE_INT_STATUS = 0x014,
    DMA_ENGINE_INT_ENABLE = 0x018,
    DMA_ENGINE_BUSY = 0x01c,
    DMA_ENGINE_RESET = 0x020,

    DMA_ENGINE_ID_VALUE = 0x31414d44,
    DMA_ENGINE_RESET_KEY = 0x52535421,

    /* channel registers, from the channel's base */
    DMA_CH_BASE = 0x1000,
    DMA_CH_STRIDE = 0x100,
    DMA_CH_SRC = 0x00,
    DMA_CH_DST = 0x08,
    DMA_CH_LENGTH = 0x10,
    DMA_CH_PATTERN = 0x14,
    DMA_CH_COMMAND = 0x18,
    DMA_CH_STATUS = 0x1c,
    DMA_CH_ERROR = 0x20,
    DMA_CH_ERROR_INDEX = 0x24,
    DMA_CH_FAULT_ADDR = 0x28,
    DMA_CH_DELAY = 0x30,
    DMA_CH_BYTES = 0x38,
    DMA_CH_TRANSFERS = 0x40,
    DMA_CH_ERRORS = 0x48,
    DMA_CH_SEGMENT = 0x50,
    DMA_CH_PROGRESS = 0x54,

    DMA_CMD_START = 1 << 0,
    DMA_CMD_OP_SHIFT = 1,
    DMA_CMD_OP_MASK = 7 << 1,
    DMA_CMD_LIST = 1 << 4,
    DMA_CMD_IRQ = 1 << 5,
    DMA_CMD_ABORT = 1 << 6,
    DMA_CMD_RELEASE = 1 << 7,

    DMA_STATUS_BUSY = 1 << 0,
    DMA_STATUS_DELAYED = 1 << 1,
    DMA_STATUS_FETCHING = 1 << 2,
    DMA_STATUS_HELD = 1 << 3,
    DMA_STATUS_MAPPED = 1 << 4,
    DMA_STATUS_DONE = 1 << 5,
    DMA_STATUS_FAILED = 1 << 6,
};

typedef enum DMAEngineOp {
    DMA_OP_COPY,
    DMA_OP_TO_BUFFER,
    DMA_OP_FROM_BUFFER,
    DMA_OP_FILL,
    DMA_OP_MAX,
} DMAEngineOp;

typedef enum DMAEngineError {
    DMA_ERR_NONE,
    DMA_ERR_COMMAND,
    DMA_ERR_RANGE,
    DMA_ERR_LIST,
    DMA_ERR_DESCRIPTOR,
    DMA_ERR_READ,
    DMA_ERR_WRITE,
    DMA_ERR_REVOKED,
    DMA_ERR_ABORTED,
} DMAEngineError;

/* As it lies in client memory, little-endian. */
typedef struct DMAEngineDescriptor {
    uint64_t src;
    uint64_t dst;
    uint32_t length;
    uint32_t op;
    uint32_t pattern;
    uint32_t zero;
} DMAEngineDescriptor;

#endif
