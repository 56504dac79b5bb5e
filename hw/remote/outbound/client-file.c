/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client files: checked once, kept once for each inode, mapped once. */
#include "qemu/osdep.h"
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include "qemu/fault-inject.h"
#include "qemu/units.h"
#include "outbound/client-file.h"

/* Files are mapped whole up to this part of max_bytes, then span by span:
 * address space is shared by all domains, so no client may take much of it for
 * what it does not use. */
#define WHOLE_FILES_PART 4
/* The kernel's default for the VMAs of a process (vm.max_map_count). */
#define PROCESS_MAPPINGS 65530
/* What any function may have, however many there are. */
#define SHARE_MIN 8

struct ClientFile {
    ClientFileTable *table;
    dev_t dev;
    ino_t ino;
    bool writable;
    unsigned refs;
    int fd;
    uint64_t block;             /* mappings are multiples of this (hugetlbfs) */
    ClientMapping *whole;       /* counted: lives as long as the file at least */
};

struct ClientFileTable {
    GHashTable *files;          /* of ClientFile, key: dev, ino, writable */
    uint64_t max_bytes, bytes;
    ClientUsage *usage;         /* counted */
    bool abandoned;             /* goes with its last file */
};

static int nr_tables;           /* atomic */

/* The share of one function in what the process has `total` of. */
static unsigned share_of(uint64_t total)
{
    return MAX(SHARE_MIN, total / 2 / MAX(g_atomic_int_get(&nr_tables), 1));
}

static unsigned files_max(void)
{
    struct rlimit limit;

    return share_of(getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0);
}

static guint file_hash(gconstpointer p)
{
    const ClientFile *f = p;
    return (guint)(f->ino * 31 + f->dev) ^ f->writable;
}

static gboolean file_equal(gconstpointer a, gconstpointer b)
{
    const ClientFile *x = a, *y = b;
    return x->ino == y->ino && x->dev == y->dev && x->writable == y->writable;
}

ClientFileTable *client_file_table_new(uint64_t max_bytes)
{
    ClientFileTable *t = g_new0(ClientFileTable, 1);

    t->files = g_hash_table_new(file_hash, file_equal);
    t->max_bytes = max_bytes;
    t->usage = g_atomic_rc_box_new0(ClientUsage);
    g_atomic_int_inc(&nr_tables);
    return t;
}

void client_file_table_free(ClientFileTable *t)
{
    t->abandoned = true;
    if (g_hash_table_size(t->files)) {
        return;
    }
    g_hash_table_unref(t->files);
    g_atomic_rc_box_release(t->usage);
    (void)g_atomic_int_dec_and_test(&nr_tables);
    g_free(t);
}

static void usage_add(ClientUsage *usage, int mappings, uint64_t bytes)
{
    g_atomic_int_add(&usage->mappings, mappings);
    __atomic_fetch_add(&usage->bytes, bytes, __ATOMIC_RELAXED);
}

ClientMapping *client_mapping_ref(ClientMapping *m)
{
    g_atomic_int_inc(&m->refs);
    return m;
}

void client_mapping_unref(ClientMapping *m)
{
    if (m && g_atomic_int_dec_and_test(&m->refs)) {
        sigbus_window_remove(m->window);
        munmap(m->base, m->size);
        usage_add(m->usage, -1, -m->size);
        g_atomic_rc_box_release(m->usage);
        g_free(m);
    }
}

