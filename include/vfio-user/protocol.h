/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vfio-user wire format: numbers and layouts, nothing that acts.
 *
 * All integers are in host byte order (both ends run on one host) and lie at
 * their natural alignment. Sizes and offsets count from the first byte of the
 * payload, which follows the 16-byte header. docs/interop/vfio-user.rst says
 * which parts of the protocol are served and how.
 */
#ifndef VFIO_USER_PROTOCOL_H
#define VFIO_USER_PROTOCOL_H

#include <assert.h>
#include <stdint.h>

#define VFU_MAJOR 0
#define VFU_MINOR_MAX 1

/* Longest JSON text of a VERSION message, with its NUL. */
#define VFU_VERSION_TEXT_MAX 8192
/* Most vectors an interrupt index may have (MSI-X: 2048). */
#define VFU_IRQ_VECTORS_MAX 2048
/* What we accept with one message, whatever was advertised. */
#define VFU_MSG_FDS_MAX 16
#define VFU_DATA_XFER_MIN 512u
#define VFU_DATA_XFER_DEFAULT (1u << 20)
#define VFU_DATA_XFER_MAX (64u << 20)
#define VFU_DMA_MAPS_DEFAULT 65535u
#define VFU_PGSIZES_DEFAULT 4096u

/* VFU_VERSION = 1, VFU_DMA_MAP = 2 ...: commands.tbl.h holds their rules too. */
typedef enum VfuCommand {
#define VFU_ROW(name, number, ...) VFU_ ## name = number,
#include "vfio-user/commands.tbl.h"
    VFU_COMMAND_COUNT           /* one above the highest number */
} VfuCommand;

#define VFU_TYPE_MASK   0x0fu
#define VFU_TYPE_COMMAND 0u
#define VFU_TYPE_REPLY   1u
#define VFU_NO_REPLY    0x10u
#define VFU_ERROR       0x20u

typedef struct VfuHeader {
    uint16_t id;
    uint16_t command;
    uint32_t size;              /* with this header */
    uint32_t flags;
    uint32_t error;             /* errno, valid with VFU_ERROR */
} VfuHeader;

typedef struct VfuVersion {
    uint16_t major;
    uint16_t minor;
    /* optional JSON text with its NUL follows */
} VfuVersion;

#define VFU_DMA_F_READ    0x1u
#define VFU_DMA_F_WRITE   0x2u
#define VFU_DMA_F_MMAP    0x4u
#define VFU_DMA_F_FILE_IO 0x8u

typedef struct VfuDmaMap {
    uint32_t argsz;
    uint32_t flags;
    uint64_t offset;            /* into the passed file */
    uint64_t address;           /* IOVA */
    uint64_t size;
} VfuDmaMap;

#define VFU_UNMAP_F_DIRTY 0x1u
#define VFU_UNMAP_F_ALL   0x2u

typedef struct VfuDmaUnmap {
    uint32_t argsz;
    uint32_t flags;
    uint64_t address;
    uint64_t size;
} VfuDmaUnmap;

#define VFU_DEVICE_F_RESET 0x1u
#define VFU_DEVICE_F_PCI   0x2u

typedef struct VfuDeviceInfo {
    uint32_t argsz;
    uint32_t flags;
    uint32_t num_regions;
    uint32_t num_irqs;
} VfuDeviceInfo;

#define VFU_REGION_F_READ  0x1u
#define VFU_REGION_F_WRITE 0x2u
#define VFU_REGION_F_MMAP  0x4u
#define VFU_REGION_F_CAPS  0x8u

typedef struct VfuRegionInfo {
    uint32_t argsz;
    uint32_t flags;
    uint32_t index;
    uint32_t cap_offset;        /* from the start of this struct, 0: none */
    uint64_t size;
    uint64_t offset;            /* file offset for mmap of the passed fd */
} VfuRegionInfo;

#define VFU_CAP_SPARSE_MMAP   1
#define VFU_CAP_TYPE          2
#define VFU_CAP_MSIX_MAPPABLE 3

typedef struct VfuCapHeader {
    uint16_t id;
    uint16_t version;
    uint32_t next;
} VfuCapHeader;

typedef struct VfuSparseArea {
    uint64_t offset;            /* within the region */
    uint64_t size;
} VfuSparseArea;

typedef struct VfuCapSparse {
    VfuCapHeader header;
    uint32_t nr_areas;
    uint32_t reserved;
    VfuSparseArea areas[];
} VfuCapSparse;

typedef struct VfuRegionIoFds {
    uint32_t argsz;
    uint32_t flags;
    uint32_t index;
    uint32_t count;
} VfuRegionIoFds;

/* type 0 of GET_REGION_IO_FDS: ioeventfd, 40 bytes as in the specification */
typedef struct VfuIoEventFd {
    uint64_t offset;
    uint64_t size;
    uint32_t fd_index;
    uint32_t type;
    uint32_t flags;             /* bit 0: datamatch is valid */
    uint32_t padding;
    uint64_t datamatch;
} VfuIoEventFd;

