/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for every back end: connecting, state, no Chardev at all, and life. */
#include "rig.h"
#include "chardev/char-serial.h"

static Chardev *new_ring(void)
{
    return chardev_from("ringbuf", &error_abort);
}

static void remove_it(Chardev *chr)
{
    g_assert_false(chardev_is_busy(chr));
    object_unparent(OBJECT(chr));
}

static void test_nothing_connected(void)
{
    CharBackend be;
    uint8_t byte = 0;
    int fd = -1, arg = 0;
    Error *err = NULL;

    g_assert_true(qemu_chr_fe_init(&be, NULL, &error_abort));
    g_assert_false(qemu_chr_fe_backend_connected(&be));
    g_assert_false(qemu_chr_fe_backend_open(&be));
    g_assert_null(qemu_chr_fe_get_driver(&be));
    g_assert_cmpint(qemu_chr_fe_write(&be, &byte, 1), ==, 0);
    g_assert_cmpint(qemu_chr_fe_write_all(&be, &byte, 1), ==, 0);
    g_assert_cmpint(qemu_chr_fe_read_all(&be, &byte, 1), ==, 0);
    g_assert_cmpint(qemu_chr_fe_ioctl(&be, CHR_IOCTL_SERIAL_GET_TIOCM, &arg), ==, -ENOTSUP);
    g_assert_cmpint(qemu_chr_fe_get_msgfd(&be), ==, -1);
    g_assert_cmpint(qemu_chr_fe_set_msgfds(&be, &fd, 1), ==, -1);
    g_assert_cmpuint(qemu_chr_fe_add_watch(&be, G_IO_OUT, NULL, NULL), ==, 0);
    g_assert_cmpint(qemu_chr_fe_wait_connected(&be, &err), ==, -1);
    error_free(err);
    qemu_chr_fe_set_handlers(&be, NULL, NULL, NULL, NULL, NULL, NULL, true);
    qemu_chr_fe_accept_input(&be);
    qemu_chr_fe_disconnect(&be);
    qemu_chr_fe_set_echo(&be, true);
    qemu_chr_fe_set_open(&be, true);
    qemu_chr_fe_printf(&be, "%d", 1);
    qemu_chr_fe_deinit(&be, true);
}

static void test_one_front_end(void)
{
    Chardev *chr = new_ring();
    CharBackend a, b;
    Error *err = NULL;

    g_assert_true(qemu_chr_fe_init(&a, chr, &error_abort));
    g_assert_true(chardev_is_busy(chr));
    g_assert_false(qemu_chr_fe_init(&b, chr, &err));
    g_assert_cmpstr(error_get_pretty(err), ==, "chardev 'c0' is already in use");
    error_free(err);
    qemu_chr_fe_deinit(&a, false);
    g_assert_true(qemu_chr_fe_init(&b, chr, &error_abort));
    qemu_chr_fe_deinit(&b, true);
    g_assert_null(qemu_chr_find("c0"));
}

static void test_state(void)
{
    Chardev *chr = new_ring();
    Front f;

    front_init(&f, chr);
    /* Told of what was so before it listened, and again when it asks again. */
    g_assert_cmpstr(f.events->str, ==, "o");
    g_assert_true(f.be.fe_is_open);
    g_assert_true(qemu_chr_fe_backend_open(&f.be));
    front_listen(&f);
    g_assert_cmpstr(f.events->str, ==, "oo");
    qemu_chr_fe_set_handlers_full(&f.be, NULL, NULL, NULL, NULL, &f, NULL, true, false);
    g_assert_cmpstr(f.events->str, ==, "oo");
    qemu_chr_fe_set_handlers(&f.be, NULL, NULL, NULL, NULL, NULL, NULL, true);
    g_assert_false(f.be.fe_is_open);
    g_assert_cmpint(qemu_chr_be_can_write(chr), ==, 0);
    front_clear(&f);
    remove_it(chr);
}

static void test_back_end_speaks(void)
{
    Chardev *chr = new_ring();
    Front f;

    qemu_chr_be_write(chr, (const uint8_t *)"lost", 4);
    front_init(&f, chr);
    f.room = 7;
    g_assert_cmpint(qemu_chr_be_can_write(chr), ==, 7);
    qemu_chr_be_write(chr, (const uint8_t *)"hello", 5);
    qemu_chr_be_event(chr, CHR_EVENT_BREAK);
    qemu_chr_be_event(chr, CHR_EVENT_CLOSED);
    g_assert_false(qemu_chr_fe_backend_open(&f.be));
    f.room = -1;
    g_assert_cmpint(qemu_chr_be_can_write(chr), ==, 0);
    g_assert_cmpstr(f.got->str, ==, "hello");
    g_assert_cmpstr(f.events->str, ==, "obc");
    front_clear(&f);
    remove_it(chr);
}

