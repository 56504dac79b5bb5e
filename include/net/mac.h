/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An Ethernet address, apart from the rest of net/ because properties know it.
 */
#ifndef NET_MAC_H
#define NET_MAC_H

typedef struct MACAddr MACAddr;

struct MACAddr {
    uint8_t a[6];       /* in the order of transmission */
};

#endif
