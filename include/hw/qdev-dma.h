/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Property for a bus address: 64 bits whatever the device.
 */
#ifndef HW_QDEV_DMA_H
#define HW_QDEV_DMA_H

#define DEFINE_PROP_DMAADDR(_n, _s, _f, _d) DEFINE_PROP_UINT64(_n, _s, _f, _d)

#endif
