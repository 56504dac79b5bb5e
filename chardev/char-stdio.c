/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stdio: standard input and output. A terminal gives single keys without echo
 * while it is used (io/stdio.h).
 */
#include "qemu/osdep.h"
#include "io/stdio.h"
#include "stream.h"

#include <termios.h>

static const ChardevOption stdio_options[] = {
    { "signal", "boolean", "Ctrl-C ends the process (the default)" },
    CHARDEV_COMMON_OPTIONS,
    { NULL }
};

/* There is one of these two in a process, and so one Chardev at most. */
static Chardev *user_of_stdio;

static void change_terminal(tcflag_t mask, tcflag_t value)
{
    struct termios tty;

    if (isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &tty) == 0) {
        tty.c_lflag = (tty.c_lflag & ~mask) | value;
        tcsetattr(STDIN_FILENO, TCSANOW, &tty);
    }
}

static void stdio_set_echo(Chardev *chr, bool echo)
{
    change_terminal(ECHO | ECHONL | ICANON, echo ? ECHO | ICANON : 0);
}

static bool stdio_parse(JsonObject *opts, ChardevBackend *backend, Error **errp)
{
    ChardevStdio *stdio = g_new0(ChardevStdio, 1);

    backend->u.stdio.data = stdio;
    return chardev_opt_bool(opts, "signal", &stdio->has_signal, &stdio->signal, errp);
}

static void stdio_open(Chardev *chr, ChardevBackend *backend, bool *be_opened, Error **errp)
{
    const ChardevStdio *stdio = backend->u.stdio.data;

    if (!io_stdio_claim(errp)) {
        return;
    }
    user_of_stdio = chr;
    io_stdio_set_raw();
    if (stdio->has_signal && !stdio->signal) {
        change_terminal(ISIG, 0);
    }
    chardev_stream_set_channel(CHARDEV_STREAM(chr),
                               io_channel_fd_new(STDIN_FILENO, STDOUT_FILENO));
}

static void stdio_finalize(Object *obj)
{
    if (user_of_stdio == CHARDEV(obj)) {
        chardev_stream_set_channel(CHARDEV_STREAM(obj), NULL);
        io_stdio_release();
        user_of_stdio = NULL;
    }
}

static void stdio_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->internal = false;
    cc->options = stdio_options;
    cc->parse = stdio_parse;
    cc->open = stdio_open;
    cc->chr_set_echo = stdio_set_echo;
}

static const TypeInfo stdio_types[] = {
    {
        .name = TYPE_CHARDEV_STDIO,
        .parent = TYPE_CHARDEV_STREAM,
        .instance_finalize = stdio_finalize,
        .class_init = stdio_class_init,
    },
};
DEFINE_TYPES(stdio_types)
