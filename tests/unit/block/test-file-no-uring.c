/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A system that refuses io_uring, as sandboxes do: asked for it is an error, else threads do. */
#include "qemu/osdep.h"
#include "file-rig.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "qapi/error.h"

/* For the rest of the process. */
static bool forbid_io_uring(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { G_N_ELEMENTS(code), code };

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void test_asked_for(void)
{
    g_autofree char *path = rig_file("asked", 4096, 0);
    g_autoptr(Error) err = NULL;

    g_assert_null(rig_open(&err, "driver=file,filename=%s,aio=io_uring", path));
    g_assert_nonnull(strstr(error_get_pretty(err), "aio=io_uring"));
    g_assert_nonnull(strstr(error_get_pretty(err), "use aio=threads"));
    g_assert_nonnull(strstr(error_get_pretty(err), strerror(EPERM)));
}

static void test_by_default(void)
{
    g_autofree char *path = rig_file("default", 4096, 'd');
    BlockDriverState *bs = rig_open(&error_abort, "driver=file,filename=%s", path);
    char buf[4096];

    g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, 0, buf, sizeof(buf), 0), ==, 0);
    g_assert_cmpint(buf[0], ==, 'd');
    g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, NULL, 0, 0), ==, 0);
    bdrv_unref(bs);
}

static void add_tests(void)
{
    g_test_add_func("/block/no-uring/asked-for", test_asked_for);
    g_test_add_func("/block/no-uring/by-default", test_by_default);
}

int main(int argc, char **argv)
{
    if (!forbid_io_uring()) {
        printf("1..0 # SKIP no seccomp filter can be had\n");
        return 0;
    }
    return rig_main(argc, argv, add_tests);
}
