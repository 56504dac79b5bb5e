/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VERSION message: what each side says of itself. Parsing takes any bytes
 * a stranger may send; building makes a reply that the known clients accept
 * (protocol, sections 2 and 7.5). Pure apart from allocation.
 */
#ifndef VFIO_USER_CAPABILITIES_H
#define VFIO_USER_CAPABILITIES_H

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "vfio-user/protocol.h"

typedef struct VfuCapabilities {
    bool has_text;              /* JSON was there */
    bool has_migration;
    bool write_multiple;
    bool twin_socket;
    uint32_t max_msg_fds;
    uint32_t max_data_xfer_size;/* bytes; larger numbers are clipped to 32 bits */
    uint32_t max_dma_maps;
    uint64_t pgsizes;
    uint64_t migration_pgsize;
    uint64_t max_bitmap_size;
} VfuCapabilities;

/* What a peer that says nothing is taken to have said. */
void vfu_capabilities_init(VfuCapabilities *caps);

/*
 * text is what follows the VfuVersion struct, len bytes with the NUL; len 0 is
 * no text. Keys that are not known are ignored. Returns false with errp (whose
 * message never quotes the peer) and leaves *caps undefined.
 */
bool vfu_capabilities_parse(const char *text, size_t len, VfuCapabilities *caps, Error **errp);

/*
 * The JSON text of a reply with what caps says, in at most room bytes with the
 * NUL; room 0 is no bound. When it does not fit, keys that equal the defaults
 * are left out first, then all others. NULL when not even the empty set fits:
 * then no text is sent.
 */
char *vfu_capabilities_build(const VfuCapabilities *caps, size_t room);

#endif
