/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A traced dialogue as a pcapng file (draft-ietf-opsawg-pcapng): link type
 * USER0 (147), each packet is one vfio-user message with its header, nothing
 * in front. The direction is in epb_flags (outbound: client to server), the
 * number of file descriptors in a comment. Wireshark shows it with a dissector
 * for DLT_USER 147.
 */
#ifndef TOOLS_VFU_PCAPNG_H
#define TOOLS_VFU_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PCAPNG_LINKTYPE_USER0 147

/* Section header and interface description; false: see errno. */
bool pcapng_begin(FILE *f);
/* time_us: since the epoch. */
bool pcapng_message(FILE *f, int64_t time_us, bool to_server, unsigned nr_fds,
                    const void *header, const void *payload, size_t payload_size);

#endif