/* PCI: fixed region and interrupt indices */
enum {
    VFU_REGION_BAR0 = 0, VFU_REGION_BAR5 = 5, VFU_REGION_ROM = 6,
    VFU_REGION_CONFIG = 7, VFU_REGION_VGA = 8, VFU_NUM_REGIONS = 9,
};
enum {
    VFU_IRQ_INTX = 0, VFU_IRQ_MSI = 1, VFU_IRQ_MSIX = 2, VFU_IRQ_ERR = 3,
    VFU_IRQ_REQ = 4, VFU_NUM_IRQS = 5,
};

#define VFU_IRQ_F_EVENTFD    0x1u
#define VFU_IRQ_F_MASKABLE   0x2u
#define VFU_IRQ_F_AUTOMASKED 0x4u
#define VFU_IRQ_F_NORESIZE   0x8u

typedef struct VfuIrqInfo {
    uint32_t argsz;
    uint32_t flags;
    uint32_t index;
    uint32_t count;
} VfuIrqInfo;

#define VFU_SET_DATA_NONE      0x01u
#define VFU_SET_DATA_BOOL      0x02u
#define VFU_SET_DATA_EVENTFD   0x04u
#define VFU_SET_ACTION_MASK    0x08u
#define VFU_SET_ACTION_UNMASK  0x10u
#define VFU_SET_ACTION_TRIGGER 0x20u

typedef struct VfuSetIrqs {
    uint32_t argsz;
    uint32_t flags;
    uint32_t index;
    uint32_t start;
    uint32_t count;
    uint8_t bools[];            /* DATA_BOOL: count bytes */
} VfuSetIrqs;

typedef struct VfuRegionAccess {
    uint64_t offset;
    uint32_t region;
    uint32_t count;
    uint8_t data[];
} VfuRegionAccess;

typedef struct VfuWriteMultiEntry {
    uint64_t offset;
    uint32_t region;
    uint32_t count;             /* 1..8 */
    uint8_t data[8];
} VfuWriteMultiEntry;

typedef struct VfuWriteMulti {
    uint64_t wr_cnt;
    VfuWriteMultiEntry entries[];
} VfuWriteMulti;

typedef struct VfuDmaAccess {
    uint64_t address;
    uint64_t count;
    uint8_t data[];
} VfuDmaAccess;

#define VFU_FEATURE_MASK  0xffffu
#define VFU_FEATURE_GET   0x10000u
#define VFU_FEATURE_SET   0x20000u
#define VFU_FEATURE_PROBE 0x40000u

typedef struct VfuDeviceFeature {
    uint32_t argsz;
    uint32_t flags;
    uint8_t data[];
} VfuDeviceFeature;

typedef struct VfuMigData {
    uint32_t argsz;
    uint32_t size;
    uint8_t data[];
} VfuMigData;

#define VFU_FEATURE_MIGRATION          1
#define VFU_FEATURE_MIG_DEVICE_STATE   2
#define VFU_FEATURE_DMA_LOGGING_START  6
#define VFU_FEATURE_DMA_LOGGING_STOP   7
#define VFU_FEATURE_DMA_LOGGING_REPORT 8

typedef struct VfuLoggingRange {
    uint64_t iova;
    uint64_t length;
} VfuLoggingRange;

typedef struct VfuLoggingStart {
    uint64_t page_size;
    uint32_t num_ranges;        /* 0: everything */
    uint32_t reserved;
    VfuLoggingRange ranges[];
} VfuLoggingStart;

typedef struct VfuLoggingReport {
    uint64_t iova;
    uint64_t length;
    uint64_t page_size;
    uint64_t bitmap[];          /* reply only */
} VfuLoggingReport;

#define VFU_LAYOUT(type, bytes) \
    static_assert(sizeof(type) == (bytes), #type " is part of the wire format")
VFU_LAYOUT(VfuHeader, 16);
VFU_LAYOUT(VfuVersion, 4);
VFU_LAYOUT(VfuDmaMap, 32);
VFU_LAYOUT(VfuDmaUnmap, 24);
VFU_LAYOUT(VfuDeviceInfo, 16);
VFU_LAYOUT(VfuRegionInfo, 32);
VFU_LAYOUT(VfuCapHeader, 8);
VFU_LAYOUT(VfuCapSparse, 16);
VFU_LAYOUT(VfuSparseArea, 16);
VFU_LAYOUT(VfuRegionIoFds, 16);
VFU_LAYOUT(VfuIoEventFd, 40);
VFU_LAYOUT(VfuIrqInfo, 16);
VFU_LAYOUT(VfuSetIrqs, 20);
VFU_LAYOUT(VfuRegionAccess, 16);
VFU_LAYOUT(VfuWriteMultiEntry, 24);
VFU_LAYOUT(VfuWriteMulti, 8);
VFU_LAYOUT(VfuDmaAccess, 16);
VFU_LAYOUT(VfuDeviceFeature, 8);
VFU_LAYOUT(VfuMigData, 8);
VFU_LAYOUT(VfuLoggingStart, 16);
VFU_LAYOUT(VfuLoggingReport, 24);
#undef VFU_LAYOUT

#endif
