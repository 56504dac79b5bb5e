/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading and writing of channel addresses. */
#include "qemu/osdep.h"
#include "io/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

/* One byte of sun_path is the terminating NUL. */
#define UNIX_PATH_MAX_LEN (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

bool io_address_set_unix(IOAddress *addr, const char *path, Error **errp)
{
    *addr = (IOAddress) { 0 };
    if (!*path) {
        error_setg(errp, "the path of the UNIX socket is missing: write unix:PATH");
        return false;
    }
    if (strlen(path) > UNIX_PATH_MAX_LEN) {
        error_setg(errp, "UNIX socket path '%s' is too long: %zu bytes, at most %zu are"
                   " possible; choose a shorter folder", path, strlen(path),
                   UNIX_PATH_MAX_LEN);
        return false;
    }
    addr->kind = IO_ADDRESS_UNIX;
    addr->path = g_strdup(path);
    return true;
}

static bool set_loopback(const char *host, IOAddress *addr)
{
    addr->ipv6 = !strcmp(host, "::1") || !strcmp(host, "[::1]");
    return addr->ipv6 || !strcmp(host, "127.0.0.1") || !strcmp(host, "localhost");
}

static bool parse_host(const char *host, IOAddress *addr, Error **errp)
{
    if (set_loopback(host, addr)) {
        return true;
    }
    error_setg(errp, "'%s' is not a loopback address: whoever connects has full control,"
               " so use 127.0.0.1, localhost or ::1 and forward the port", host);
    return false;
}

static bool parse_port(const char *text, IOAddress *addr, Error **errp)
{
    guint64 port;

    if (!g_ascii_string_to_unsigned(text, 10, 0, UINT16_MAX, &port, NULL)) {
        error_setg(errp, "'%s' is not a port: give a number from 0 to 65535", text);
        return false;
    }
    addr->port = port;
    return true;
}

/* Brackets around an IPv6 address are how it is written in front of a port. */
static char *without_brackets(const char *host)
{
    size_t len = strlen(host);

    return len > 1 && host[0] == '[' && host[len - 1] == ']' ? g_strndup(host + 1, len - 2) :
           g_strdup(*host ? host : "0.0.0.0");
}

bool io_address_set_tcp(IOAddress *addr, const char *host, const char *port, Error **errp)
{
    struct in6_addr binary;
    g_autofree char *plain = without_brackets(host);

    *addr = (IOAddress) { .kind = IO_ADDRESS_TCP };
    if (!parse_port(port, addr, errp)) {
        return false;
    }
    if (set_loopback(host, addr)) {
        return true;
    }
    addr->ipv6 = inet_pton(AF_INET6, plain, &binary) == 1;
    if (!addr->ipv6 && inet_pton(AF_INET, plain, &binary) != 1) {
        error_setg(errp, "'%s' is not a numeric address, and names are not looked up here:"
                   " write it like 192.0.2.1 or 2001:db8::1", host);
        return false;
    }
    addr->host = g_steal_pointer(&plain);
    return true;
}

bool io_address_is_local(const IOAddress *addr)
{
    return addr->kind != IO_ADDRESS_TCP || !addr->host;
}

void io_address_copy(IOAddress *to, const IOAddress *from)
{
    *to = *from;
    to->path = g_strdup(from->path);
    to->host = g_strdup(from->host);
}

static bool parse_tcp(const char *text, IOAddress *addr, Error **errp)
{
    const char *colon = strrchr(text, ':');
    g_autofree char *host = colon ? g_strndup(text, colon - text) : NULL;

    if (!colon) {
        error_setg(errp, "the port is missing in 'tcp:%s': write tcp:HOST:PORT", text);
        return false;
    }
    if (!parse_port(colon + 1, addr, errp) || !parse_host(host, addr, errp)) {
        return false;
    }
    addr->kind = IO_ADDRESS_TCP;
    return true;
}

bool io_address_parse(const char *text, IOAddress *addr, Error **errp)
{
    *addr = (IOAddress) { 0 };
    if (g_str_has_prefix(text, "unix:")) {
        return io_address_set_unix(addr, text + 5, errp);
    }
    if (g_str_has_prefix(text, "tcp:")) {
        return parse_tcp(text + 4, addr, errp);
    }
    if (!strcmp(text, "stdio")) {
        addr->kind = IO_ADDRESS_STDIO;
        return true;
    }
    error_setg(errp, "'%s' is not an address: use unix:PATH, tcp:127.0.0.1:PORT or stdio",
               text);
    return false;
}

void io_address_clear(IOAddress *addr)
{
    g_free(addr->path);
    g_free(addr->host);
    *addr = (IOAddress) { 0 };
}

static const char *host_text(const IOAddress *addr)
{
    return addr->host ?: addr->ipv6 ? "::1" : "127.0.0.1";
}

char *io_address_format(const IOAddress *addr)
{
    switch (addr->kind) {
    case IO_ADDRESS_UNIX:
        return g_strdup_printf("unix:%s", addr->path);
    case IO_ADDRESS_TCP:
        return g_strdup_printf(addr->ipv6 ? "tcp:[%s]:%u" : "tcp:%s:%u", host_text(addr),
                               addr->port);
    case IO_ADDRESS_STDIO:
        return g_strdup("stdio");
    default:
        return g_strdup("none");
    }
}

static socklen_t unix_sockaddr(const IOAddress *addr, struct sockaddr_storage *ss)
{
    struct sockaddr_un *un = (struct sockaddr_un *)ss;

    un->sun_family = AF_UNIX;
    g_strlcpy(un->sun_path, addr->path, sizeof(un->sun_path));
    return sizeof(*un);
}

static socklen_t tcp6_sockaddr(const IOAddress *addr, struct sockaddr_storage *ss)
{
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;

    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(addr->port);
    inet_pton(AF_INET6, host_text(addr), &in6->sin6_addr);
    return sizeof(*in6);
}

static socklen_t tcp4_sockaddr(const IOAddress *addr, struct sockaddr_storage *ss)
{
    struct sockaddr_in *in = (struct sockaddr_in *)ss;

    in->sin_family = AF_INET;
    in->sin_port = htons(addr->port);
    inet_pton(AF_INET, host_text(addr), &in->sin_addr);
    return sizeof(*in);
}

socklen_t io_address_to_sockaddr(const IOAddress *addr, struct sockaddr_storage *ss)
{
    memset(ss, 0, sizeof(*ss));
    if (addr->kind == IO_ADDRESS_UNIX) {
        return unix_sockaddr(addr, ss);
    }
    g_assert(addr->kind == IO_ADDRESS_TCP);
    return addr->ipv6 ? tcp6_sockaddr(addr, ss) : tcp4_sockaddr(addr, ss);
}