void client_mapping_detach(ClientMapping *m, uint8_t *host, uint64_t size)
{
    uintptr_t first = (uintptr_t)host & ~(uintptr_t)(m->page - 1);
    uintptr_t end = ROUND_UP((uintptr_t)host + size, m->page);

    m->lost |= size == m->size;
    if (mmap((void *)first, end - first, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == MAP_FAILED) {
        /* Never leave the client's page in reach: no access is better. */
        mprotect((void *)first, end - first, PROT_NONE);
    }
}

static ClientMapping *map_span(ClientFile *f, uint64_t offset, uint64_t size, Error **errp)
{
    int prot = PROT_READ | (f->writable ? PROT_WRITE : 0);
    ClientMapping *m;
    void *base;

    if ((unsigned)g_atomic_int_get(&f->table->usage->mappings) >= share_of(PROCESS_MAPPINGS)) {
        error_setg(errp, "the client has more files or parts of files mapped than its share");
        return NULL;
    }
    base = fault_inject(FAULT_MMAP) ? MAP_FAILED
         : mmap(NULL, size, prot, MAP_SHARED | MAP_NORESERVE, f->fd, offset);
    if (base == MAP_FAILED) {
        error_setg_errno(errp, errno, "cannot map %" PRIu64 " bytes of client memory", size);
        return NULL;
    }
    madvise(base, size, MADV_DONTDUMP);
    madvise(base, size, MADV_DONTFORK);
    m = g_new0(ClientMapping, 1);
    *m = (ClientMapping) { .refs = 1, .base = base, .offset = offset, .size = size,
                           .page = f->block };
    m->usage = g_atomic_rc_box_acquire(f->table->usage);
    usage_add(m->usage, 1, size);
    m->window = sigbus_window_add(base, size, f->block);
    return m;
}

static bool covers(const ClientMapping *m, uint64_t offset, uint64_t size)
{
    return m && offset >= m->offset && size <= m->size &&
           offset - m->offset <= m->size - size;
}

void client_file_forget_mapping(ClientFile *f)
{
    client_mapping_unref(g_steal_pointer(&f->whole));
}

static bool fits_whole(const ClientFile *f, uint64_t size)
{
    uint64_t most = f->table->max_bytes / WHOLE_FILES_PART;
    uint64_t used = __atomic_load_n(&f->table->usage->bytes, __ATOMIC_RELAXED);

    return used <= most && size <= most - used;
}

static ClientMapping *file_map(ClientFile *f, uint64_t offset, uint64_t size, Error **errp)
{
    uint64_t first = offset & ~(f->block - 1);
    uint64_t span = ROUND_UP(size + (offset - first), f->block);
    ClientMapping *m;
    struct stat st;
    uint64_t whole;

    if (covers(f->whole, offset, size) && !sigbus_window_torn(f->whole->window)) {
        return client_mapping_ref(f->whole);
    }
    client_file_forget_mapping(f);      /* too short, the file has grown; or torn */
    /* It may have been cut since it was checked: never less than is wanted. */
    whole = fstat(f->fd, &st) == 0 ? ROUND_UP((uint64_t)st.st_size, f->block) : 0;
    whole = MAX(whole, first + span);
    if (!fits_whole(f, whole)) {
        return map_span(f, first, span, errp);
    }
    m = map_span(f, 0, whole, errp);
    if (m) {
        f->whole = client_mapping_ref(m);
    }
    return m;
}

ClientMapping *client_file_map(ClientFile *f, uint64_t offset, uint64_t size)
{
    return file_map(f, offset, size, NULL);
}

int client_file_fd(const ClientFile *f)
{
    return f->fd;
}

uint64_t client_file_inode(const ClientFile *f)
{
    return f->ino;
}

/* Page faults on these end in bounded time. */
static bool file_system_is_local(long type)
{
    static const unsigned long known[] = {
        TMPFS_MAGIC, HUGETLBFS_MAGIC, EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,
        BTRFS_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC, F2FS_SUPER_MAGIC, RAMFS_MAGIC,
    };

    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        if ((unsigned long)type == known[i]) {
            return true;
        }
    }
    return false;
}

static int check_access(int fd, const ClientFileWant *want, bool *writable, Error **errp)
{
    int flags = fcntl(fd, F_GETFL);
    int mode = flags & O_ACCMODE;

    if (flags < 0 || (flags & O_PATH) || mode == O_WRONLY ||
        (want->write && mode != O_RDWR)) {
        error_setg(errp, "the file is not open for the access that the mapping allows");
        return -EACCES;
    }
    *writable = mode == O_RDWR;
    return 0;
}

