/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of errors that a disk may give, as people write them. */
#ifndef BLOCK_ERRNO_NAME_H
#define BLOCK_ERRNO_NAME_H

/* "ENOSPC", or a number in decimal; -1: neither. */
int errno_from_name(const char *name);

#endif
