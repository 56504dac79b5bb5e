/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRC-64/NVME, the wide guard of pi.h. Eight bytes a step: table k holds what a byte
 * becomes that has k more bytes behind it, so the eight look-ups of a step are
 * independent of each other. No library of Debian 12 has this polynomial.
 */
#include "qemu/osdep.h"
#include "hw/nvme/pi.h"

#define POLYNOMIAL 0x9a6c9329ac4bc9b5ull        /* ad93d23594c93659h, lowest bit first */

static uint64_t table[8][256];

static void __attribute__((constructor)) fill_tables(void)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        uint64_t crc = byte;

        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
        }
        table[0][byte] = crc;
    }
    for (unsigned byte = 0; byte < 256; byte++) {
        for (int k = 1; k < 8; k++) {
            table[k][byte] = table[k - 1][byte] >> 8 ^ table[0][table[k - 1][byte] & 0xff];
        }
    }
}

uint64_t nvme_crc64(uint64_t crc, const void *buf, size_t length)
{
    const uint8_t *p = buf;

    for (; length >= 8; length -= 8, p += 8) {
        uint64_t word = crc ^ ldq_le_p(p);

        crc = 0;
        for (int k = 0; k < 8; k++) {
            crc ^= table[7 - k][word >> 8 * k & 0xff];
        }
    }
    for (; length; length--, p++) {
        crc = crc >> 8 ^ table[0][(crc ^ *p) & 0xff];
    }
    return crc;
}
