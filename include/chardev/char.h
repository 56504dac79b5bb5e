/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Character devices: streams of bytes between a front end (a device model, a
 * monitor: chardev/char-fe.h) and a back end (a socket, a terminal, a file).
 *
 * Life: a Chardev is a QOM object below /chardevs, made by -chardev or
 * chardev-add, gone with chardev-remove, which is refused while it has a
 * front end.
 *
 * Threads: a Chardev is at home in one AioContext. All of it belongs to that
 * context's lock, and its file descriptors and timers run there. Home is the
 * main context, and a domain while a front end of that domain listens.
 * `ctx` changes only with the main context, the old and the new home entered,
 * so it may be read with the main context or the home entered. The set of all
 * Chardevs belongs to the main context.
 * Lock order: main context, then home (as in block/aio.h).
 */
#ifndef QEMU_CHAR_H
#define QEMU_CHAR_H

#include <glib.h>

#include "qapi/error.h"
#include "qapi/qapi-types-char.h"
#include "qom/object.h"

struct AioContext;

typedef enum {
    CHR_EVENT_BREAK,    /* a break condition on the line */
    CHR_EVENT_OPENED,   /* the other side is there */
    CHR_EVENT_MUX_IN,   /* multiplexer: never sent here */
    CHR_EVENT_MUX_OUT,
    CHR_EVENT_CLOSED,   /* the other side has gone */
} QEMUChrEvent;

typedef enum {
    QEMU_CHAR_FEATURE_RECONNECTABLE,    /* a peer may go and another come */
    QEMU_CHAR_FEATURE_FD_PASS,          /* carries file descriptors */
    QEMU_CHAR_FEATURE_REPLAY,
    QEMU_CHAR_FEATURE_GCONTEXT,
    QEMU_CHAR_FEATURE_LAST,
} ChardevFeature;

/* Most bytes that one callback of a front end gets. */
#define CHR_READ_BUF_LEN 4096
/* Most bytes that a write_all leaves behind for later. */
#define CHARDEV_HELD_MAX (64 * 1024)
/* How long the functions wait that have to. */
#define CHARDEV_SYNC_MS 3000

typedef struct CharBackend CharBackend;
typedef struct ChardevWatch ChardevWatch;

#define TYPE_CHARDEV "chardev"
OBJECT_DECLARE_TYPE(Chardev, ChardevClass, CHARDEV)

#define TYPE_CHARDEV_NULL "chardev-null"
#define TYPE_CHARDEV_SOCKET "chardev-socket"
#define TYPE_CHARDEV_FILE "chardev-file"
#define TYPE_CHARDEV_STDIO "chardev-stdio"
#define TYPE_CHARDEV_PIPE "chardev-pipe"
#define TYPE_CHARDEV_PTY "chardev-pty"
#define TYPE_CHARDEV_RINGBUF "chardev-ringbuf"
#define TYPE_CHARDEV_MEMORY "chardev-memory"

struct Chardev {
    Object parent_obj;

    CharBackend *be;            /* front end; written with main and home entered, atomic */
    char *label;                /* constant */
    char *filename;             /* as query-chardev shows it */
    int logfd;                  /* copy of all output; -1: none */
    int be_open;                /* CHR_EVENT_OPENED was the last of the two */
    uint32_t features;          /* bit for each ChardevFeature */

    struct AioContext *ctx;     /* home; holds a reference */
    /* Where the front end wants to listen; NULL: nowhere. Atomic; written by its owner. */
    struct AioContext *listen_ctx;
    GByteArray *held;           /* output of write_all that had no room yet */
    GQueue watches;             /* ChardevWatch */
    bool ringing;               /* watches are being called */
};

/* One option of -chardev, for checking, help and query-command-line-options. */
typedef struct ChardevOption {
    const char *name;           /* NULL ends the list */
    const char *type;           /* "string", "boolean" or "number" */
    const char *help;
} ChardevOption;

/*
 * What a back end implements; all with the home entered, NULL: does nothing.
 *
 * @open: makes it work from what @backend says. *@be_opened is true before the
 *   call: clear it when the other side is not there yet.
 * @parse: fills @backend from checked options; the kind is set already.
 * @chr_write: as qemu_chr_fe_write().
 * @chr_sync_read: waits, at most CHARDEV_SYNC_MS.
 * @chr_detach, @chr_attach: leave the loop of the old home; enter that of ctx.
 * @chr_update: whether the front end takes input, or somebody waits for room,
 *   may have changed.
 * @can_wait: writes can find no room, so watches make sense now.
 */
