/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page size of the machines behind the clients: x86, so 4 KiB. It says
 * nothing about this host, for which see qemu_real_host_page_size().
 */
#ifndef EXEC_TARGET_PAGE_H
#define EXEC_TARGET_PAGE_H

#define TARGET_PAGE_BITS 12
#define TARGET_PAGE_SIZE (1 << TARGET_PAGE_BITS)
#define TARGET_PAGE_MASK (~(int64_t)(TARGET_PAGE_SIZE - 1))
#define TARGET_PAGE_ALIGN(addr) ROUND_UP((addr), TARGET_PAGE_SIZE)

static inline size_t qemu_target_page_size(void)
{
    return TARGET_PAGE_SIZE;
}

static inline int qemu_target_page_mask(void)
{
    return TARGET_PAGE_MASK;
}

static inline int qemu_target_page_bits(void)
{
    return TARGET_PAGE_BITS;
}

#endif
