/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), as SCTP, iSCSI and e1000e use it. */
#ifndef QEMU_CRC32C_H
#define QEMU_CRC32C_H

#include <stddef.h>
#include <stdint.h>

struct iovec;

/* Start with 0xffffffff; the result is inverted, to be used as it is. */
uint32_t crc32c(uint32_t crc, const uint8_t *data, unsigned int length);
uint32_t iov_crc32c(uint32_t crc, const struct iovec *iov, size_t iov_cnt);

#endif
