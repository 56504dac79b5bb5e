/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that the operator gives (id=...), and names that we make where none was given. */
#ifndef QEMU_ID_H
#define QEMU_ID_H

#include <stdbool.h>

typedef enum IdSubSystems {
    ID_QDEV,
    ID_BLOCK,
    ID_CHR,
    ID_NET,
    ID_MAX
} IdSubSystems;

/* "#block123": cannot collide with an operator's id. The caller frees. */
char *id_generate(IdSubSystems id);
/* A letter, then letters, digits, '-', '.', '_'. */
bool id_wellformed(const char *id);

#endif
