/* SPDX-License-Identifier: MIT */
/*
 * told.h - memory that a Linux is told to leave alone by its command line:
 * memmap= of Documentation/admin-guide/kernel-parameters.txt, as
 * parse_memmap_one() of arch/x86/kernel/e820.c takes it.
 */
#ifndef CORE_TOLD_H
#define CORE_TOLD_H

#include "hostmap.h"

struct told {
	const char *at;			/* rest of the command line */
	const char *item, *end;		/* of a value, NULL: none is begun */
};

/*
 * The next one, false at the end: SIZE$BASE is reserved, SIZE#BASE ACPI's, SIZE!BASE
 * persistent, SIZE%BASE-1+TYPE of another type than RAM. Whatever does not take RAM
 * away, or is not understood, is passed over, as Linux does.
 */
bool told_next(struct told *t, struct range *place, uint32_t *type);

/*
 * The first item that makes RAM of what the map says is none: `exactmap`, which
 * forgets the map, SIZE@BASE, SIZE%BASE...+1. NULL: there is none.
 */
const char *told_adds(const char *command_line);

/*
 * What of a settled map's RAM above 1 MiB the command line takes away becomes what
 * it says, but for the ranges of `keep`; the map is settled again. HO_EMEMORY.
 */
int told_add(struct hostmap *map, const char *command_line,
	     const struct range *keep, uint32_t keep_count,
	     struct diag_log *diag);

#endif /* CORE_TOLD_H */
