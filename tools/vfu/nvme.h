/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small NVMe driver in user space, over any vfio-user server: one controller,
 * one namespace, one I/O queue pair. Numbers are those of the NVM Express base
 * specification 2.0 (queues 3.3, registers 3.1, commands 5) and of the NVM
 * command set specification 1.0.
 *
 * One thread. Queue and data memory is lent to the device by file descriptor.
 */
#ifndef TOOLS_VFU_NVME_H
#define TOOLS_VFU_NVME_H

#include "vfio-user/client.h"

typedef struct VfuNvme VfuNvme;

typedef struct VfuNvmeOptions {
    unsigned depth;             /* commands at a time, 1 to 1024 */
    uint32_t bytes;             /* most for a command: a multiple of the block size */
    uint32_t nsid;
    bool mapped;                /* doorbells by shared memory; else by messages */
    bool interrupts;            /* an eventfd for the I/O queue; else the phase bit is looked at */
} VfuNvmeOptions;

/* The controller is enabled and the queue pair made; NULL with errp. c is borrowed. */
VfuNvme *vfu_nvme_open(VfuClient *c, const VfuNvmeOptions *options, Error **errp);
/* Shuts the controller down. */
void vfu_nvme_close(VfuNvme *n);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfuNvme, vfu_nvme_close)

VfuClient *vfu_nvme_client(const VfuNvme *n);
uint32_t vfu_nvme_block_size(const VfuNvme *n);
uint64_t vfu_nvme_blocks(const VfuNvme *n);
const char *vfu_nvme_model(const VfuNvme *n);

enum { VFU_NVME_FLUSH = 0, VFU_NVME_WRITE = 1, VFU_NVME_READ = 2 };

/* The data of slot 0 to depth - 1, `bytes` long. */
void *vfu_nvme_buffer(VfuNvme *n, unsigned slot);
/* Puts a command of a free slot into the queue. */
void vfu_nvme_put(VfuNvme *n, unsigned slot, uint8_t opcode, uint64_t lba, uint32_t blocks);
/* A slot whose command has ended, with its status field; false: none just now. */
bool vfu_nvme_ready(const VfuNvme *n);  /* there is one to take */
bool vfu_nvme_take(VfuNvme *n, unsigned *slot, uint16_t *status);
/* Tells the device of what was put and what was taken. 0, or -errno of the message. */
int vfu_nvme_ring(VfuNvme *n);
/* With interrupts: sleeps until the next one, at most a second. */
void vfu_nvme_sleep(VfuNvme *n);

#endif
