/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of errors that a disk may give. */
#include "qemu/osdep.h"
#include "errno-name.h"
#include "qemu/cutils.h"

#define NAME(e) { #e, e }

static const struct { const char *name; int value; } names[] = {
    NAME(EACCES), NAME(EAGAIN), NAME(EBADF), NAME(EBUSY), NAME(ECANCELED), NAME(ECOMM),
    NAME(EDQUOT), NAME(EFBIG), NAME(EFAULT), NAME(EILSEQ), NAME(EINTR), NAME(EINVAL), NAME(EIO),
    NAME(ENODATA), NAME(ENODEV), NAME(ENOLINK), NAME(ENOMEDIUM), NAME(ENOMEM), NAME(ENOSPC),
    NAME(ENOSYS), NAME(ENOTCONN), NAME(ENOTSUP), NAME(ENXIO), NAME(EOPNOTSUPP), NAME(EPERM),
    NAME(EPIPE), NAME(ERANGE), NAME(EREMOTEIO), NAME(EROFS), NAME(ESHUTDOWN), NAME(ESTALE),
    NAME(ETIMEDOUT),
};

int errno_from_name(const char *name)
{
    int number;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(names[i].name, name)) {
            return names[i].value;
        }
    }
    return qemu_strtoi(name, NULL, 10, &number) == 0 ? number : -1;
}
