/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that a client lent as memory, and where they are mapped.
 *
 * A client sends a file descriptor with each DMA_MAP, usually the same file
 * again and again (65,535 mappings are allowed, file descriptors and VMAs are
 * not that many). So a file is kept once for each inode and access mode, mapped
 * once, and counted; regions translate by offset.
 *
 * What is checked before a file is believed: regular file, on a file system
 * whose page faults end (FUSE and network file systems are refused: they could
 * block a domain for ever), open for the wanted access, long enough, sealed if
 * the operator asks for it. It may still be truncated later: see sigbus.h.
 *
 * File descriptors and VMAs are the process's, so each served function has a
 * share of them: half of what there is, divided by the number of functions.
 * Address space is limited by max_bytes in the same way.
 *
 * Locking: a table belongs to one IOVA space; the context's lock protects it.
 */
#ifndef HW_REMOTE_OUTBOUND_CLIENT_FILE_H
#define HW_REMOTE_OUTBOUND_CLIENT_FILE_H

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "outbound/sigbus.h"

typedef struct ClientFileTable ClientFileTable;
typedef struct ClientFile ClientFile;

/* What one client has mapped now; lives as long as the last mapping. */
typedef struct ClientUsage {
    int mappings;               /* atomic, both */
    uint64_t bytes;
} ClientUsage;

/* One span of a file in our address space; counted, unmapped with the last. */
typedef struct ClientMapping {
    int refs;                   /* atomic: device threads drop theirs too */
    ClientUsage *usage;         /* counted */
    uint64_t page;              /* size of the pages it is made of */
    uint8_t *base;
    uint64_t offset;            /* of base in the file */
    uint64_t size;
    bool lost;                  /* all of it was detached; as the file table locks */
    SigbusWindow *window;
} ClientMapping;

ClientMapping *client_mapping_ref(ClientMapping *m);
void client_mapping_unref(ClientMapping *m);
/* Whoever still holds a pointer into [host, host + size) sees private zero
 * pages from now on. */
void client_mapping_detach(ClientMapping *m, uint8_t *host, uint64_t size);

typedef struct ClientFileWant {
    bool write;
    bool map;                   /* false: pread and pwrite only */
    bool sealed;                /* refuse files that can shrink */
    uint64_t offset, size;      /* offset + size does not wrap */
} ClientFileWant;

ClientFileTable *client_file_table_new(uint64_t max_bytes);
/* Files that are still in use, and the table with them, go when they are put. */
void client_file_table_free(ClientFileTable *table);

/*
 * Takes fd (closed on every path, or kept). 0 and a counted *file, or -errno
 * with errp; nothing has changed then. With want->map *mapping is a reference
 * to a mapping that covers the wanted span.
 */
int client_file_get(ClientFileTable *table, int fd, const ClientFileWant *want,
                    ClientFile **file, ClientMapping **mapping, Error **errp);
/* Gives back what one client_file_get() of size bytes took. */
void client_file_put(ClientFile *file, uint64_t size);
int client_file_fd(const ClientFile *file);
uint64_t client_file_inode(const ClientFile *file);
/* The next client_file_get() of this file makes a fresh mapping. */
void client_file_forget_mapping(ClientFile *file);
/* Another reference to a current mapping of [offset, offset + size), or NULL. */
ClientMapping *client_file_map(ClientFile *file, uint64_t offset, uint64_t size);

#endif
