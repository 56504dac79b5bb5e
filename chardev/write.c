/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output of a Chardev: the log file, and what waits for room. */
#include "qemu/osdep.h"
#include "internal.h"

static void copy_to_log(Chardev *chr, const uint8_t *buf, int len)
{
    /* Nobody could act on a log that is full. */
    if (chr->logfd >= 0 && len > 0 && qemu_write_full(chr->logfd, buf, len) < 0) {
        close(g_steal_fd(&chr->logfd));
    }
}

static int write_now(Chardev *chr, const uint8_t *buf, int len)
{
    ChardevClass *cc = CHARDEV_GET_CLASS(chr);
    int done = cc->chr_write ? 0 : len;

    while (done < len) {
        int n = cc->chr_write(chr, buf + done, len - done);

        if (n <= 0) {
            return done ?: n;
        }
        done += n;
    }
    return done;
}

bool chardev_has_held(Chardev *chr)
{
    return chr->held->len > 0;
}

bool chardev_flush_held(Chardev *chr)
{
    if (chr->held->len) {
        int n = write_now(chr, chr->held->data, chr->held->len);

        if (n > 0) {
            g_byte_array_remove_range(chr->held, 0, n);
        } else if (n < 0 && errno != EAGAIN) {
            g_byte_array_set_size(chr->held, 0);
        }
    }
    return !chr->held->len;
}

/* How many of the bytes that had no room are kept for later. */
static int hold(Chardev *chr, const uint8_t *buf, int len)
{
    int n = MIN(len, CHARDEV_HELD_MAX - (int)chr->held->len);

    g_byte_array_append(chr->held, buf, n);
    return n;
}

int chardev_write(Chardev *chr, const uint8_t *buf, int len, bool all)
{
    int n;

    if (chardev_flush_held(chr)) {
        n = write_now(chr, buf, len);
    } else {
        errno = EAGAIN;
        n = -1;
    }
    if (all && n < len && (n >= 0 || errno == EAGAIN)) {
        int kept = hold(chr, buf + MAX(n, 0), len - MAX(n, 0));

        n = kept || n > 0 ? MAX(n, 0) + kept : -1;
        chardev_update(chr);
        errno = EAGAIN;
    }
    copy_to_log(chr, buf, n);
    return n;
}