struct ChardevClass {
    ObjectClass parent_class;

    bool internal;              /* not for users */
    const ChardevOption *options;
    bool (*parse)(JsonObject *opts, ChardevBackend *backend, Error **errp);
    void (*open)(Chardev *chr, ChardevBackend *backend, bool *be_opened, Error **errp);

    int (*chr_write)(Chardev *s, const uint8_t *buf, int len);
    int (*chr_sync_read)(Chardev *s, uint8_t *buf, int len);
    void (*chr_detach)(Chardev *s);
    void (*chr_attach)(Chardev *s);
    void (*chr_update)(Chardev *s);
    bool (*can_wait)(Chardev *s);
    int (*chr_ioctl)(Chardev *s, int cmd, void *arg);
    int (*get_msgfds)(Chardev *s, int *fds, int num);
    int (*set_msgfds)(Chardev *s, int *fds, int num);
    int (*chr_add_client)(Chardev *chr, int fd);
    int (*chr_wait_connected)(Chardev *chr, Error **errp);
    void (*chr_disconnect)(Chardev *chr);
    void (*chr_set_echo)(Chardev *chr, bool echo);
    void (*chr_set_fe_open)(Chardev *chr, int fe_open);
};

/* ---- making and finding; main context ---- */

/*
 * @typename: "chardev-NAME". @id NULL: not below /chardevs, the caller owns
 * the reference; else the tree does. NULL with errp set on failure.
 */
Chardev *qemu_chardev_new(const char *id, const char *typename, ChardevBackend *backend,
                          GMainContext *context, Error **errp);
/*
 * From the short spelling of -serial and -monitor: "null", "stdio", "pty",
 * "file:PATH", "pipe:PATH", "unix:PATH,server=on", "tcp:HOST:PORT,...",
 * "chardev:ID" (finds). Reports its error itself and returns NULL.
 */
Chardev *qemu_chr_new(const char *label, const char *filename, GMainContext *context);
Chardev *qemu_chr_find(const char *name);
/* At exit, after devices and monitors: closes all. */
void qemu_chr_cleanup(void);

/* ours: the same with an error; @opts are those of -chardev, "backend" and "id" among them. */
Chardev *chardev_new_from_options(JsonObject *opts, Error **errp);
/* ours: whether those options make sense, as far as that shows without making it. */
bool chardev_options_check(JsonObject *opts, Error **errp);
Chardev *chardev_new_from_short(const char *label, const char *spec, Error **errp);
/* ours: the class of a user's NAME of -chardev; NULL with errp set. */
ChardevClass *chardev_class_by_name(const char *name, Error **errp);
/* ours: names of what users may make, sorted; free with g_list_free_full(l, g_free). */
GList *chardev_backend_names(void);
/* ours: text of "-chardev help" (NULL) and "-chardev NAME,help"; the caller frees. */
char *chardev_help(const char *name, Error **errp);
/* ours: calls @fn for each, sorted by label, with its home entered. */
void chardev_foreach(void (*fn)(Chardev *chr, void *opaque), void *opaque);
/* ours: whether somebody uses it. Main context. */
bool chardev_is_busy(Chardev *chr);
/* ours: a server with wait=on that has had no client yet. */
bool chardev_awaits_peer(Chardev *chr);
/* ours: of a socket; NULL: it is none, or is known by its descriptor only. Borrowed. */
const struct IOAddress *chardev_socket_address(Chardev *chr);

/* ---- for back ends; home entered ---- */

/* Bytes that the front end takes now. */
int qemu_chr_be_can_write(Chardev *s);
/* At most as many as that. The front end may do anything, also let go of @s. */
void qemu_chr_be_write(Chardev *s, const uint8_t *buf, int len);
void qemu_chr_be_event(Chardev *s, QEMUChrEvent event);

bool qemu_chr_has_feature(Chardev *chr, ChardevFeature feature);
void qemu_chr_set_feature(Chardev *chr, ChardevFeature feature);

/* ---- for others; main context ---- */

int qemu_chr_write(Chardev *s, const uint8_t *buf, int len, bool write_all);
#define qemu_chr_write_all(s, buf, len) qemu_chr_write((s), (buf), (len), true)
/* A connected socket as the peer; -1 when there is one, or @s has no peers. */
int qemu_chr_add_client(Chardev *s, int fd);
int qemu_chr_wait_connected(Chardev *chr, Error **errp);

#endif
