/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Locks on an image as QEMU's programs take and look for them: read locks of the
 * open file description on single bytes, one for each permission bit in use, from
 * byte 100 on, and one for each that others may not use, from byte 200 on. The
 * locks go with the last descriptor.
 */
#include "qemu/osdep.h"
#include "file-int.h"
#include "qapi/error.h"

enum {
    USED_BASE = 100,
    UNSHARED_BASE = 200,
    PERM_BITS = 4,
};

static const char *const perm_names[PERM_BITS] = {
    "consistent read", "write", "write unchanged", "resize",
};

static struct flock one_byte(short type, off_t at)
{
    return (struct flock) { .l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1 };
}

/* Read locks on the bytes of all bits of perms. 0 or -errno. */
static int take(int fd, off_t base, unsigned perms)
{
    for (unsigned bit = 0; bit < PERM_BITS; bit++) {
        struct flock fl = one_byte(F_RDLCK, base + bit);

        if ((perms & 1u << bit) && fcntl(fd, F_OFD_SETLK, &fl) < 0) {
            return -errno;
        }
    }
    return 0;
}

/* Does nobody else hold one of them? The first that somebody does goes to *bit. 0 or -errno. */
static int look(int fd, off_t base, unsigned perms, unsigned *bit)
{
    for (*bit = 0; *bit < PERM_BITS; ++*bit) {
        struct flock fl = one_byte(F_WRLCK, base + *bit);

        if (!(perms & 1u << *bit)) {
            continue;
        }
        if (fcntl(fd, F_OFD_GETLK, &fl) < 0) {
            return -errno;
        }
        if (fl.l_type != F_UNLCK) {
            return -EBUSY;
        }
    }
    return 0;
}

static bool no_locks_here(int err)
{
    return err == -EINVAL || err == -ENOLCK || err == -EOPNOTSUPP || err == -ENOSYS;
}

/* Of a call that can only fail for want of locks. true: go on without. */
static bool cannot_lock(int err, const char *name, OnOffAuto locking, Error **errp)
{
    if (locking == ON_OFF_AUTO_AUTO && no_locks_here(err)) {
        return true;
    }
    error_setg_errno(errp, -err, "cannot lock '%s': use locking=off if nothing else writes to it",
                     name);
    return false;
}

static bool taken(const char *name, const char *kind, unsigned bit, Error **errp)
{
    error_setg(errp, "Failed to get %s\"%s\" lock: is another process using the image [%s]?", kind,
               perm_names[bit], name);
    return false;
}

bool file_lock(int fd, const char *name, bool read_only, bool force_share, OnOffAuto locking,
               Error **errp)
{
    unsigned used = read_only ? BLK_PERM_CONSISTENT_READ
                              : BLK_PERM_CONSISTENT_READ | BLK_PERM_WRITE | BLK_PERM_RESIZE;
    unsigned unshared = force_share ? 0 : BLK_PERM_WRITE | BLK_PERM_RESIZE;
    unsigned bit;
    int err;

    if (locking == ON_OFF_AUTO_OFF) {
        return true;
    }
    /* Ours first, then a look: of two that start at a time at least one sees the other. */
    err = take(fd, USED_BASE, used) ?: take(fd, UNSHARED_BASE, unshared);
    if (err) {
        return cannot_lock(err, name, locking, errp);
    }
    err = look(fd, UNSHARED_BASE, used, &bit);
    if (err == -EBUSY) {
        return taken(name, "", bit, errp);
    }
    err = err ?: look(fd, USED_BASE, unshared, &bit);
    if (err == -EBUSY) {
        return taken(name, "shared ", bit, errp);
    }
    return !err || cannot_lock(err, name, locking, errp);
}
