/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration files of both kinds: the first byte says which. They are read
 * as at the start of the program; nothing is made of what they say.
 */
#include "qemu/osdep.h"
#include "softmmu/startup/config-file.h"

#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(StartupConfig) config = startup_config_new();
    g_autofree char *path = NULL;
    Error *err = NULL;
    bool ok;
    int fd;

    if (size < 1) {
        return 0;
    }
    fd = memfd_create("config", MFD_CLOEXEC);
    g_assert(fd >= 0 && write(fd, data + 1, size - 1) == size - 1);
    path = g_strdup_printf("/proc/self/fd/%d", fd);
    ok = (data[0] & 1 ? option_readconfig : option_config)(config, path, &err);
    g_assert(ok == !err);
    error_free(err);
    loc_set_none();
    close(fd);
    return 0;
}
