/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device that touches every byte that it is given, for the fuzzers: what a
 * validated command promises is checked here by assertions and sanitizers.
 */
#ifndef TESTS_FUZZ_DEVICE_H
#define TESTS_FUZZ_DEVICE_H

#include "qemu/osdep.h"
#include "vfio-user/server.h"

#define FUZZ_PENDING 16

typedef struct FuzzDevice {
    VfuSession *session;
    VfuRequest *pending[FUZZ_PENDING];
    unsigned nr_pending;
    int fd;                     /* of the region that can be mapped */
    unsigned in_dma;
    bool busy;                  /* clients have to wait for their turn */
    unsigned stand_ins;
    uint32_t sum;               /* of all bytes read, so that reading is not optimised away */
} FuzzDevice;

extern const VfuDeviceOps fuzz_device_ops;
/* Ends one pending request; false when there is none. */
bool fuzz_device_complete(FuzzDevice *dev, int err);

#endif
