/* SPDX-License-Identifier: MIT */
/*
 * memdevice.h - devices of the kernel module baton_mem: reserved memory as files of
 * BATON_MEM_FOLDER (module/baton_mem.h).
 */
#ifndef LOADER_MEMDEVICE_H
#define LOADER_MEMDEVICE_H

#include "baton_mem.h"
#include "diag.h"

/* The module's file system on BATON_MEM_FOLDER; where it is already, it is left so.
 * HO_EGUESTMEM. */
int memdevice_mount(struct diag_log *diag);

/* The file `name` there, of these extents, for root alone. It is no error when it
 * exists already, of the same ones. HO_EGUESTMEM. */
int memdevice_create(const char *name, const struct baton_mem_extent *list,
		     uint32_t count, struct diag_log *diag);

#endif /* LOADER_MEMDEVICE_H */