static void test_ids(void)
{
    Chardev *chr = new_ring();
    g_autoptr(Error) err = NULL;

    g_assert_true(qemu_chr_find("c0") == chr);
    g_assert_null(qemu_chr_find("c1"));
    g_assert_null(qemu_chr_find(""));
    g_assert_null(qemu_chr_find("../objects"));
    g_assert_null(chardev_from("null", &err));
    g_assert_cmpstr(error_get_pretty(err), ==, "Chardev with id 'c0' already exists");
    remove_it(chr);
    chardev_refused("null,id=0x", "expects an identifier");
    chardev_refused("null,id=a/b", "expects an identifier");
}

static void test_options(void)
{
    chardev_refused("vc", "'vc' is not a valid char driver name");
    chardev_refused("stream", "not a valid char driver name");
    chardev_refused("null,path=x", "Invalid parameter 'path'");
    chardev_refused("null,mux=on", "there is no multiplexer");
    chardev_refused("socket,path=x,telnet=on", "telnet is not spoken");
    chardev_refused("socket,path=x,server=maybe", "server");
    chardev_refused("ringbuf,size=1000", "power of two");
    chardev_refused("ringbuf,size=many", "expects a number");
    chardev_refused("ringbuf,size=1073741824", "expects a number");
    chardev_refused("file", "no filename given");
    chardev_refused("pipe", "no device path given");
    chardev_refused("pipe,path=/nowhere/p", "mkfifo");
    remove_it(chardev_from("null,mux=off", &error_abort));
}

static void test_help(void)
{
    g_autofree char *all = chardev_help(NULL, &error_abort);
    g_autofree char *one = chardev_help("ringbuf", &error_abort);
    static const char *const names[] = {
        "file", "memory", "null", "pipe", "pty", "ringbuf", "socket", "stdio"
    };
    g_autoptr(Error) err = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        g_autofree char *line = g_strdup_printf("\n  %s\n", names[i]);

        g_assert_nonnull(strstr(all, line));
    }
    g_assert_null(strstr(all, "stream"));
    g_assert_nonnull(strstr(one, "size=<number>"));
    g_assert_nonnull(strstr(one, "logfile=<string>"));
    g_assert_null(chardev_help("vc", &err));
}

static void test_log_file(void)
{
    g_autofree char *path = rig_path("log");
    g_autofree char *text = g_strdup_printf("null,logfile=%s", path);
    g_autofree char *more = g_strdup_printf("%s,logappend=on", text);
    g_autofree char *content = NULL;

    for (int i = 0; i < 3; i++) {
        Chardev *chr = chardev_from(i == 2 ? more : text, &error_abort);
        CharBackend be;

        qemu_chr_fe_init(&be, chr, &error_abort);
        qemu_chr_fe_printf(&be, "run %d\n", i);
        qemu_chr_fe_deinit(&be, true);
    }
    g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "run 1\nrun 2\n");
    unlink(path);
    chardev_refused("null,logfile=/nowhere/log", "/nowhere/log");
}

static void test_short_spelling(void)
{
    g_autofree char *path = rig_path("a,b");
    g_autofree char *spec = g_strdup_printf("unix:%s/a,,b,server,nowait", rig_folder);
    Chardev *chr = chardev_new_from_short("s0", spec, &error_abort);
    g_autoptr(Error) err = NULL;
    g_autoptr(Error) none = NULL;

    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_true(chardev_new_from_short("x", "chardev:s0", &error_abort) == chr);
    g_assert_null(chardev_new_from_short("x", "chardev:s1", &err));
    g_assert_cmpstr(error_get_pretty(err), ==, "Chardev 's1' not found");
    g_assert_null(chardev_new_from_short("x", "vc", &none));
    remove_it(chr);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    remove_it(qemu_chr_new("n0", "null", NULL));
}

static void test_cleanup(void)
{
    Front f;

    chardev_from("null,id=a", &error_abort);
    front_init(&f, chardev_from("null,id=b", &error_abort));
    qemu_chr_cleanup();
    g_assert_null(qemu_chr_find("a"));
    g_assert_null(qemu_chr_find("b"));
    g_assert_false(qemu_chr_fe_backend_connected(&f.be));
    front_clear(&f);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/chardev/front/none", test_nothing_connected);
    g_test_add_func("/chardev/front/one", test_one_front_end);
    g_test_add_func("/chardev/front/state", test_state);
    g_test_add_func("/chardev/front/back-end", test_back_end_speaks);
    g_test_add_func("/chardev/front/ids", test_ids);
    g_test_add_func("/chardev/front/options", test_options);
    g_test_add_func("/chardev/front/help", test_help);
    g_test_add_func("/chardev/front/log-file", test_log_file);
    g_test_add_func("/chardev/front/short", test_short_spelling);
    g_test_add_func("/chardev/front/cleanup", test_cleanup);
    return rig_run();
}
