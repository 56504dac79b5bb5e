/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files, pipes, terminals, and what goes through standard input and output. */
#include "rig.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <termios.h>

static void end(Front *f, Chardev *chr)
{
    front_clear(f);
    object_unparent(OBJECT(chr));
}

static void test_null(void)
{
    Chardev *chr = chardev_from("null", &error_abort);
    Front f;

    front_init(&f, chr);
    g_assert_cmpint(qemu_chr_fe_write(&f.be, (const uint8_t *)"x", 1), ==, 1);
    g_assert_cmpuint(qemu_chr_fe_add_watch(&f.be, G_IO_OUT, NULL, NULL), ==, 0);
    g_assert_cmpstr(chr->filename, ==, "null");
    end(&f, chr);
}

static void test_file(void)
{
    g_autofree char *out = rig_path("out");
    g_autofree char *in = rig_path("in");
    g_autofree char *text = g_strdup_printf("file,path=%s,input-path=%s,append=on", out, in);
    g_autofree char *plain = g_strdup_printf("file,path=%s", out);
    g_autofree char *content = NULL, *less = NULL;
    Chardev *chr;
    Front f;

    g_assert_true(g_file_set_contents(out, "before ", -1, NULL));
    g_assert_true(g_file_set_contents(in, "from the file", -1, NULL));
    chr = chardev_from(text, &error_abort);
    front_init(&f, chr);
    qemu_chr_fe_printf(&f.be, "after");
    turn_until(f.events->len == 2);
    g_assert_cmpstr(f.got->str, ==, "from the file");
    g_assert_cmpstr(f.events->str, ==, "oc");
    /* The end of input is not the end of output. */
    qemu_chr_fe_printf(&f.be, ", too");
    g_assert_true(g_file_get_contents(out, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "before after, too");
    end(&f, chr);

    chr = chardev_from(plain, &error_abort);
    front_init(&f, chr);
    qemu_chr_fe_printf(&f.be, "anew");
    turn_some();
    g_assert_cmpstr(f.events->str, ==, "o");
    g_assert_true(g_file_get_contents(out, &less, NULL, NULL));
    g_assert_cmpstr(less, ==, "anew");
    end(&f, chr);
    g_unlink(out);
    g_unlink(in);
    chardev_refused("file,path=/nowhere/x", "/nowhere/x");
}

/* Opening for writing would wait for a reader. */
static void test_file_fifo(void)
{
    g_autofree char *path = rig_path("fifo");
    g_autofree char *text = g_strdup_printf("file,path=%s", path);

    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    chardev_refused(text, path);
    g_unlink(path);
}

static void test_pipe(void)
{
    g_autofree char *path = rig_path("p");
    g_autofree char *in = rig_path("p.in");
    g_autofree char *out = rig_path("p.out");
    g_autofree char *text = g_strdup_printf("pipe,path=%s", path);
    char buf[8] = "";
    int to, from;
    Chardev *chr;
    Front f;

    g_assert_cmpint(mkfifo(in, 0600), ==, 0);
    g_assert_cmpint(mkfifo(out, 0600), ==, 0);
    chr = chardev_from(text, &error_abort);
    front_init(&f, chr);
    to = open(in, O_WRONLY);
    from = open(out, O_RDONLY | O_NONBLOCK);
    rig_send(to, "ping");
    turn_until(f.got->len == 4);
    qemu_chr_fe_printf(&f.be, "pong");
    g_assert_cmpint(read(from, buf, sizeof(buf)), ==, 4);
    g_assert_cmpstr(buf, ==, "pong");
    /* Writers come and go. */
    close(to);
    close(from);
    turn_some();
    g_assert_cmpstr(f.events->str, ==, "o");
    to = open(in, O_WRONLY);
    rig_send(to, "!");
    turn_until(f.got->len == 5);
    close(to);
    end(&f, chr);
    g_unlink(in);
    g_unlink(out);
}

static gboolean count_room(void *do_not_use, GIOCondition cond, void *opaque)
{
    ++*(int *)opaque;
    return FALSE;
}

static void test_pipe_full(void)
{
    g_autofree char *path = rig_path("both");
    g_autofree char *text = g_strdup_printf("pipe,path=%s", path);
    static uint8_t chunk[65536];
    int fd, calls = 0;
    Chardev *chr;
    Front f;

    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    chr = chardev_from(text, &error_abort);
    front_init(&f, chr);
    f.room = 0;
    front_listen(&f);
    while (qemu_chr_fe_write(&f.be, chunk, sizeof(chunk)) > 0) {
        /* until it is full */
    }
    g_assert_cmpint(errno, ==, EAGAIN);
    qemu_chr_fe_add_watch(&f.be, G_IO_OUT, count_room, &calls);
    turn_some();
    g_assert_cmpint(calls, ==, 0);
    fd = open(path, O_RDONLY | O_NONBLOCK);
    g_assert_cmpint(read(fd, chunk, sizeof(chunk)), >, 0);
    turn_until(calls == 1);
    close(fd);
    end(&f, chr);
    g_unlink(path);
}

/* ---- terminals ---- */

static int open_pty(Chardev *chr)
{
    int fd;

    g_assert_true(g_str_has_prefix(chr->filename, "pty:/dev/pts/"));
    fd = open(chr->filename + 4, O_RDWR | O_NOCTTY | O_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    return fd;
}

static void test_pty(void)
{
    Chardev *chr = chardev_from("pty", &error_abort);
    struct termios tty;
    char buf[16] = "";
    int fd;
    Front f;

    front_init(&f, chr);
    turn_some();
    g_assert_cmpstr(f.events->str, ==, "");
    g_assert_cmpint(qemu_chr_fe_write(&f.be, (const uint8_t *)"lost", 4), ==, 4);
    for (guint i = 0; i < 3; i++) {
        fd = open_pty(chr);
        turn_until(f.events->len == 2 * i + 1);
        g_assert_cmpint(tcgetattr(fd, &tty), ==, 0);
        g_assert_cmpint(tty.c_lflag & (ECHO | ICANON), ==, 0);
        rig_send(fd, "key\n");
        turn_until(f.got->len == 4 * (i + 1));
        qemu_chr_fe_printf(&f.be, "answer\n");
        g_assert_cmpint(read(fd, buf, sizeof(buf)), ==, 7);
        g_assert_cmpmem(buf, 7, "answer\n", 7);
        close(fd);
        turn_until(f.events->len == 2 * i + 2);
    }
    g_assert_cmpstr(f.events->str, ==, "ocococ");
    end(&f, chr);
}

/* A closed terminal reports a hang-up for ever: nothing may spin on it. */
static void test_pty_is_idle(void)
{
    Chardev *chr = chardev_from("pty", &error_abort);
    AioContextStats before, after;
    Front f;

    front_init(&f, chr);
    close(open_pty(chr));
    turn_some();
    aio_context_get_stats(aio_context_main(), &before);
    turn_some();
    aio_context_get_stats(aio_context_main(), &after);
    g_assert_cmpuint(after.callbacks, ==, before.callbacks);
    end(&f, chr);
}

/* ---- stdio: by the files that this process has as 0 and 1 ---- */

static void test_stdio(void)
{
    int in[2], out[2], saved[2] = { dup(0), dup(1) };
    char buf[8] = "";
    g_autoptr(Error) err = NULL;
    Chardev *chr;
    Front f;

    g_assert_cmpint(pipe(in) | pipe(out), ==, 0);
    fflush(stdout);
    dup2(in[0], 0);
    dup2(out[1], 1);
    chr = chardev_from("stdio,signal=off", &error_abort);
    g_assert_null(chardev_from("stdio,id=c1", &err));
    front_init(&f, chr);
    rig_send(in[1], "typed");
    turn_until(f.got->len == 5);
    qemu_chr_fe_printf(&f.be, "shown");
    g_assert_cmpint(read(out[0], buf, sizeof(buf)), ==, 5);
    close(in[1]);
    turn_until(f.events->len == 2);
    end(&f, chr);
    g_assert_cmpint(fcntl(0, F_GETFL) & O_NONBLOCK, ==, 0);
    /* Free for the next one. */
    object_unparent(OBJECT(chardev_from("stdio", &error_abort)));
    dup2(saved[0], 0);
    dup2(saved[1], 1);
    g_assert_nonnull(strstr(error_get_pretty(err), "stdio is used by"));
    close(saved[0]);
    close(saved[1]);
    close(in[0]);
    close(out[0]);
    close(out[1]);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/chardev/stream/null", test_null);
    g_test_add_func("/chardev/stream/file", test_file);
    g_test_add_func("/chardev/stream/file-fifo", test_file_fifo);
    g_test_add_func("/chardev/stream/pipe", test_pipe);
    g_test_add_func("/chardev/stream/pipe-full", test_pipe_full);
    g_test_add_func("/chardev/stream/pty", test_pty);
    g_test_add_func("/chardev/stream/pty-idle", test_pty_is_idle);
    g_test_add_func("/chardev/stream/stdio", test_stdio);
    return rig_run();
}
