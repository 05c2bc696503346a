/* SPDX-License-Identifier: MIT */
/*
 * resume.h - an update is called off: the guests in its blob run on.
 */
#ifndef LOADER_RESUME_H
#define LOADER_RESUME_H

#include "diag.h"

/*
 * All at once, within so many seconds: one that hangs keeps nobody waiting. Those
 * that ran before they were saved run on, and all keepers end; who does not run
 * is recorded by the name of the domain. HO_EQMP, HO_ENOMEM, codes of
 * loaded_walk(). No error when there is no such blob.
 */
int resume_guests(const char *blob_path, int seconds,
		  struct diag_log *diag);

#endif /* LOADER_RESUME_H */
