/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pty: a pseudo terminal, whose other end any terminal program opens.
 *
 * While nobody has it open, its descriptor reports a hang-up for ever, so it
 * cannot be waited on; and looking from time to time would wake an idle
 * process. inotify tells when the other end's file is opened.
 */
#include "qemu/osdep.h"
#include "stream.h"

#include <poll.h>
#include <sys/inotify.h>
#include <termios.h>

typedef struct ChardevPty {
    ChardevStream parent_obj;

    int master;             /* a channel has a duplicate while somebody is there */
    int notify;             /* inotify */
} ChardevPty;

DECLARE_INSTANCE_CHECKER(ChardevPty, CHARDEV_PTY, TYPE_CHARDEV_PTY)

static const ChardevOption pty_options[] = { CHARDEV_COMMON_OPTIONS, { NULL } };

static bool somebody_there(const ChardevPty *pty)
{
    struct pollfd pfd = { .fd = pty->master };

    return poll(&pfd, 1, 0) >= 0 && !(pfd.revents & POLLHUP);
}

static void look_for_peer(ChardevPty *pty)
{
    Chardev *chr = CHARDEV(pty);
    int fd;

    if (CHARDEV_STREAM(pty)->ch || !somebody_there(pty)) {
        return;
    }
    fd = qemu_dup(pty->master);
    if (fd < 0) {
        return;
    }
    object_ref(pty);
    chardev_stream_set_channel(CHARDEV_STREAM(pty), io_channel_fd_new(fd, fd));
    qemu_chr_be_event(chr, CHR_EVENT_OPENED);
    chardev_update(chr);
    object_unref(pty);
}

static void was_opened(void *opaque)
{
    ChardevPty *pty = opaque;
    char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

    while (read(pty->notify, buf, sizeof(buf)) > 0) {
        /* one answer to all of them */
    }
    look_for_peer(pty);
}

static void pty_end(ChardevStream *s, int err)
{
    Chardev *chr = CHARDEV(s);

    chardev_stream_set_channel(s, NULL);
    chr->be_open = 0;
    chardev_hung_up(chr);
    if (!s->ch) {
        qemu_chr_be_event(chr, CHR_EVENT_CLOSED);
    }
    /* The next one may have come before the last one's end was seen. */
    look_for_peer(CHARDEV_PTY(s));
}

static void set_raw(int fd)
{
    struct termios tty;

    if (tcgetattr(fd, &tty) == 0) {
        cfmakeraw(&tty);
        tcsetattr(fd, TCSANOW, &tty);
    }
}

static bool watch_file(ChardevPty *pty, const char *path, Error **errp)
{
    int here;

    /* A terminal that was never open reports no hang-up: open it once. */
    here = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (here >= 0) {
        set_raw(here);
        close(here);
    }
    pty->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (here < 0 || pty->notify < 0 || inotify_add_watch(pty->notify, path, IN_OPEN) < 0) {
        error_setg_errno(errp, errno, "cannot watch the pseudo terminal %s", path);
        return false;
    }
    return true;
}

static void watch(ChardevPty *pty)
{
    aio_set_fd_handler(CHARDEV(pty)->ctx, pty->notify, was_opened, NULL, NULL, NULL, pty);
}

static void unwatch(ChardevPty *pty)
{
    if (pty->notify >= 0) {
        aio_set_fd_handler(CHARDEV(pty)->ctx, pty->notify, NULL, NULL, NULL, NULL, NULL);
    }
}

static void pty_open(Chardev *chr, ChardevBackend *backend, bool *be_opened, Error **errp)
{
    ChardevPty *pty = CHARDEV_PTY(chr);
    char path[64];

    pty->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pty->master < 0 || grantpt(pty->master) < 0 || unlockpt(pty->master) < 0 ||
        ptsname_r(pty->master, path, sizeof(path))) {
        error_setg_errno(errp, errno, "Failed to create PTY");
        return;
    }
    if (!watch_file(pty, path, errp)) {
        return;
    }
    chr->filename = g_strconcat("pty:", path, NULL);
    *be_opened = false;
    watch(pty);
}

static void pty_detach(Chardev *chr)
{
    chardev_stream_detach(chr);
    unwatch(CHARDEV_PTY(chr));
}

static void pty_attach(Chardev *chr)
{
    chardev_stream_attach(chr);
    watch(CHARDEV_PTY(chr));
}

static void pty_init(Object *obj)
{
    CHARDEV_PTY(obj)->master = -1;
    CHARDEV_PTY(obj)->notify = -1;
}

static void pty_finalize(Object *obj)
{
    ChardevPty *pty = CHARDEV_PTY(obj);

    unwatch(pty);
    owned_fd_clear(&pty->notify);
    owned_fd_clear(&pty->master);
}

static void pty_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->internal = false;
    cc->options = pty_options;
    cc->open = pty_open;
    cc->chr_detach = pty_detach;
    cc->chr_attach = pty_attach;
    CHARDEV_STREAM_CLASS(oc)->end = pty_end;
}

static const TypeInfo pty_types[] = {
    {
        .name = TYPE_CHARDEV_PTY,
        .parent = TYPE_CHARDEV_STREAM,
        .instance_size = sizeof(ChardevPty),
        .instance_init = pty_init,
        .instance_finalize = pty_finalize,
        .class_init = pty_class_init,
    },
};
DEFINE_TYPES(pty_types)
