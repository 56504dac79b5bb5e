/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA_READ and DMA_WRITE on the wire, in the two layouts that are in the field
 * (protocol, section 3.11). The specification has a 64-bit count and data at
 * payload byte 16. QEMU 10.1 to 11.0 has a 32-bit count and data at byte 12,
 * four bytes of padding behind the data, and answers a DMA_WRITE with a bare
 * header. Pure functions; used by both ends.
 */
#ifndef VFIO_USER_DMA_MESSAGE_H
#define VFIO_USER_DMA_MESSAGE_H

#include "qemu/osdep.h"
#include "vfio-user/protocol.h"

typedef enum VfuDmaLayout {
    VFU_DMA_LAYOUT_SPEC,
    VFU_DMA_LAYOUT_QEMU28,      /* data at message byte 28 */
    VFU_DMA_LAYOUT_AUTO,        /* found out by a probe; not for the functions below */
} VfuDmaLayout;

/*
 * Writes the bytes before the data to head and returns how many there are.
 * *padding bytes of zeros follow the data (both layouts have one total size).
 */
size_t vfu_dma_request_head(VfuDmaLayout layout, uint64_t address, uint64_t count,
                            uint8_t head[16], size_t *padding);

typedef struct VfuDmaReply {
    const uint8_t *data;        /* DMA_READ: inside the payload */
    size_t count;               /* bytes moved, at most what was asked */
    bool bare;                  /* DMA_WRITE answered by a header alone */
} VfuDmaReply;

/*
 * Takes a successful reply apart. False when it does not answer a request for
 * (address, count): wrong echo, wrong length.
 */
bool vfu_dma_reply_parse(VfuDmaLayout layout, bool read, uint64_t address, uint64_t count,
                         const uint8_t *payload, size_t len, VfuDmaReply *reply);

#endif
