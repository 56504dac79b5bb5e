/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "qemu/main-loop.h"
#include "qemu/module.h"

char *rig_folder;

static void called(Front *f)
{
    f->ctx = qemu_get_current_aio_context();
    g_assert_true(aio_context_entered(f->ctx));
    if (f->then) {
        f->then(f);
    }
}

static int front_can_read(void *opaque)
{
    return ((Front *)opaque)->room;
}

static void front_read(void *opaque, const uint8_t *buf, int size)
{
    Front *f = opaque;

    g_assert_cmpint(size, <=, f->room);
    g_string_append_len(f->got, (const char *)buf, size);
    called(f);
}

static void front_event(void *opaque, QEMUChrEvent event)
{
    Front *f = opaque;

    g_string_append_c(f->events, event == CHR_EVENT_OPENED ? 'o' :
                                 event == CHR_EVENT_CLOSED ? 'c' :
                                 event == CHR_EVENT_BREAK ? 'b' : '?');
    called(f);
}

static int front_change(void *opaque)
{
    Front *f = opaque;

    f->changes++;
    if (!f->change_result) {
        front_listen(f);
    }
    return f->change_result;
}

void front_listen(Front *f)
{
    qemu_chr_fe_set_handlers(&f->be, front_can_read, front_read, front_event, front_change, f,
                             NULL, true);
}

void front_init(Front *f, Chardev *chr)
{
    *f = (Front) { .room = 4096, .got = g_string_new(NULL), .events = g_string_new(NULL) };
    g_assert_true(qemu_chr_fe_init(&f->be, chr, &error_abort));
    front_listen(f);
}

void front_clear(Front *f)
{
    qemu_chr_fe_deinit(&f->be, false);
    g_string_free(f->got, TRUE);
    g_string_free(f->events, TRUE);
}

void turn_some(void)
{
    for (int i = 0; i < 10; i++) {
        aio_poll(aio_context_main(), false);
        g_usleep(200);
    }
}

static JsonObject *to_options(const char *text)
{
    JsonObject *opts = json_object_new();
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    json_object_set_string_member(opts, "backend", parts[0]);
    for (int i = 1; parts[i]; i++) {
        g_auto(GStrv) pair = g_strsplit(parts[i], "=", 2);

        json_object_set_string_member(opts, pair[0], pair[1]);
    }
    if (!json_object_has_member(opts, "id")) {
        json_object_set_string_member(opts, "id", "c0");
    }
    return opts;
}

Chardev *chardev_from(const char *text, Error **errp)
{
    g_autoptr(JsonObject) opts = to_options(text);

    return chardev_new_from_options(opts, errp);
}

void chardev_refused(const char *text, const char *why)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(chardev_from(text, &err));
    g_assert_nonnull(err);
    if (!strstr(error_get_pretty(err), why)) {
        g_error("'%s' is not in '%s'", why, error_get_pretty(err));
    }
    g_assert_null(qemu_chr_find("c0"));
}

char *rig_path(const char *name)
{
    return g_build_filename(rig_folder, name, NULL);
}

int rig_connect(const char *path)
{
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(un.sun_path, path, sizeof(un.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&un, sizeof(un)), ==, 0);
    return fd;
}

void rig_send(int fd, const char *text)
{
    g_assert_cmpint(write(fd, text, strlen(text)), ==, strlen(text));
}

char *rig_receive(int fd)
{
    char buf[4096];
    ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

    return g_strndup(buf, MAX(n, 0));
}

void rig_init(int *argc, char ***argv)
{
    g_test_init(argc, argv, NULL);
    qemu_init_main_loop(&error_abort);
    module_call_init(MODULE_INIT_QOM);
    rig_folder = g_dir_make_tmp("chardev-XXXXXX", NULL);
    g_assert_nonnull(rig_folder);
}

int rig_run(void)
{
    int ret = g_test_run();

    /* Whatever a test has left here is its failure. */
    g_assert_cmpint(g_rmdir(rig_folder), ==, 0);
    g_free(rig_folder);
    return ret;
}
