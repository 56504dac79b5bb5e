/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of a vfio-user-server object: one row each, with its help text,
 * its bounds and the member it sets. docs/system/vfio-user-server.rst lists
 * them for users; a test compares the two.
 */
#ifndef HW_REMOTE_SERVER_OPTIONS_H
#define HW_REMOTE_SERVER_OPTIONS_H

#include "qemu/osdep.h"
#include "qom/object.h"
#include "outbound/iova-space.h"
#include "vfio-user/server.h"

typedef struct ServerOptions {
    char *socket_type;          /* server-socket.c knows them */
    char *path;
    char *fd;                   /* number or name, with type=fd */
    char *name;                 /* with type=systemd */
    char *mode;                 /* octal */
    char *peer_uid;
    char *device;
    int on_disconnect;          /* OnDisconnect */
    int dma_access;             /* IOVAAccess */
    int require_seals;          /* RequireSeals */
    int dma_unmap_missing;      /* UnmapMissing */
    int unplug;                 /* UnplugPolicy */
    int dma_layout;             /* VfuServerConfig.dma_layout */
    uint64_t max_dma_maps, max_dma_size, max_data_xfer_size, max_msg_fds;
    uint64_t dma_pipeline, dma_drain_timeout_ms, dma_timeout_ms;
    uint64_t message_timeout_ms, write_timeout_ms;
    uint64_t poll_max_ns;
    uint64_t unplug_timeout_ms;
    bool write_multiple;
} ServerOptions;

enum { ON_DISCONNECT_RESET, ON_DISCONNECT_KEEP };
enum { UNPLUG_REFUSE, UNPLUG_REQUEST, UNPLUG_FORCE };
enum { REQUIRE_SEALS_NONE, REQUIRE_SEALS_SHRINK };
enum { UNMAP_MISSING_OK, UNMAP_MISSING_ERROR };

/* `of` finds the options inside an object; `locked` says that they may not be
 * changed any more. */
typedef struct ServerOptionsAccess {
    ServerOptions *(*of)(Object *obj);
    bool (*locked)(Object *obj);
} ServerOptionsAccess;

void server_options_add_properties(ObjectClass *oc, const ServerOptionsAccess *access);
void server_options_init(ServerOptions *o);
void server_options_clear(ServerOptions *o);

/* What the libraries take; the strings are borrowed from o and name. */
void server_options_vfu(const ServerOptions *o, const char *name, VfuServerConfig *config);
void server_options_dma(const ServerOptions *o, const char *name, IOVASpaceConfig *config);

#endif
