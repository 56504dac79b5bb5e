/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reply of DEVICE_GET_REGION_INFO with its capability chain and the
 * two-step rule of argsz (protocol, sections 1.3 and 3.4). Pure.
 */
#ifndef VFIO_USER_REGION_INFO_H
#define VFIO_USER_REGION_INFO_H

#include "qemu/osdep.h"
#include "vfio-user/protocol.h"

/* What a region looks like to the client; sizes in bytes. */
typedef struct VfuRegion {
    uint64_t size;              /* 0: not implemented */
    uint32_t flags;             /* VFU_REGION_F_READ | WRITE | MMAP */
    int fd;                     /* with MMAP: borrowed, sent as a duplicate */
    uint64_t offset;            /* of the region's first byte in fd */
    const VfuSparseArea *areas; /* with MMAP: none means all of it; borrowed */
    unsigned nr_areas;
} VfuRegion;

/* Most areas that one reply describes; more are not sent. */
#define VFU_SPARSE_AREAS_MAX 128
#define VFU_REGION_INFO_MAX \
    (sizeof(VfuRegionInfo) + sizeof(VfuCapSparse) + \
     VFU_SPARSE_AREAS_MAX * sizeof(VfuSparseArea))

/*
 * Writes the payload of the reply for region `index` to out, which has room
 * for VFU_REGION_INFO_MAX bytes, and returns its length. argsz is what the
 * client has room for; when that is too little the reply is the fixed struct
 * alone and says how much is needed. *with_fd: the region's fd goes with this
 * reply (only with the complete one, so that the client keeps exactly one).
 */
size_t vfu_region_info_build(void *out, const VfuRegion *region, uint32_t index,
                             uint32_t argsz, bool *with_fd);

#endif
