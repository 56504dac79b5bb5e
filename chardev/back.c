/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls of back ends: what they have for the front end. */
#include "qemu/osdep.h"
#include "internal.h"

int qemu_chr_be_can_write(Chardev *s)
{
    CharBackend *be = chardev_listener(s);
    int n = be && be->chr_can_read ? be->chr_can_read(be->opaque) : 0;

    return MAX(n, 0);
}

void qemu_chr_be_write(Chardev *s, const uint8_t *buf, int len)
{
    CharBackend *be = chardev_listener(s);

    if (be && be->chr_read && len > 0) {
        be->chr_read(be->opaque, buf, len);
    }
}

void qemu_chr_be_event(Chardev *s, QEMUChrEvent event)
{
    CharBackend *be = chardev_listener(s);

    if (event == CHR_EVENT_OPENED) {
        s->be_open = 1;
    } else if (event == CHR_EVENT_CLOSED) {
        s->be_open = 0;
    }
    if (be && be->chr_event) {
        be->chr_event(be->opaque, event);
    }
}

bool qemu_chr_has_feature(Chardev *chr, ChardevFeature feature)
{
    return chr->features & (1u << feature);
}

void qemu_chr_set_feature(Chardev *chr, ChardevFeature feature)
{
    chr->features |= 1u << feature;
}

int qemu_chr_write(Chardev *s, const uint8_t *buf, int len, bool write_all)
{
    g_auto(ChardevVisit) visit = chardev_visit_begin(s);

    if (!visit.chr) {
        errno = EAGAIN;
        return -1;
    }
    return len > 0 ? chardev_write(s, buf, len, write_all) : 0;
}

int qemu_chr_add_client(Chardev *s, int fd)
{
    g_auto(ChardevVisit) visit = chardev_visit_begin(s);

    return visit.chr && CHARDEV_GET_CLASS(s)->chr_add_client ?
           CHARDEV_GET_CLASS(s)->chr_add_client(s, fd) : -1;
}

int qemu_chr_wait_connected(Chardev *chr, Error **errp)
{
    g_auto(ChardevVisit) visit = chardev_visit_begin(chr);

    return visit.chr && CHARDEV_GET_CLASS(chr)->chr_wait_connected ?
           CHARDEV_GET_CLASS(chr)->chr_wait_connected(chr, errp) : 0;
}
