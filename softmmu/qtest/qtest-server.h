/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The qtest server: a test program drives this process by lines of text, see
 * docs/devel/qtest.rst.
 *
 * Two things are independent of each other. A server (-qtest) answers one
 * client at a time. The accelerator (-accel qtest) makes the world that a test
 * wants: a clock that only the test moves, and for each isolation domain some
 * RAM, which functions that no client is served with reach by DMA.
 *
 * Locking: all of it belongs to the main context, except for what domain.h and
 * irq.h say. Lock order: main context, a domain's, then the leaves in here.
 */
#ifndef SOFTMMU_QTEST_SERVER_H
#define SOFTMMU_QTEST_SERVER_H

#include "io/address.h"
#include "qapi/error.h"

#define QTEST_RAM_DEFAULT (64 * 1024 * 1024)

typedef struct QtestConfig {
    const char *chardev;    /* id of a -chardev, or NULL */
    IOAddress addr;         /* else; both absent: no server */
    bool listen;            /* else it connects to a test that listens */
    const char *log;        /* file; "none"; NULL: stderr */
    bool accel;
    uint64_t ram_size;      /* bytes for each domain; 0: the default */
} QtestConfig;

/* Before the first device exists. Listens, but answers nobody yet. */
bool qtest_init(const QtestConfig *config, Error **errp);
/* All devices of the command line exist. */
void qtest_start(void);
/* After the last device has gone. */
void qtest_cleanup(void);

#endif
