/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small NVMe driver on the bench of pci-rig.h: queues in the client's memory,
 * commands as the test makes them. rig_run() is where the controller works.
 */
#ifndef TESTS_UNIT_HW_NVME_NVME_RIG_H
#define TESTS_UNIT_HW_NVME_NVME_RIG_H

#include "pci-rig.h"
#include "hw/nvme/core.h"

#define NVME_RIG_PAGE 4096u
#define NVME_RIG_NOWHERE 0x40000000ull

typedef struct NvmeRigQueue {
    unsigned id;
    uint32_t entries;           /* of both */
    uint64_t sq, cq;
    uint32_t tail, head;
    bool phase;
} NvmeRigQueue;

typedef struct NvmeRig {
    PCIRig *pci;
    uint64_t next;              /* of the client's memory */
    NvmeRigQueue admin, io;
    uint16_t cid;
    uint32_t css;               /* CC.CSS; 0: the NVM command set */
    bool own_node, own_delay;
} NvmeRig;

/* Once in main(). */
void nvme_rig_setup(int *argc, char ***argv);
/*
 * A controller with props ("name=value,..." or NULL) on a null-co node "n0" of 1 GiB that
 * reads as zeroes, or on node `drive`. Not enabled.
 */
NvmeRig *nvme_rig_new(const char *props);
NvmeRig *nvme_rig_new_on(const char *drive, const char *props);
/* On a node that keeps all requests until they are let go: so many of them, all (0). */
NvmeRig *nvme_rig_new_held(const char *props);
void nvme_rig_let_go(unsigned count);
unsigned nvme_rig_held(void);
void nvme_rig_free(NvmeRig *rig);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NvmeRig, nvme_rig_free)
/* blockdev-add with these options in JSON, and blockdev-del. */
void nvme_rig_add_node(const char *json);
void nvme_rig_del_node(const char *name);
static inline NvmeCtrl *nvme_rig_ctrl(NvmeRig *rig)
{
    return NVME(rig->pci->dev);
}

/* Whole pages of the client's memory, zeroed; all of it comes back with reset. */
uint64_t nvme_rig_alloc(NvmeRig *rig, uint64_t bytes);
void *nvme_rig_at(NvmeRig *rig, uint64_t iova);

/* Admin queues of 64 entries, EN = 1, and RDY. */
void nvme_rig_enable(NvmeRig *rig);
/* The same, and a pair of I/O queues of `entries`, interrupts by `vector`. */
void nvme_rig_start(NvmeRig *rig, uint32_t entries);
void nvme_rig_create(NvmeRig *rig, NvmeRigQueue *q, unsigned id, uint32_t entries,
                     unsigned vector);
void nvme_rig_disable(NvmeRig *rig);
uint32_t nvme_rig_csts(NvmeRig *rig);

/* An entry with its identifier set; not rung. */
uint16_t nvme_rig_put(NvmeRig *rig, NvmeRigQueue *q, NvmeSqe cmd);
void nvme_rig_ring(NvmeRig *rig, NvmeRigQueue *q);
uint16_t nvme_rig_submit(NvmeRig *rig, NvmeRigQueue *q, NvmeSqe cmd);
/* The next completion, if there is one; its head is rung. */
bool nvme_rig_reap(NvmeRig *rig, NvmeRigQueue *q, NvmeCqe *cqe);
/* One that must be there; that none is. */
NvmeCqe nvme_rig_expect(NvmeRig *rig, NvmeRigQueue *q);
void nvme_rig_expect_none(NvmeRig *rig, NvmeRigQueue *q);
/* Submits, runs, and expects the answer to this and nothing else. */
NvmeCqe nvme_rig_do(NvmeRig *rig, NvmeRigQueue *q, NvmeSqe cmd);
/* Its status without the phase, DNR and more: to be compared. */
uint16_t nvme_rig_status(NvmeRig *rig, NvmeRigQueue *q, NvmeSqe cmd);
static inline uint16_t nvme_cqe_status(NvmeCqe cqe)
{
    return le16_to_cpu(cqe.status) >> 1 & 0x7ff;
}

/* PRP1 and PRP2 for len bytes at addr, which is a page's; by a list at `list` if need be. */
void nvme_rig_prps(NvmeRig *rig, NvmeSqe *cmd, uint64_t addr, uint32_t len, uint64_t list);

/* Commands in little endian. */
NvmeSqe nvme_cmd(uint8_t opcode, uint32_t nsid);
NvmeSqe nvme_cmd_rw(uint8_t opcode, uint64_t slba, uint32_t blocks, uint64_t prp1, uint64_t prp2);
NvmeSqe nvme_cmd_create_cq(unsigned id, uint32_t entries, uint64_t addr, unsigned vector);
NvmeSqe nvme_cmd_create_sq(unsigned id, uint32_t entries, uint64_t addr, unsigned cqid);

#endif
