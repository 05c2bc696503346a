/* SPDX-License-Identifier: MIT */
/*
 * tell.h - what a long command is at, for whoever waits: a line for each stage, and
 * once a second how far it is. For people on stderr, where a terminal's line is
 * written over; for programs on stdout, a JSON object a line. One command at a time;
 * what is not begun tells nothing.
 */
#ifndef LOADER_TELL_H
#define LOADER_TELL_H

#include <stdbool.h>
#include <stdint.h>

enum tell_how { TELL_PEOPLE, TELL_JSON, TELL_QUIET };

/* From now on, with the clock at 0. `command` must live. */
void tell_begin(enum tell_how how, const char *command);
/* Nothing more is told; the last line stays. No harm when it was not begun. */
void tell_end(void);

/*
 * The next stage: a word for programs, and a line for people, or NULL. "": there is
 * none, and nothing is told. How many guests and bytes it is about to go through, 0:
 * that is not known. Both texts must live until the next call.
 */
void tell_stage(const char *stage, const char *text, uint64_t guests,
		uint64_t bytes);
/* What is worth a line besides; an event `note` with its `text`. */
void tell_note(const char *text);
/* So many more of them are done. By any thread, and by parts that do not know
 * whether they are waited for. */
void tell_done(uint64_t guests, uint64_t bytes);

/* The stage, "" before the first one. */
const char *tell_stage_now(void);
/* The same, in text of at least 160 bytes: what the line of a second says. */
void tell_line(char *text, unsigned long size);

struct json_object;
/* A line of JSON, if these are wanted: `event`, the time since the beginning, and
 * all of `o`, which goes. */
void tell_event(const char *event, struct json_object *o);

#endif /* LOADER_TELL_H */
