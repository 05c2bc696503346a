/* SPDX-License-Identifier: MIT */
/*
 * pendingline.h - a line of stderr that has no end yet: on a terminal tell.c writes
 * it over and over. Whoever else writes there takes it away first.
 */
#ifndef LOADER_PENDINGLINE_H
#define LOADER_PENDINGLINE_H

/* Back to the beginning of the line, and nothing is on it. */
#define PENDING_BACK	"\r\033[K"

/* There is one now. */
void pending_line_set(void);
/* It goes, if there is one. */
void pending_line_clear(void);

#endif /* LOADER_PENDINGLINE_H */
