/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Locks: between nodes, and with QEMU's own programs where they are installed. */
#include "qemu/osdep.h"
#include "file-rig.h"

#include <signal.h>
#include <sys/wait.h>

#include "qapi/error.h"
#include "qemu/units.h"

#define WRITE_LOCK "Failed to get \"write\" lock"
#define SHARED_WRITE_LOCK "Failed to get shared \"write\" lock"

static void assert_refused(const char *path, const char *more, const char *fragment)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(rig_open(&err, "driver=file,filename=%s%s", path, more));
    if (!strstr(error_get_pretty(err), fragment)) {
        g_error("'%s' lacks '%s'", error_get_pretty(err), fragment);
    }
    g_assert_nonnull(strstr(error_get_pretty(err), path));
}

static BlockDriverState *must_open(const char *path, const char *more)
{
    return rig_open(&error_abort, "driver=file,filename=%s%s", path, more);
}

/* ---- nodes of ours ---- */

static void test_writer_alone(void)
{
    g_autofree char *path = rig_file("lock1", 4096, 0);
    BlockDriverState *bs = must_open(path, "");

    assert_refused(path, "", WRITE_LOCK);
    assert_refused(path, ",read-only=on", SHARED_WRITE_LOCK);
    bdrv_unref(must_open(path, ",read-only=on,force-share=on"));
    bdrv_unref(must_open(path, ",locking=off"));
    bdrv_unref(bs);
    bdrv_unref(must_open(path, ""));
}

static void test_readers_together(void)
{
    g_autofree char *path = rig_file("lock2", 4096, 0);
    BlockDriverState *a = must_open(path, ",read-only=on");
    BlockDriverState *b = must_open(path, ",read-only=on,locking=on");

    assert_refused(path, "", WRITE_LOCK);
    bdrv_unref(a);
    assert_refused(path, "", WRITE_LOCK);
    bdrv_unref(b);
    bdrv_unref(must_open(path, ""));
}

/* Who shares everything is in nobody's way. */
static void test_force_share(void)
{
    g_autofree char *path = rig_file("lock3", 4096, 0);
    BlockDriverState *a = must_open(path, ",read-only=on,force-share=on");
    BlockDriverState *b = must_open(path, "");

    bdrv_unref(b);
    bdrv_unref(a);
}

/* ---- QEMU's programs ---- */

#define CONVERT "qemu-img convert -f raw -O raw %1$s %1$s.copy"

static bool have(const char *program)
{
    g_autofree char *found = g_find_program_in_path(program);

    if (!found) {
        g_test_skip("qemu-utils are not installed");
    }
    return found != NULL;
}

static int run(const char *format, const char *path, char **err)
{
    g_autofree char *command = g_strdup_printf(format, path), *out = NULL;
    int status;

    g_assert_true(g_spawn_command_line_sync(command, &out, err, &status, NULL));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* It sees our lock. */
static void test_qemu_is_refused(void)
{
    g_autofree char *path = rig_file("lock4", 64 * KiB, 0);
    BlockDriverState *bs;
    g_autofree char *err = NULL, *err2 = NULL, *err3 = NULL;

    if (!have("qemu-io") || !have("qemu-img")) {
        return;
    }
    bs = must_open(path, "");
    g_assert_cmpint(run("qemu-io -f raw -c 'write 0 512' %s", path, &err), !=, 0);
    g_assert_nonnull(strstr(err, WRITE_LOCK));
    g_assert_cmpint(run(CONVERT, path, &err2), !=, 0);
    g_assert_nonnull(strstr(err2, SHARED_WRITE_LOCK));
    g_assert_cmpint(run("qemu-img convert -U -f raw -O raw %1$s %1$s.copy", path, NULL), ==, 0);
    bdrv_unref(bs);
    g_assert_cmpint(run("qemu-io -f raw -c 'write 0 512' %s", path, NULL), ==, 0);

    bs = must_open(path, ",read-only=on");
    g_assert_cmpint(run(CONVERT, path, NULL), ==, 0);
    g_assert_cmpint(run("qemu-io -f raw -c 'write 0 512' %s", path, &err3), !=, 0);
    g_assert_nonnull(strstr(err3, WRITE_LOCK));
    bdrv_unref(bs);
}

typedef struct QemuIo {
    GPid pid;
    int in, out;
} QemuIo;

/* Holds the image until its input ends; ready once it has answered. */
static QemuIo start_qemu_io(const char *path, bool read_only)
{
    const char *argv[] = { "qemu-io", "-f", "raw", read_only ? "-r" : path,
                           read_only ? path : NULL, NULL };
    QemuIo io;
    char c = 0;

    g_assert_true(g_spawn_async_with_pipes(NULL, (char **)argv, NULL,
                                           G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                                           NULL, &io.pid, &io.in, &io.out, NULL, NULL));
    g_assert_cmpint(write(io.in, "length\n", 7), ==, 7);
    /* The answer ends with a line; the prompt before it does not. */
    while (c != '\n') {
        g_assert_cmpint(read(io.out, &c, 1), ==, 1);
    }
    return io;
}

static void stop_qemu_io(QemuIo *io)
{
    int status;

    close(io->in);
    g_assert_cmpint(waitpid(io->pid, &status, 0), ==, io->pid);
    close(io->out);
    g_spawn_close_pid(io->pid);
}

/* And we see its. */
static void test_qemu_was_first(void)
{
    g_autofree char *path = rig_file("lock5", 64 * KiB, 0);
    QemuIo io;

    if (!have("qemu-io")) {
        return;
    }
    io = start_qemu_io(path, false);
    /* It writes, and would let others write. */
    assert_refused(path, "", SHARED_WRITE_LOCK);
    assert_refused(path, ",read-only=on", SHARED_WRITE_LOCK);
    bdrv_unref(must_open(path, ",read-only=on,force-share=on"));
    stop_qemu_io(&io);
    bdrv_unref(must_open(path, ""));

    io = start_qemu_io(path, true);
    bdrv_unref(must_open(path, ",read-only=on"));
    stop_qemu_io(&io);
}

static void add_tests(void)
{
    g_test_add_func("/block/lock/writer-alone", test_writer_alone);
    g_test_add_func("/block/lock/readers-together", test_readers_together);
    g_test_add_func("/block/lock/force-share", test_force_share);
    g_test_add_func("/block/lock/qemu-is-refused", test_qemu_is_refused);
    g_test_add_func("/block/lock/qemu-was-first", test_qemu_was_first);
}

int main(int argc, char **argv)
{
    return rig_main(argc, argv, add_tests);
}
