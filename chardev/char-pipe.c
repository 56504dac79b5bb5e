/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pipe: two FIFOs, PATH.in and PATH.out as seen from here, or one file for
 * both. They are opened for both directions, so that they exist without a
 * peer and do not end with one.
 */
#include "qemu/osdep.h"
#include "stream.h"

static const ChardevOption pipe_options[] = {
    { "path", "string", "PATH.in and PATH.out, or PATH alone for both directions" },
    CHARDEV_COMMON_OPTIONS,
    { NULL }
};

static bool pipe_parse(JsonObject *opts, ChardevBackend *backend, Error **errp)
{
    ChardevHostdev *dev = g_new0(ChardevHostdev, 1);

    backend->u.pipe.data = dev;
    if (!chardev_opt(opts, "path")) {
        error_setg(errp, "chardev: pipe: no device path given: add path=PATH");
        return false;
    }
    dev->device = g_strdup(chardev_opt(opts, "path"));
    return true;
}

static int open_side(const char *path, const char *suffix)
{
    g_autofree char *name = g_strconcat(path, suffix, NULL);

    return qemu_open_old(name, O_RDWR | O_NONBLOCK);
}

static void pipe_chr_open(Chardev *chr, ChardevBackend *backend, bool *be_opened, Error **errp)
{
    const char *path = backend->u.pipe.data->device;
    g_auto(OwnedFd) in = open_side(path, ".in");
    g_auto(OwnedFd) out = open_side(path, ".out");

    if (in < 0 || out < 0) {
        owned_fd_clear(&in);
        owned_fd_clear(&out);
        in = qemu_open(path, O_RDWR | O_NONBLOCK, errp);
        if (in < 0) {
            error_prepend(errp, "neither '%s.in' and '%s.out' (make them with mkfifo) nor one"
                          " file for both: ", path, path);
            return;
        }
        out = in;
    }
    chardev_stream_set_channel(CHARDEV_STREAM(chr), io_channel_fd_new(in, out));
    in = out = -1;
}

static void pipe_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->internal = false;
    cc->options = pipe_options;
    cc->parse = pipe_parse;
    cc->open = pipe_chr_open;
}

static const TypeInfo pipe_types[] = {
    { .name = TYPE_CHARDEV_PIPE, .parent = TYPE_CHARDEV_STREAM, .class_init = pipe_class_init },
};
DEFINE_TYPES(pipe_types)
