/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A userspace NVMe driver over the QosBus: queues of any size, commands as they
 * are, completion by polling or by interrupt.
 *
 * Nothing here checks what a test wants to be wrong: entries go out as the test
 * has made them. What a correct controller never does (an entry for no command,
 * a head that is nowhere, a wrong queue) ends the test.
 *
 * Memory of the driver's own is at QN_POOL of the device's address space; a test
 * lends more below, and the pool is given out page by page until it is emptied.
 */
#ifndef TESTS_LIBQOS_NVME_H
#define TESTS_LIBQOS_NVME_H

#include "nvme-spec.h"
#include "qemu/bswap.h"
#include "qos.h"

#define QN_POOL 0x280000u
#define QN_POOL_SIZE 0x580000u
/* Lent by nobody, on both buses. */
#define QN_NOWHERE 0x900000u
#define QN_PAGE 4096u

/* --- what the program is started with --- */

typedef enum QNMedium {
    QN_MEDIUM_NONE,             /* ends the array */
    QN_MEDIUM_FILE,             /* 16 MiB that start as zeroes */
    QN_MEDIUM_NULL,             /* 1 GiB that read as zeroes */
    QN_MEDIUM_SLOW,             /* the same, 0.1 s for each request */
    QN_MEDIUM_HELD,             /* a file; requests stay until qn_release() */
    QN_MEDIUM_BROKEN,           /* a file; every request fails with EIO */
} QNMedium;

#define QN_FILE_SIZE (16u << 20)
#define QN_MAX_DISKS 4

/* Namespace i + 1 is disk i: node "diski"; QosDriver.rig points here. */
typedef struct QNRig {
    const char *controller;     /* ",x=y" of the controller; may be NULL */
    struct {
        QNMedium medium;
        const char *options;    /* ",x=y" of the namespace; NULL: drive= on the controller */
    } disk[QN_MAX_DISKS];
    const char *server;         /* ",x=y" of the vfio-user server; may be NULL */
} QNRig;

extern const QosDriver qos_nvme;

/* --- the controller --- */

typedef struct QNCq {
    uint16_t id, vector;
    uint32_t size, head;
    uint64_t iova;
    uint16_t phase;             /* that new entries have */
    bool irq;
} QNCq;

typedef struct QNSq {
    uint16_t id;
    uint32_t size, tail, head;  /* head: as completions tell it */
    uint64_t iova;
    QNCq *cq;
} QNSq;

typedef struct QNvme {
    QosDevice *d;
    uint64_t cap;
    unsigned stride;            /* of doorbells, bytes */
    uint64_t next;              /* of the pool */
    bool lent;
    QosLend lend;               /* how the pool is lent: set before qn_start() */
    volatile uint8_t *doorbells;        /* mapped, or NULL */
    uint16_t cid;
    char *files;                /* a folder, NULL: none */
    QNCq admin_cq, cq;          /* cq and sq: the first pair for I/O */
    QNSq admin, sq;
} QNvme;

/* The driver's state, made when it is wanted for the first time. */
QNvme *qn_of(QosDevice *d);

/* Everything: off, on with default settings and one pair of 64 entries (vector 0, IEN). */
void qn_start(QNvme *n);
/* CC.EN = 0 and its end. */
void qn_disable(QNvme *n);
/* Admin queues of so many entries, then CC = EN | cc and CSTS.RDY; false: it does not come. */
bool qn_enable(QNvme *n, uint32_t sq_size, uint32_t cq_size, uint32_t cc);
/* CC as Linux has it: 64 and 16 byte entries, pages of 4 KiB, NVM command set. */
#define QN_CC_DEFAULT (6u << QN_CC_IOSQES | 4u << QN_CC_IOCQES)
/* Doorbells go to the mapped page from now on; false: it is not offered. */
bool qn_map_doorbells(QNvme *n);

/* Whole pages of the pool, zeroed. */
uint64_t qn_alloc(QNvme *n, size_t size);
/* As if nothing had been given out since the mark was `next`. */
void qn_rewind(QNvme *n, uint64_t mark);

/* --- queues --- */

void qn_doorbell(QNvme *n, unsigned id, bool cq, uint32_t value);
/* By the admin queue; both assert success. irq -1: polled. */
void qn_create_cq(QNvme *n, QNCq *cq, uint16_t id, uint32_t size, int irq);
void qn_create_sq(QNvme *n, QNSq *sq, uint16_t id, uint32_t size, QNCq *cq);
void qn_delete_sq(QNvme *n, QNSq *sq);
void qn_delete_cq(QNvme *n, QNCq *cq);

/* Writes an entry at the tail, with an identifier of our own, and moves the tail. */
uint16_t qn_put(QNvme *n, QNSq *sq, const QNSqe *cmd);
/* The same with cmd->cid. */
void qn_put_as_is(QNvme *n, QNSq *sq, const QNSqe *cmd);
void qn_ring(QNvme *n, QNSq *sq);
uint16_t qn_submit(QNvme *n, QNSq *sq, const QNSqe *cmd);       /* put and ring */
/* Takes an entry if there is one; the controller is not told. */
bool qn_reap(QNvme *n, QNCq *cq, QNCqe *cqe);
void qn_ack(QNvme *n, QNCq *cq);
/* Reap and ack, waiting; false: nothing came. */
bool qn_wait(QNvme *n, QNCq *cq, QNCqe *cqe, double seconds);
/* Status of an entry without phase, retry delay, more and DNR. */
uint16_t qn_status(const QNCqe *cqe);

/* Submits and waits for this command's end, the only one under way there; QN_LATE: none. */
uint16_t qn_do(QNvme *n, QNSq *sq, const QNSqe *cmd, QNCqe *cqe);
#define QN_SECONDS 10.0

/* --- data --- */

/*
 * PRPs for [iova, iova + (len - 1)], with lists from the pool when needed; or one SGL
 * data block.
 */
void qn_prp(QNvme *n, QNSqe *cmd, uint64_t iova, size_t len);
void qn_sgl_inline(QNSqe *cmd, uint8_t type, uint64_t iova, uint32_t len);
/* A segment of `count` descriptors is written to memory. */
void qn_sgl_write(QNvme *n, uint64_t iova, const QNSgl *sgl, unsigned count);

/* Read, write and the like: NVM command set 3.2; blocks counted from 1. */
QNSqe qn_rw(uint8_t opcode, uint32_t nsid, uint64_t lba, unsigned blocks);
/* Data of one command by PRP; the status. */
uint16_t qn_io(QNvme *n, uint8_t opcode, uint32_t nsid, uint64_t lba, unsigned blocks,
               uint64_t iova, size_t len);
/* Bytes that tell where they belong. */
void qn_pattern(void *data, size_t len, unsigned seed);

/* --- admin --- */

/* 4 KiB; the status. */
uint16_t qn_identify(QNvme *n, uint8_t cns, uint32_t nsid, void *data);
uint16_t qn_get_log(QNvme *n, uint8_t page, uint32_t nsid, void *data, size_t len);
uint16_t qn_set_feature(QNvme *n, uint8_t feature, uint32_t value, uint32_t *result);
uint16_t qn_get_feature(QNvme *n, uint8_t feature, uint32_t *result);

/* --- the medium --- */

/* Requests of a held medium are kept, or let go (those that are there, and new ones). */
void qn_hold(QNvme *n, unsigned disk, bool on);
/* How many it keeps; and waiting for so many, which has to succeed. */
unsigned qn_held(QNvme *n, unsigned disk);
void qn_wait_held(QNvme *n, unsigned disk, unsigned count);

#endif
