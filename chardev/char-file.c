/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file: output to a file, and input from another one if there is one.
 * A FIFO without a reader is an error rather than a start that hangs.
 */
#include "qemu/osdep.h"
#include "stream.h"

static const ChardevOption file_options[] = {
    { "path", "string", "the file that output goes to" },
    { "append", "boolean", "keep what is in it" },
    { "input-path", "string", "a file to read from" },
    CHARDEV_COMMON_OPTIONS,
    { NULL }
};

static bool file_parse(JsonObject *opts, ChardevBackend *backend, Error **errp)
{
    ChardevFile *file = g_new0(ChardevFile, 1);

    backend->u.file.data = file;
    if (!chardev_opt(opts, "path")) {
        error_setg(errp, "chardev: file: no filename given: add path=FILE");
        return false;
    }
    file->out = g_strdup(chardev_opt(opts, "path"));
    file->in = g_strdup(chardev_opt(opts, "input-path"));
    return chardev_opt_bool(opts, "append", &file->has_append, &file->append, errp);
}

static void file_open(Chardev *chr, ChardevBackend *backend, bool *be_opened, Error **errp)
{
    ChardevStream *s = CHARDEV_STREAM(chr);
    const ChardevFile *file = backend->u.file.data;
    int how = file->has_append && file->append ? O_APPEND : O_TRUNC;
    g_auto(OwnedFd) out = qemu_create(file->out, O_WRONLY | O_NONBLOCK | how, 0666, errp);
    int in = out;

    if (out < 0) {
        return;
    }
    if (file->in) {
        in = qemu_open(file->in, O_RDONLY | O_NONBLOCK, errp);
        if (in < 0) {
            return;
        }
    }
    s->no_input = !file->in;
    chardev_stream_set_channel(s, io_channel_fd_new(in, g_steal_fd(&out)));
}

static void file_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->internal = false;
    cc->options = file_options;
    cc->parse = file_parse;
    cc->open = file_open;
}

static const TypeInfo file_types[] = {
    { .name = TYPE_CHARDEV_FILE, .parent = TYPE_CHARDEV_STREAM, .class_init = file_class_init },
};
DEFINE_TYPES(file_types)
