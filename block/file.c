/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The drivers `file` and `host_device`: open and close, and which engine a node
 * uses. Their inside is explained in file-int.h.
 */
#include "qemu/osdep.h"
#include "file-int.h"
#include "qapi/error.h"

static const FileEngine *const engines[BLOCKDEV_AIO_OPTIONS__MAX] = {
    [BLOCKDEV_AIO_OPTIONS_THREADS] = &file_engine_threads,
    [BLOCKDEV_AIO_OPTIONS_NATIVE] = &file_engine_native,
    [BLOCKDEV_AIO_OPTIONS_IO_URING] = &file_engine_uring,
};

/* Nobody said which: the best that the system lets us have. */
static const FileEngine *choose_engine(const BlockdevOptionsFile *file, bool direct, Error **errp)
{
    const FileEngine *engine;

    if (!file->has_aio) {
        return file_engine_uring.probe(direct, NULL) ? &file_engine_uring : &file_engine_threads;
    }
    engine = engines[file->aio];
    return engine->probe(direct, errp) ? engine : NULL;
}

static void file_attach(BlockDriverState *bs, AioContext *ctx)
{
    FileNode *n = bs->opaque;

    n->loop = file_loop_join(ctx);
    n->engine = n->wanted->join(n->loop) ? n->wanted : &file_engine_threads;
    file_orphans_attach(n, ctx);
}

static void file_detach(BlockDriverState *bs)
{
    FileNode *n = bs->opaque;

    g_assert(QTAILQ_EMPTY(&n->held));
    file_orphans_detach(n);
    file_loop_leave(g_steal_pointer(&n->loop));
}

static bool file_open(BlockDriverState *bs, const BlockdevOptions *options, Error **errp)
{
    FileNode *n = bs->opaque;

    QTAILQ_INIT(&n->held);
    n->wanted = choose_engine(&options->u.file, bs->direct, errp);
    if (!n->wanted) {
        return false;
    }
    n->medium = file_medium_open(bs, options, errp);
    if (!n->medium) {
        return false;
    }
    bs->filename = g_strdup(n->medium->name);
    bs->has_fua = true;
    return true;
}

/* Detached before. What was cancelled and has not ended keeps the file open, and its locks. */
static void file_close(BlockDriverState *bs)
{
    FileNode *n = bs->opaque;

    file_medium_unref(g_steal_pointer(&n->medium));
}

#define FILE_DRIVER(name_, kind_)                                            \
    {                                                                        \
        .name = name_,                                                       \
        .kind = kind_,                                                       \
        .state_size = sizeof(FileNode),                                      \
        .open = file_open,                                                   \
        .close = file_close,                                                 \
        .detach = file_detach,                                               \
        .attach = file_attach,                                               \
        .submit = file_submit,                                               \
        .cancel = file_cancel,                                               \
        .getlength = file_getlength,                                         \
        .truncate = file_truncate,                                           \
        .refresh_limits = file_refresh_limits,                               \
        .allocated_size = file_allocated_size,                               \
    }

static const BlockDriver block_file_driver = FILE_DRIVER("file", BLOCKDEV_DRIVER_FILE);
static const BlockDriver block_host_device_driver =
    FILE_DRIVER("host_device", BLOCKDEV_DRIVER_HOST_DEVICE);
block_driver_init(block_file_driver)
block_driver_init(block_host_device_driver)
