/* SPDX-License-Identifier: MIT */
/*
 * cmdline.h - options of a kernel's command line.
 */
#ifndef LOADER_CMDLINE_H
#define LOADER_CMDLINE_H

#include <stddef.h>

/* The value of the last word of `line` that begins with `name` ("root="): of two the
 * kernel takes that. It has *length bytes, no NUL behind them. NULL: there is none. */
const char *cmdline_value(const char *line, const char *name, size_t *length);

#endif /* LOADER_CMDLINE_H */
