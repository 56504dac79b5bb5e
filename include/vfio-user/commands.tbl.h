/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every vfio-user command, one row each: the enum, the names, the length and
 * state checks, the sweep test and the table in docs/interop come from here.
 * Include it with VFU_ROW defined; the file undefines it again.
 *
 *   VFU_ROW(name, number, sender, least, most, fds, reply_fds, states, flags)
 *
 * sender     VFU_BY_CLIENT or VFU_BY_SERVER: who may send it as a command
 * least/most payload bytes of the command; with VFU_CMD_DATA "most" grows by
 *            the receiver's max_data_xfer_size
 * fds        most file descriptors that mean something; others are closed
 * reply_fds  the same for the reply
 * states     VFU_IN_*, flags VFU_CMD_*: see vfio-user/commands.h
 *
 * GET_INFO, IRQ_INFO, IO_FDS and REGION_INFO take longer payloads than their
 * structs: clients send them with room for the reply (SPDK: 4064 bytes).
 */
VFU_ROW(VERSION,                  1, VFU_BY_CLIENT,  4, 4 + VFU_VERSION_TEXT_MAX,
                                                       0,  1, VFU_IN_NEW, 0)
VFU_ROW(DMA_MAP,                  2, VFU_BY_CLIENT, 32,   32,  1,  0, VFU_IN_READY, VFU_CMD_SERIAL)
VFU_ROW(DMA_UNMAP,                3, VFU_BY_CLIENT, 24,   40,  0,  0, VFU_IN_READY, VFU_CMD_SERIAL)
VFU_ROW(DEVICE_GET_INFO,          4, VFU_BY_CLIENT, 16, 4096,  0,  0, VFU_IN_READY,
                                                               VFU_CMD_QUESTION)
VFU_ROW(DEVICE_GET_REGION_INFO,   5, VFU_BY_CLIENT, 32, 8192,  0, 16, VFU_IN_READY,
                                                               VFU_CMD_QUESTION)
VFU_ROW(DEVICE_GET_REGION_IO_FDS, 6, VFU_BY_CLIENT, 16, 4096,  0, 16, VFU_IN_READY,
                                                               VFU_CMD_QUESTION)
VFU_ROW(DEVICE_GET_IRQ_INFO,      7, VFU_BY_CLIENT, 16, 4096,  0,  0, VFU_IN_READY,
                                                               VFU_CMD_QUESTION)
VFU_ROW(DEVICE_SET_IRQS,          8, VFU_BY_CLIENT, 20, 20 + VFU_IRQ_VECTORS_MAX,
                                                       16,  0, VFU_IN_READY, 0)
VFU_ROW(REGION_READ,              9, VFU_BY_CLIENT, 16,   16,  0,  0, VFU_IN_READY, 0)
VFU_ROW(REGION_WRITE,            10, VFU_BY_CLIENT, 16,   16,  0,  0, VFU_IN_READY, VFU_CMD_DATA)
VFU_ROW(DMA_READ,                11, VFU_BY_SERVER, 16,   16,  0,  0, VFU_IN_READY, 0)
VFU_ROW(DMA_WRITE,               12, VFU_BY_SERVER, 16,   16,  0,  0, VFU_IN_READY, VFU_CMD_DATA)
VFU_ROW(DEVICE_RESET,            13, VFU_BY_CLIENT,  0,    0,  0,  0, VFU_IN_READY, VFU_CMD_SERIAL)
VFU_ROW(DIRTY_PAGES,             14, VFU_BY_CLIENT,  8,   48,  0,  0, VFU_IN_READY, VFU_CMD_ABSENT)
VFU_ROW(REGION_WRITE_MULTI,      15, VFU_BY_CLIENT,  8,    8,  0,  0, VFU_IN_READY, VFU_CMD_DATA)
VFU_ROW(DEVICE_FEATURE,          16, VFU_BY_CLIENT,  8,    8,  0,  0, VFU_IN_READY, VFU_CMD_DATA)
VFU_ROW(MIG_DATA_READ,           17, VFU_BY_CLIENT,  8,    8,  0,  0, VFU_IN_READY, VFU_CMD_ABSENT)
VFU_ROW(MIG_DATA_WRITE,          18, VFU_BY_CLIENT,  8,    8,  0,  0, VFU_IN_READY,
                                                               VFU_CMD_DATA | VFU_CMD_ABSENT)
VFU_ROW(GET_PRECOPY_INFO,        19, VFU_BY_CLIENT,  8, 4096,  0,  0, VFU_IN_READY, VFU_CMD_ABSENT)
#undef VFU_ROW
