/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CRCs of data protection bit by bit, as their specifications define them: what
 * tests hold the fast ones to. Written apart from hw/nvme/pi.c, on purpose.
 */
#ifndef TESTS_UNIT_HW_NVME_SLOW_PI_H
#define TESTS_UNIT_HW_NVME_SLOW_PI_H

#include <stddef.h>
#include <stdint.h>

/* T10 DIF: x^16 + x^15 + x^11 + x^9 + x^8 + x^7 + x^5 + x^4 + x^2 + x + 1, highest bit first. */
static inline uint16_t slow_crc16(uint16_t crc, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < 8 * n; i++) {
        unsigned bit = p[i / 8] >> (7 - i % 8) & 1;
        unsigned top = crc >> 15 & 1;

        crc = (uint16_t)(crc << 1);
        if (bit ^ top) {
            crc ^= 1 << 15 | 1 << 11 | 1 << 9 | 1 << 8 | 1 << 7 | 1 << 5 | 1 << 4 | 1 << 2 |
                   1 << 1 | 1;
        }
    }
    return crc;
}

/* NVMe's 64-bit guard, before the final inversion: AD93D23594C93659h, lowest bit first. */
static inline uint64_t slow_crc64(uint64_t crc, const uint8_t *p, size_t n)
{
    const uint64_t polynomial = 0xad93d23594c93659ull;

    for (size_t i = 0; i < 8 * n; i++) {
        unsigned bit = p[i / 8] >> i % 8 & 1;

        if ((crc & 1) ^ bit) {
            crc >>= 1;
            for (int k = 0; k < 64; k++) {
                crc ^= (polynomial >> k & 1) << (63 - k);
            }
        } else {
            crc >>= 1;
        }
    }
    return crc;
}

#endif
