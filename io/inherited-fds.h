/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IO_INHERITED_FDS_H
#define IO_INHERITED_FDS_H

#include <stdbool.h>

/* @fd was inherited and was not taken before; it is taken then. */
bool io_inherited_fd_take(int fd);

#endif
