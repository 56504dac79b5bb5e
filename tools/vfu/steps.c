/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See steps.h for the words. */
#include "qemu/osdep.h"
#include "args.h"
#include "steps.h"

/* How often a register is read while waiting for its value. */
#define UNTIL_PAUSE_NS (1000 * 1000)

static bool parse_wait(const char *word, Step *step, Error **errp)
{
    char *end;

    step->kind = STEP_WAIT;
    step->seconds = g_ascii_strtod(word, &end);
    if (end == word || *end || !(step->seconds >= 0 && step->seconds <= 86400)) {
        error_setg(errp, "step 'wait:%s': give seconds, 0 to 86400", word);
        return false;
    }
    return true;
}

/* What follows the register: nothing, =VALUE, ==VALUE or &MASK==VALUE. */
static bool parse_action(char *action, Step *step, Error **errp)
{
    char *equal = strstr(action, "==");

    step->mask = UINT64_MAX;
    if (!*action) {
        step->kind = STEP_READ;
        return true;
    }
    if (!equal) {
        step->kind = STEP_WRITE;
        if (*action != '=') {
            error_setg(errp, "step '%s': '&' needs '==VALUE' behind the mask", step->word);
            return false;
        }
        return arg_number("value", action + 1, &step->value, errp);
    }
    step->kind = STEP_UNTIL;
    *equal = '\0';
    if (*action == '&' && !arg_number("mask", action + 1, &step->mask, errp)) {
        return false;
    }
    return arg_number("value", equal + 2, &step->value, errp);
}

static bool check_width(const Step *step, Error **errp)
{
    if (step->kind == STEP_WRITE && step->width < 8 && step->value >> (8 * step->width)) {
        error_setg(errp, "step '%s': the value does not fit in %u bytes; add /8 behind the "
                   "offset or give a smaller one", step->word, step->width);
        return false;
    }
    return true;
}

bool step_parse(const char *word, Step *step, Error **errp)
{
    g_autofree char *copy = g_strdup(word);
    g_autofree char *action = NULL;
    char *offset = strchr(copy, ':'), *width;
    size_t at;

    *step = (Step) { .word = word, .width = 4 };
    if (g_str_equal(word, "reset")) {
        step->kind = STEP_RESET;
        return true;
    }
    if (!offset) {
        error_setg(errp, "step '%s': use REGION:OFFSET, REGION:OFFSET=VALUE, wait:SECONDS "
                   "or reset", word);
        return false;
    }
    *offset++ = '\0';
    if (g_str_equal(copy, "wait")) {
        return parse_wait(offset, step, errp);
    }
    at = strcspn(offset, "=&");
    action = g_strdup(offset + at);
    offset[at] = '\0';
    width = strchr(offset, '/');
    if (width) {
        *width++ = '\0';
    }
    return arg_region(copy, &step->region, errp) &&
           arg_number("offset", offset, &step->offset, errp) &&
           (!width || arg_width(width, &step->width, errp)) &&
           parse_action(action, step, errp) && check_width(step, errp);
}

GArray *steps_parse(VfuTool *tool, char **words, int nr)
{
    g_autoptr(GArray) steps = g_array_new(false, false, sizeof(Step));

    for (int i = 0; i < nr; i++) {
        Error *err = NULL;
        Step step;

        if (!step_parse(words[i], &step, &err)) {
            vfu_error(tool, "%s", error_get_pretty(err));
            error_free(err);
            return NULL;
        }
        g_array_append_val(steps, step);
    }
    return g_steal_pointer(&steps);
}

/* --- running --- */

static int read_step(VfuTool *tool, VfuClient *c, const Step *s, uint64_t *value)
{
    int ret;

    *value = 0;
    ret = vfu_client_read(c, s->region, s->offset, value, s->width);
    *value = GUINT64_FROM_LE(*value);
    return ret ? vfu_failed(tool, c, ret, s->word) : 0;
}

static int run_read_step(VfuTool *tool, VfuClient *c, const Step *s)
{
    uint64_t value;

    if (read_step(tool, c, s, &value)) {
        return 1;
    }
    out_text(tool->out, "%s is 0x%0*" PRIx64 "\n", s->word, (int)(2 * s->width), value);
    out_object(tool->out, NULL);
    out_string(tool->out, "register", s->word);
    out_hex(tool->out, "value", value);
    out_object_end(tool->out);
    return 0;
}

static int run_until_step(VfuTool *tool, VfuClient *c, const Step *s)
{
    int64_t deadline = g_get_monotonic_time() + tool->timeout * 1e6;
    uint64_t value;

    for (;;) {
        if (read_step(tool, c, s, &value)) {
            return 1;
        }
        if ((value & s->mask) == s->value) {
            return 0;
        }
        if (vfu_interrupted || g_get_monotonic_time() > deadline) {
            return vfu_error(tool, "step '%s': after %g s the register is still 0x%" PRIx64
                             "; --timeout= waits longer", s->word, tool->timeout, value);
        }
        if (vfu_client_serve(c, UNTIL_PAUSE_NS) < 0) {
            return vfu_failed(tool, c, -ECONNRESET, s->word);
        }
    }
}

static int run_step(VfuTool *tool, VfuClient *c, const Step *s)
{
    int ret = 0;

    switch (s->kind) {
    case STEP_READ:
        return run_read_step(tool, c, s);
    case STEP_UNTIL:
        return run_until_step(tool, c, s);
    case STEP_WRITE:
        ret = vfu_client_writen(c, s->region, s->offset, s->width, s->value);
        break;
    case STEP_WAIT:
        ret = vfu_client_serve(c, s->seconds * 1e9);
        break;
    case STEP_RESET:
        ret = vfu_client_reset(c);
        break;
    }
    return ret ? vfu_failed(tool, c, ret, s->word) : 0;
}

int steps_run(VfuTool *tool, VfuClient *c, const GArray *steps)
{
    int ret = 0;

    out_list(tool->out, "reads");
    for (unsigned i = 0; i < steps->len && ret == 0; i++) {
        ret = run_step(tool, c, &g_array_index(steps, Step, i));
    }
    out_list_end(tool->out);
    return ret;
}
