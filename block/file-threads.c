/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The threads engine: calls that wait, in threads that may. Others send some of theirs here. */
#include "qemu/osdep.h"
#include "file-int.h"

static int64_t result_of(ssize_t ret)
{
    return ret < 0 ? -errno : ret;
}

static int64_t run_read(FileIo *io)
{
    return result_of(pread(io->fd, io->buf, io->len, io->offset));
}

static int64_t run_write(FileIo *io)
{
    struct iovec iov = { io->buf, io->len };

    return result_of(io->dsync ? pwritev2(io->fd, &iov, 1, io->offset, RWF_DSYNC)
                               : pwrite(io->fd, io->buf, io->len, io->offset));
}

static int64_t run_sync(FileIo *io)
{
    return result_of(fdatasync(io->fd));
}

static int64_t run_discard(FileIo *io)
{
    return file_discard(io->medium, io->offset, io->len);
}

static int64_t run_zeroes(FileIo *io)
{
    return file_write_zeroes(io->medium, io->offset, io->len, io->flags);
}

static int64_t run_truncate(FileIo *io)
{
    return result_of(ftruncate(io->fd, io->offset));
}

static int64_t run_status(FileIo *io)
{
    return file_status(io->medium, io->offset, &io->len, &io->hole);
}

static int64_t (*const runs[FILE_IO__MAX])(FileIo *io) = {
    [FILE_IO_READ] = run_read,
    [FILE_IO_WRITE] = run_write,
    [FILE_IO_SYNC] = run_sync,
    [FILE_IO_DISCARD] = run_discard,
    [FILE_IO_ZEROES] = run_zeroes,
    [FILE_IO_TRUNCATE] = run_truncate,
    [FILE_IO_STATUS] = run_status,
};

/* At most FILE_BUFFER_MAX bytes in one call: an int will do. */
static int run(ThreadWork *work)
{
    FileIo *io = container_of(work, FileIo, work);

    return runs[io->kind](io);
}

static void done(ThreadWork *work, int ret)
{
    FileIo *io = container_of(work, FileIo, work);

    io->done(io, ret);
}

static void threads_submit(FileLoop *loop, FileIo *io)
{
    io->work = (ThreadWork) { .run = run, .done = done };
    thread_pool_queue(loop->pool, &io->work);
}

static bool threads_withdraw(FileLoop *loop, FileIo *io)
{
    return thread_pool_withdraw(loop->pool, &io->work);
}

static bool threads_probe(bool direct, Error **errp)
{
    return true;
}

static bool threads_join(FileLoop *loop)
{
    return true;
}

const FileEngine file_engine_threads = {
    .name = "threads",
    .probe = threads_probe,
    .join = threads_join,
    .submit = threads_submit,
    .withdraw = threads_withdraw,
};
