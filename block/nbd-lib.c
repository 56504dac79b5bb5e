/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See nbd-lib.h. */
#include "qemu/osdep.h"
#include <dlfcn.h>
#include "nbd-lib.h"
#include "qemu/lockable.h"

NbdLib nbd_lib;

static const struct NbdLibSymbol {
    const char *name;
    void **place;
} symbols[] = {
#define NBD_LIB_SYMBOL(name) { "nbd_" #name, (void **)&nbd_lib.name },
    NBD_LIB_FUNCTIONS(NBD_LIB_SYMBOL)
#undef NBD_LIB_SYMBOL
};

static QemuMutex lock = QEMU_MUTEX_INITIALIZER;
static bool loaded;             /* lock */

static bool resolve(void *library, Error **errp)
{
    for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
        *symbols[i].place = dlsym(library, symbols[i].name);
        if (!*symbols[i].place) {
            error_setg(errp, "nbd: libnbd is too old, it has no %s(): install libnbd0 1.14 or"
                       " newer", symbols[i].name);
            return false;
        }
    }
    return true;
}

bool nbd_lib_load(Error **errp)
{
    void *library;
    QEMU_LOCK_GUARD(&lock);

    if (loaded) {
        return true;
    }
    library = dlopen("libnbd.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        error_setg(errp, "nbd: cannot load libnbd: %s: install the package libnbd0", dlerror());
        return false;
    }
    /* Stays loaded: it has threads' data and handlers of its own. */
    loaded = resolve(library, errp);
    return loaded;
}
