/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the holes of a file are. Asking may wait for the medium, so it is done
 * by a thread; the caller hears "data" meanwhile, which is never wrong, and finds
 * the truth when it asks again. One extent is remembered, until anything changes.
 */
#include "qemu/osdep.h"
#include "file-int.h"

typedef struct Lookup {
    ThreadWork work;
    FileMedium *medium;         /* a reference */
    FileLoop *loop;
    FileNode *node;             /* NULL: it has left */
    unsigned generation;        /* of the medium, when it began */
    off_t start, end;
    bool zero;
} Lookup;

struct FileMap {
    Lookup *lookup;             /* on its way */
    bool known;
    unsigned generation;
    int64_t start, end;
    bool zero;
};

void file_map_changed(FileNode *n)
{
    if (n->map) {
        qatomic_inc(&n->medium->generation);
    }
}

static int look(ThreadWork *work)
{
    Lookup *l = container_of(work, Lookup, work);
    int fd = l->medium->fd;
    off_t data = lseek(fd, l->start, SEEK_DATA);

    if (data < 0 && errno != ENXIO) {
        return -errno;
    }
    l->zero = data != l->start;
    /* ENXIO: nothing but a hole up to the end. */
    l->end = data < 0 ? lseek(fd, 0, SEEK_END) : l->zero ? data : lseek(fd, l->start, SEEK_HOLE);
    return l->end > l->start ? 0 : -ENXIO;
}

static void looked(ThreadWork *work, int ret)
{
    Lookup *l = container_of(work, Lookup, work);
    FileLoop *loop = l->loop;
    struct FileMap *map = l->node ? l->node->map : NULL;

    if (map) {
        map->lookup = NULL;
        map->known = ret == 0;
        map->generation = l->generation;
        map->start = l->start;
        map->end = l->end;
        map->zero = l->zero;
    }
    loop->in_flight--;
    file_loop_hold(loop);
    file_medium_unref(l->medium);
    g_free(l);
    file_loop_release(loop);
}

static void start_lookup(FileNode *n, int64_t offset)
{
    Lookup *l = g_new0(Lookup, 1);

    *l = (Lookup) {
        .work = { .run = look, .done = looked },
        .medium = n->medium,
        .loop = n->loop,
        .node = n,
        .generation = qatomic_read(&n->medium->generation),
        .start = offset,
    };
    qatomic_inc(&n->medium->refs);
    n->map->lookup = l;
    n->loop->in_flight++;
    thread_pool_queue(n->loop->pool, &l->work);
}

static bool still_true(const FileNode *n, int64_t offset)
{
    const struct FileMap *map = n->map;

    return map->known && map->generation == qatomic_read(&n->medium->generation) &&
           offset >= map->start && offset < map->end && !qatomic_read(&n->medium->nr_orphans);
}

int file_block_status(BlockDriverState *bs, int64_t offset, int64_t bytes, int64_t *pnum)
{
    FileNode *n = bs->opaque;

    *pnum = bytes;
    if (n->medium->block_device || !n->loop) {
        return BDRV_BLOCK_DATA | BDRV_BLOCK_OFFSET_VALID;
    }
    if (!n->map) {
        n->map = g_new0(struct FileMap, 1);
    }
    if (!still_true(n, offset)) {
        if (!n->map->lookup) {
            start_lookup(n, offset);
        }
        return BDRV_BLOCK_DATA | BDRV_BLOCK_OFFSET_VALID;
    }
    *pnum = MIN(bytes, n->map->end - offset);
    return (n->map->zero ? BDRV_BLOCK_ZERO : BDRV_BLOCK_DATA) | BDRV_BLOCK_OFFSET_VALID;
}

void file_map_detach(FileNode *n)
{
    if (n->map) {
        if (n->map->lookup) {
            n->map->lookup->node = NULL;
            n->medium->close_wait_ms = 0;
        }
        g_clear_pointer(&n->map, g_free);
    }
}
