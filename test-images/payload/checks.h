/* SPDX-License-Identifier: MIT */
/*
 * checks.h - what every multiboot2 test target does: read what the stub left,
 * hold it against itself, and end QEMU. Whatever is wrong ends the run with
 * `verdict: NAME failure` and its reason.
 */
#ifndef TEST_IMAGES_CHECKS_H
#define TEST_IMAGES_CHECKS_H

#include "console.h"
#include "pass.h"
#include "result.h"

/* What this instance was given; see() fills it in. */
struct seen {
	struct console console;
	struct diag_log diag;
	struct blob blob;		/* the result tree, in the region */
	struct result result;
	struct frametable_view view;
	const struct ho_breadcrumb *crumb;
	const char *cmdline;
	char case_name[64];		/* baton.case= */
	const uint8_t *map_tag;		/* tag 6 of the boot information */
	struct range info;		/* the boot information */
	uint32_t module_count;
	struct range modules[HO_TARGET_MODULES_MAX];
};

extern struct seen seen;

#define say(...) console_say(&seen.console, __VA_ARGS__)

#define fail(format, ...) do { \
	say("verdict: %s failure " format "\n", seen.case_name, \
	    ##__VA_ARGS__); \
	finish(false); \
} while (0)

#define require(what, format, ...) do { \
	if (!(what)) \
		fail(format, ##__VA_ARGS__); \
} while (0)

/* End QEMU through isa-debug-exit: status 33, or 35. */
void finish(bool good) __attribute__((noreturn));

/* Command line, map, breadcrumb and result, from the boot information. */
void see(const uint8_t *information);

/* Physical memory, which head.S has mapped up to 16 GiB. */
const void *at(uint64_t pa, uint64_t bytes);

bool starts_with(const char *text, const char *prefix);
/* The value of an option up to the next blank; NULL: not there. */
const char *option(const char *name);
bool flag(const char *name);
uint64_t number(const char *p);		/* decimal, or 0x and hexadecimal */

/* The stream as the old instance wrote it. */
const uint8_t *stream_bytes(void);

/* Looks at the content of one frame of a domain. */
typedef void (*content_fn)(const struct ho_rec_domain *domain, uint64_t mfn);

/* Every word of a frame is pattern() of its address, with `salt`. */
void check_words(uint64_t mfn, uint64_t salt);

/* Every frame of every extent has the owner and the type of the stream, and
 * the content, unless NULL. Returns how many there are. */
uint64_t check_stream(content_fn content);

/* What the table has in all is what the stream had in all. */
void check_totals(uint64_t frames);
/* The map of the boot information is that of the result, split at 4 GiB. */
void check_map(void);
/* No RAM over anything owned, nor over the region. */
void check_plugged(void);

bool ram_covers(struct range r);

#endif /* TEST_IMAGES_CHECKS_H */
