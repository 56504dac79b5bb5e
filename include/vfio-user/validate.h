/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judges messages before anything acts on them. Pure functions of the bytes,
 * the session's limits and the device's shape: no socket, no allocation, no
 * state. What passes here is in range, and the code behind relies on it.
 *
 * Payloads may lie at any alignment: a message follows its predecessor in the
 * receive buffer, and REGION_WRITE has any length.
 *
 * Results are 0 or a negative errno. Protocol: section 3 (the commands).
 */
#ifndef VFIO_USER_VALIDATE_H
#define VFIO_USER_VALIDATE_H

#include "qemu/osdep.h"
#include "vfio-user/commands.h"
#include "vfio-user/protocol.h"

/* What both sides agreed on. */
typedef struct VfuLimits {
    uint32_t receive_max;       /* data bytes we take in one message */
    uint32_t send_max;          /* data bytes the peer takes in one message */
    uint64_t pgsizes;           /* lowest bit: granule of DMA_MAP */
    bool write_multiple;        /* REGION_WRITE_MULTI is offered */
    bool features;              /* DEVICE_FEATURE is offered */
} VfuLimits;

/* What the client can see of the device; fixed while a client is connected. */
typedef struct VfuShape {
    struct {
        uint64_t size;          /* 0: not implemented */
        uint32_t flags;         /* VFU_REGION_F_* */
    } regions[VFU_NUM_REGIONS];
    uint32_t irqs[VFU_NUM_IRQS];/* vectors of each index */
    bool can_reset;
} VfuShape;

/* One received command. */
typedef struct VfuCommandView {
    const VfuHeader *header;
    const void *payload;
    size_t len;
    unsigned nr_fds;            /* all that came, also those that were closed */
} VfuCommandView;

/* Longest message, with header, that a peer may send under these limits. */
uint32_t vfu_message_max(uint32_t data_xfer_max);

/* False: the size field is nonsense, the stream cannot be followed any more. */
bool vfu_header_can_follow(const VfuHeader *header, uint32_t message_max);

/*
 * Everything that can be said about a command before it runs. state is one of
 * VFU_IN_*; shape may be NULL before VERSION.
 */
int vfu_validate(const VfuCommandView *cmd, unsigned state, const VfuLimits *limits,
                 const VfuShape *shape);

/* One access to a region: index exists, flags permit it, range lies inside. */
int vfu_validate_access(const VfuShape *shape, uint32_t region, uint64_t offset,
                        uint32_t count, uint32_t need_flag);

#endif
