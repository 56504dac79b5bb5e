/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error: a node whose requests fail as its rules say; the others go on to the
 * node below. The rules can be replaced while it works (x-blockdev-error-set),
 * and each counts what it has seen.
 *
 * Locking: the rules are under the lock of the node's context.
 */
#include "qemu/osdep.h"
#include "block-int.h"
#include "errno-name.h"
#include "filter.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-block-core.h"

typedef struct Rule {
    int op;                     /* a BlockOp, -1: all */
    int64_t offset, last;       /* of the range, both inside */
    uint64_t nth;
    int error;                  /* positive */
    bool once;
    uint64_t seen, failed;
} Rule;

typedef struct ErrorState {
    Rule *rules;
    size_t nr_rules;
} ErrorState;

static bool touches(const Rule *rule, const BlockRequest *req)
{
    if (req->op == BLOCK_OP_FLUSH) {
        return true;
    }
    return req->bytes && req->offset <= rule->last &&
           (req->offset >= rule->offset || rule->offset - req->offset < req->bytes);
}

static bool fires(Rule *rule, const BlockRequest *req)
{
    if ((rule->op >= 0 && rule->op != (int)req->op) || !touches(rule, req)) {
        return false;
    }
    rule->seen++;
    return rule->once ? rule->seen == rule->nth : rule->seen >= rule->nth;
}

QEMU_BUILD_BUG_ON((int)BLOCK_ERROR_EVENT__MAX != (int)BLOCK_OP__MAX);

static int error_submit(BlockDriverState *bs, BlockRequest *req)
{
    ErrorState *s = bs->opaque;

    for (size_t i = 0; i < s->nr_rules; i++) {
        if (fires(&s->rules[i], req)) {
            s->rules[i].failed++;
            return -s->rules[i].error;
        }
    }
    return bdrv_submit(bs->file, req);
}

static bool parse_errno(const BlockErrorNumber *value, int *number, Error **errp)
{
    int64_t n = 0;

    if (!value) {
        *number = EIO;
        return true;
    }
    n = value->type == QTYPE_QNUM ? value->u.number : errno_from_name(value->u.name);
    /* A driver that answered EINPROGRESS would claim that the request goes on. */
    if (n < 1 || n > 4095 || n == EINPROGRESS) {
        g_autofree char *text = value->type == QTYPE_QNUM ? g_strdup_printf("%" PRId64, n)
                                                          : g_strdup(value->u.name);

        error_setg(errp, "error: 'errno=%s' is no error of a request: use a name such as ENOSPC,"
                   " or its number", text);
        return false;
    }
    *number = n;
    return true;
}

static void parse_range(const BlockErrorRule *from, Rule *to)
{
    to->offset = from->has_offset ? MIN(from->offset, INT64_MAX) : 0;
    to->last = INT64_MAX;
    if (from->has_bytes && from->bytes <= INT64_MAX - to->offset) {
        to->last = to->offset + from->bytes - 1;
    }
}

static bool parse_rule(const BlockErrorRule *from, Rule *to, Error **errp)
{
    to->op = from->has_event ? (int)from->event : -1;
    to->nth = from->has_nth ? from->nth : 1;
    to->once = from->has_once && from->once;
    if (!to->nth) {
        error_setg(errp, "error: 'nth=0' counts no request: the first one is 1");
        return false;
    }
    if (from->has_bytes && !from->bytes) {
        error_setg(errp, "error: 'bytes=0' is a range that no request touches");
        return false;
    }
    parse_range(from, to);
    return parse_errno(from->q_errno, &to->error, errp);
}

/* The rules of a list that is right, NULL otherwise. */
static Rule *parse_rules(const BlockErrorRuleList *list, size_t *count, Error **errp)
{
    g_autoptr(GArray) rules = g_array_new(FALSE, TRUE, sizeof(Rule));

    for (const BlockErrorRuleList *l = list; l; l = l->next) {
        Rule rule = { 0 };

        if (!parse_rule(l->value, &rule, errp)) {
            return NULL;
        }
        g_array_append_val(rules, rule);
    }
    *count = rules->len;
    return g_renew(Rule, g_array_free(g_steal_pointer(&rules), FALSE), *count + 1);
}

static bool set_rules(BlockDriverState *bs, const BlockErrorRuleList *list, Error **errp)
{
    ErrorState *s = bs->opaque;
    size_t count;
    Rule *rules = parse_rules(list, &count, errp);

    if (!rules) {
        return false;
    }
    g_free(s->rules);
    s->rules = rules;
    s->nr_rules = count;
    return true;
}

static bool error_open(BlockDriverState *bs, const BlockdevOptions *options, Error **errp)
{
    return set_rules(bs, options->u.error.rules, errp) && filter_open(bs);
}

static void error_close(BlockDriverState *bs)
{
    ErrorState *s = bs->opaque;

    g_free(s->rules);
}

static const BlockDriver error_driver = {
    .name = "error",
    .kind = BLOCKDEV_DRIVER_ERROR,
    .state_size = sizeof(ErrorState),
    .has_file = true,
    .is_filter = true,
    .open = error_open,
    .close = error_close,
    .submit = error_submit,
    .cancel = filter_never_cancel,
    FILTER_PASSES_ON,
};
block_driver_init(error_driver)

void qmp_x_blockdev_error_set(const char *node_name, BlockErrorRuleList *rules, Error **errp)
{
    BlockDriverState *bs = filter_find(node_name, &error_driver, errp);

    if (bs) {
        AIO_CONTEXT_GUARD(bs->ctx);

        set_rules(bs, rules, errp);
    }
}

BlockErrorCountList *qmp_x_query_blockdev_error(const char *node_name, Error **errp)
{
    BlockDriverState *bs = filter_find(node_name, &error_driver, errp);
    BlockErrorCountList *list = NULL, **tail = &list;

    if (bs) {
        ErrorState *s = bs->opaque;
        AIO_CONTEXT_GUARD(bs->ctx);

        for (size_t i = 0; i < s->nr_rules; i++) {
            BlockErrorCount *count = g_new0(BlockErrorCount, 1);

            count->matched = s->rules[i].seen;
            count->failed = s->rules[i].failed;
            QAPI_LIST_APPEND(tail, count);
        }
    }
    return list;
}
