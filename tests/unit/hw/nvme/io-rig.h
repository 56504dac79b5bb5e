/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nvme-rig.h for tests of I/O commands: one namespace (NSID 1) with a format of the
 * test's choice, on an image file below the drivers `error` (node "e0") and `delay`
 * (node "n0"); memory of the host for data, metadata and lists; commands that end
 * in any order.
 */
#ifndef TESTS_UNIT_HW_NVME_IO_RIG_H
#define TESTS_UNIT_HW_NVME_IO_RIG_H

#include "hw/nvme/io.h"
#include "nvme-rig.h"

enum { IO_BUF = 1 << 20, IO_META = 1 << 18, IO_QUEUE = 64 };

typedef struct IoRig {
    NvmeRig *nvme;
    DeviceState *ns_dev;
    NvmeNamespace *ns;
    char *path;
    int fd;                     /* of the image, to look at */
    uint64_t buf, other, meta;  /* of the host: IO_BUF, IO_BUF, IO_META bytes */
    uint64_t lists;             /* pages for PRP lists, each used once in a round */
    unsigned next_list;
    uint32_t block, ms;
    bool extended;
    bool done[65536];
    uint16_t status[65536];     /* of those that are done, with DNR */
    uint32_t dw0[65536];
    unsigned nr_done;
} IoRig;

/* block: bytes of data; props of nvme-ns, and of the controller, or NULL. */
IoRig *io_rig_new(uint64_t bytes, uint32_t block, const char *props, const char *ctrl_props);
void io_rig_free(IoRig *rig);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IoRig, io_rig_free)

/* The host's memory. */
static inline uint8_t *io_at(IoRig *rig, uint64_t iova)
{
    return nvme_rig_at(rig->nvme, iova);
}
void io_fill(void *buf, size_t n);

/* DPTR for n bytes at iova by PRPs, with a list if need be. */
void io_map(IoRig *rig, NvmeSqe *cmd, uint64_t iova, uint64_t n);
/* A command on blocks of NSID 1 with buf and meta as its memory. */
NvmeSqe io_cmd(IoRig *rig, uint8_t opcode, uint64_t slba, uint32_t nlb);
NvmeSqe io_cmd_at(IoRig *rig, uint8_t opcode, uint64_t slba, uint32_t nlb, uint64_t buf,
                  uint64_t meta);
/* Dataset Management that deallocates; Copy from ranges of format 0. */
typedef struct IoRange {
    uint64_t slba;
    uint32_t nlb;
} IoRange;
NvmeSqe io_cmd_deallocate(IoRig *rig, const IoRange *ranges, unsigned n);
NvmeSqe io_cmd_copy(IoRig *rig, uint64_t to, const IoRange *ranges, unsigned n);

/* Its identifier. The controller works when the test waits or runs. */
uint16_t io_submit(IoRig *rig, NvmeSqe cmd);
/* What is due, without waiting for the image. */
void io_run(IoRig *rig);
/* Until it has ended; its status without DNR and More. */
uint16_t io_wait(IoRig *rig, uint16_t cid);
/* Both; then DNR, too. */
uint16_t io_do(IoRig *rig, NvmeSqe cmd);
uint16_t io_do_dnr(IoRig *rig, NvmeSqe cmd);
/* Until no command is under way in the controller. */
void io_drain(IoRig *rig);
/* Abort, by the admin queue. */
void io_abort(IoRig *rig, uint16_t cid);

/* What lies on the medium. */
void io_medium(IoRig *rig, uint64_t offset, void *buf, size_t n);

/* From now on the image keeps requests; so many of them go; all go, and no more are kept. */
void io_hold(IoRig *rig);
void io_release(IoRig *rig, unsigned n);
void io_let_go(IoRig *rig);
unsigned io_held(IoRig *rig);
/* The nth request from now on that touches the range fails. op: a BlockOp, -1: any. */
void io_fail(IoRig *rig, int op, int64_t offset, int64_t bytes, unsigned nth, int error);
void io_fail_no_more(IoRig *rig);

#endif