static int check_seals(int fd, Error **errp)
{
    int seals = fcntl(fd, F_GET_SEALS);

    if (seals < 0 || !(seals & F_SEAL_SHRINK)) {
        error_setg(errp, "require-seals=shrink: the client's memory is not sealed against "
                   "shrinking (QEMU's memory-backend-memfd seals it, memory-backend-file "
                   "does not)");
        return -EPERM;
    }
    return 0;
}

static int check_file(int fd, const ClientFileWant *want, struct stat *st, uint64_t *block,
                      Error **errp)
{
    struct statfs fs;
    uint64_t size;

    if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode) || fstatfs(fd, &fs) < 0) {
        error_setg(errp, "the file descriptor is not memory: not a regular file");
        return -EINVAL;
    }
    if (!file_system_is_local(fs.f_type)) {
        error_setg(errp, "memory on a file system of type 0x%lx is refused: its page "
                   "faults may never end", (long)fs.f_type);
        return -EINVAL;
    }
    *block = (unsigned long)fs.f_type == HUGETLBFS_MAGIC ? (uint64_t)fs.f_bsize
                                                       : (uint64_t)sysconf(_SC_PAGESIZE);
    size = ROUND_UP((uint64_t)st->st_size, *block);
    if (want->size > size || want->offset > size - want->size) {
        error_setg(errp, "the mapping ends behind the end of the file (%" PRIu64 " bytes)",
                   size);
        return -EINVAL;
    }
    return want->sealed ? check_seals(fd, errp) : 0;
}

static ClientFile *file_lookup_or_add(ClientFileTable *t, int *fd, const struct stat *st,
                                      bool writable, uint64_t block)
{
    ClientFile key = { .dev = st->st_dev, .ino = st->st_ino, .writable = writable };
    ClientFile *f = g_hash_table_lookup(t->files, &key);

    if (!f && g_hash_table_size(t->files) >= files_max()) {
        return NULL;
    }
    if (!f) {
        f = g_new0(ClientFile, 1);
        *f = key;
        f->table = t;
        f->block = block;
        f->fd = *fd;
        *fd = -1;               /* kept by the file */
        g_hash_table_add(t->files, f);
    }
    f->refs++;
    return f;
}

static int open_file(ClientFileTable *t, int *fd, const ClientFileWant *want,
                     ClientFile **file, Error **errp)
{
    struct stat st;
    uint64_t block;
    bool writable;
    int ret = check_access(*fd, want, &writable, errp);

    if (!ret) {
        ret = check_file(*fd, want, &st, &block, errp);
    }
    if (!ret) {
        *file = file_lookup_or_add(t, fd, &st, writable, block);
        if (!*file) {
            error_setg(errp, "the client lends more files than the %u of its share: raise "
                       "'ulimit -n'", files_max());
            ret = -ENOSPC;
        }
    }
    return ret;
}

int client_file_get(ClientFileTable *t, int fd, const ClientFileWant *want,
                    ClientFile **file, ClientMapping **mapping, Error **errp)
{
    int ret;

    *mapping = NULL;
    if (want->size > t->max_bytes - t->bytes) {
        error_setg(errp, "the client maps more than max-dma-size=%" PRIu64 " bytes",
                   t->max_bytes);
        ret = -ENOSPC;
    } else {
        ret = open_file(t, &fd, want, file, errp);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (ret) {
        return ret;
    }
    if (want->map) {
        *mapping = file_map(*file, want->offset, want->size, errp);
        if (!*mapping) {
            t->bytes += want->size;
            client_file_put(g_steal_pointer(file), want->size);
            return -ENOMEM;
        }
    }
    t->bytes += want->size;
    return 0;
}

void client_file_put(ClientFile *f, uint64_t size)
{
    ClientFileTable *t = f->table;

    t->bytes -= size;
    if (--f->refs == 0) {
        g_hash_table_remove(t->files, f);
        client_file_forget_mapping(f);
        close(f->fd);
        g_free(f);
        if (t->abandoned) {
            client_file_table_free(t);
        }
    }
}
