/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC-32C; the table is made from the polynomial on first use. */
#include "qemu/osdep.h"
#include "qemu/crc32c.h"

#define CRC32C_POLYNOMIAL 0x82f63b78u

static uint32_t crc_table[256];

static void make_table(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;

        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? CRC32C_POLYNOMIAL : 0);
        }
        crc_table[byte] = crc;
    }
}

static uint32_t update(uint32_t crc, const uint8_t *data, size_t length)
{
    static gsize made;

    if (g_once_init_enter(&made)) {
        make_table();
        g_once_init_leave(&made, 1);
    }
    for (size_t i = 0; i < length; i++) {
        crc = crc_table[(crc ^ data[i]) & 0xff] ^ crc >> 8;
    }
    return crc;
}

uint32_t crc32c(uint32_t crc, const uint8_t *data, unsigned int length)
{
    return ~update(crc, data, length);
}

uint32_t iov_crc32c(uint32_t crc, const struct iovec *iov, size_t iov_cnt)
{
    for (size_t i = 0; i < iov_cnt; i++) {
        crc = update(crc, iov[i].iov_base, iov[i].iov_len);
    }
    return ~crc;
}
