/* SPDX-License-Identifier: MIT */
/*
 * config.h - /etc/baton/baton.conf and /etc/baton/conf.d: what upgrade and precheck
 * take on this host where the call says nothing. baton.conf(5).
 */
#ifndef LOADER_CONFIG_H
#define LOADER_CONFIG_H

#include "options.h"

#define CONFIG_FILE	"/etc/baton/baton.conf"
#define CONFIG_MORE	"/etc/baton/conf.d/*.conf"
#define CONFIG_MAX	128		/* lines with an option, of all files */
#define CONFIG_FILES_MAX 64
#define CONFIG_BYTES_MAX (64u << 10)	/* of a file */

struct config_line {
	const struct option_row *row;
	char *value;
	int file;			/* in files[] */
	int line;			/* from 1 on */
};

struct config {
	int count, file_count;
	struct config_line lines[CONFIG_MAX];
	char *files[CONFIG_FILES_MAX];
};

/* True when a file may set it: what names guests, or says what one call does, is the
 * call's alone. */
bool config_takes(const struct option_row *row);
/* All files, in the order in which a later one replaces what an earlier one says.
 * HO_ECONFIG with file and line, HO_EOWNER, HO_EFILE, HO_ENOMEM. */
int config_read(struct config *c, struct diag_log *diag);
/* Text of a file that is files[file]. HO_ECONFIG, HO_ENOMEM. */
int config_parse(struct config *c, int file, const char *text, size_t bytes,
		 struct diag_log *diag);
/* Set what the call does not, and no `leave` where it names guests; `c` must live as
 * long as `a`. HO_ECONFIG: no good value. */
int config_apply(const struct config *c, struct arguments *a,
		 enum command_id command, struct diag_log *diag);
/* Free its texts. */
void config_free(struct config *c);

#endif /* LOADER_CONFIG_H */
