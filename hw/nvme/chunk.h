/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks on their way through a task's buffer, as many at a time as it holds: data and
 * metadata read from or written to the medium, moved from or to the host, protected.
 */
#ifndef HW_NVME_CHUNK_H
#define HW_NVME_CHUNK_H

#include "hw/nvme/task.h"

/* The blocks that CDW10 to CDW12 name, with the tags of the command. */
void nvme_chunk_begin(NvmeTask *t);
/* The tags of a command that only checks: nothing is inserted or stripped. */
uint16_t nvme_chunk_check_tags(const NvmeTask *t);
/* Bytes of the host for nlb blocks: by DPTR, and by MPTR. */
uint64_t nvme_host_bytes(const NvmeNamespace *ns, uint32_t nlb, bool no_meta);
uint64_t nvme_host_meta_bytes(const NvmeNamespace *ns, uint32_t nlb, bool no_meta);
/* The blocks of t->chunk that the buffer takes at once, counted from chunk.left. */
void nvme_chunk_size(NvmeTask *t);

/* Steps. map: the host's memory for all of the blocks. */
NvmeStep nvme_step_map_in, nvme_step_map_meta_in, nvme_step_map_out, nvme_step_map_meta_out;
/* What follows is repeated from here to `again` for each chunk. */
NvmeStep nvme_step_loop, nvme_step_again;
NvmeStep nvme_step_read_data, nvme_step_read_meta, nvme_step_write_data, nvme_step_write_meta;
/* The tuples of what was read, by PRCHK; and zeroes where zones have not been written. */
NvmeStep nvme_step_check;
NvmeStep nvme_step_to_host, nvme_step_from_host;
/* The tuples of what is to be written: made, or checked. */
NvmeStep nvme_step_protect;
/* After the last to_host: what is not in place yet gets there. */
NvmeStep nvme_step_data_out, nvme_step_meta_out;

/* Flags of the writes of a command: CDW12.FUA. */
BdrvRequestFlags nvme_write_flags(const NvmeRequest *req);

#endif
