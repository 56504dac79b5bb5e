/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A front end that writes down what it sees, and a folder for sockets and files. */
#ifndef TEST_CHARDEV_RIG_H
#define TEST_CHARDEV_RIG_H

#include "qemu/osdep.h"
#include "block/aio.h"
#include "chardev/char-fe.h"
#include "chardev/char.h"

typedef struct Front {
    CharBackend be;
    int room;               /* what can_read says */
    GString *got;
    GString *events;        /* o, c, b: opened, closed, break */
    AioContext *ctx;        /* of the last callback */
    int changes;            /* be_change calls */
    int change_result;
    /* Called at the end of each read or event. */
    void (*then)(struct Front *f);
} Front;

/* Listens in the current context. */
void front_init(Front *f, Chardev *chr);
void front_listen(Front *f);
void front_clear(Front *f);

/* Turns the main loop until the condition holds; fails after a while. */
#define turn_until(cond) \
    do { \
        int turns_ = 0; \
        while (!(cond)) { \
            g_assert_cmpint(turns_++, <, 20000); \
            if (!aio_poll(aio_context_main(), false)) { \
                g_usleep(500); \
            } \
        } \
    } while (0)
/* A few turns in which nothing may happen. */
void turn_some(void);

/* As -chardev, by the words behind it: "socket,path=...". */
Chardev *chardev_from(const char *text, Error **errp);
void chardev_refused(const char *text, const char *why);

extern char *rig_folder;
char *rig_path(const char *name);
int rig_connect(const char *path);
void rig_send(int fd, const char *text);
/* What is there now. */
char *rig_receive(int fd);

void rig_init(int *argc, char ***argv);
int rig_run(void);

#endif
