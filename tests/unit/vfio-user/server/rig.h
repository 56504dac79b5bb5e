/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server with a made-up device on a thread of its own, and a raw client in
 * the test's thread. The client builds every byte itself: nothing of the
 * client library is used, so both halves cannot agree on a mistake.
 *
 * The device: BAR0 4 KiB read/write memory; BAR1 64 bytes read-only; BAR2 a
 * file that can be mapped, with two areas; CONFIG 256 bytes. INTx, 8 MSI-X, ERR.
 * Offsets of BAR0 with a meaning, on a write of 4 bytes:
 *   RIG_PEND     the operation is pending until the test completes it
 *   RIG_SLEEP    it suspends until rig_wake()
 *   RIG_EARLY    it answers early, then suspends
 *   RIG_FAIL     it fails with the errno written
 *   RIG_CLOSE    it closes the session
 *   RIG_WAIT_DMA it reads 8 bytes of client memory at 0x1000 and waits for them
 */
#ifndef TEST_VFIO_USER_RIG_H
#define TEST_VFIO_USER_RIG_H

#include "qemu/osdep.h"
#include <sys/socket.h>
#include "block/aio.h"
#include "vfio-user/server.h"
#include "tests/unit/helpers.h"

enum {
    RIG_PEND = 0x800, RIG_SLEEP = 0x804, RIG_EARLY = 0x808, RIG_FAIL = 0x80c,
    RIG_CLOSE = 0x810, RIG_WAIT_DMA = 0x814,
};

#define RIG_REQUESTS 64

typedef struct Rig {
    AioContext *ctx;
    VfuServerConfig config;
    VfuDeviceOps ops;           /* a copy: tune() may set up more */
    VfuServer *server;
    char *dir, *path;
    unsigned fds_before;

    /* the device; protected by ctx */
    VfuSession *session;        /* between attached() and detached() */
    uint8_t bar0[4096];
    int bar2_fd;
    bool not_ready;             /* with RIG_WAITING: for a new client */
    unsigned begun, ended, turned;          /* stand-ins */
    unsigned attached, detached, resets, maps, unmaps, writes, reads, set_irqs;
    VfuCloseReason reason;
    unsigned faults;
    char *last_fault;
    VfuDmaMap last_map;
    int map_error;
    unsigned map_fds;
    uint8_t last_bools[32];
    unsigned set_fds;
    bool pend_unmap, pend_reset;
    VfuRequest *pending[RIG_REQUESTS];
    unsigned nr_pending;
    AioWaiter *sleepers[RIG_REQUESTS];
    unsigned nr_sleepers;
    uint32_t order[256];        /* values written to BAR0 offset 0, in order of arrival */
    unsigned nr_order;
    int feature_error;
    bool current_ok;            /* vfu_request_current() was right in every operation */
    uint64_t dma_value;         /* what RIG_WAIT_DMA got */
    int dma_err;
    unsigned dma_done;
    VfuSetIrqs last_set;        /* last: it could be longer, elsewhere */
} Rig;

/* Starts with the defaults; `tune` may change the configuration first. */
Rig *rig_new(void (*tune)(VfuServerConfig *config));
/*
 * The same, with a place for the next client. Its stand-in maps, resets and sets
 * interrupts without effect on the counters, reads config space as 0x77 and keeps
 * writes to it to itself; all other accesses wait.
 */
Rig *rig_new_waiting(void (*tune)(VfuServerConfig *config));
/* Frees everything and checks that no fd is left. */
void rig_free(Rig *rig);
/* Wakes every operation that sleeps. */
void rig_wake(Rig *rig);
/* Completes every pending request. */
void rig_complete(Rig *rig, int err);
/* Waits (5 s at most) until *counter, read under the lock, is at least value. */
void rig_await(Rig *rig, const unsigned *counter, unsigned value);

/* --- the client --- */

typedef struct Reply {
    VfuHeader header;
    uint8_t *payload;           /* header.size - 16 bytes */
    size_t len;
    unsigned nr_fds;
    int fds[16];
} Reply;

int client_connect(Rig *rig);
void client_send_raw(int fd, const void *bytes, size_t len, const int *fds, unsigned nr_fds);
void client_send(int fd, uint16_t id, uint16_t command, uint32_t flags, const void *payload,
                 size_t len, const int *fds, unsigned nr_fds);
/* Receives one message of the server; false at the end of the stream. */
bool client_receive(int fd, Reply *reply);
void reply_clear(Reply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reply, reply_clear)
/* Sends a command, receives its reply, checks the echo; returns errno of the reply. */
int client_call(int fd, uint16_t command, const void *payload, size_t len, const int *fds,
                unsigned nr_fds, Reply *reply);
/* VERSION as QEMU sends it; asserts success. */
void client_hello(int fd);
int client_connect_ready(Rig *rig);
int client_write(int fd, uint64_t offset, uint32_t value);
/* Of 0; the answer is left to be received. */
void client_send_write(int fd, uint16_t id, uint64_t offset);
void client_post(int fd, uint64_t offset, uint32_t value);
uint32_t client_read(int fd, uint64_t offset);
/* The server has closed the connection (waits for it). */
void client_expect_eof(int fd);
/* Nothing comes for `ms` milliseconds. */
void client_expect_silence(int fd, int ms);

#endif
