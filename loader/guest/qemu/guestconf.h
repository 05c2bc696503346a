/* SPDX-License-Identifier: MIT */
/*
 * guestconf.h - what is kept of a QEMU guest beside its memory and its device
 * state: the command line, the backends, the monitor, whose process it was.
 * Travels as a STATE record, in JSON; read back in the new instance, where
 * nothing of it is believed.
 */
#ifndef LOADER_GUESTCONF_H
#define LOADER_GUESTCONF_H

#include <json-c/json.h>
#include <net/if.h>

#include "diag.h"
#include "guestproc.h"

#define GUEST_CONF_STATE	"qemu"		/* names of the STATE records */
#define GUEST_DEVICE_STATE	"qemu-vmstate"
/* 2: with "process", which a reader of 1 must not miss: it would start another
 * user's QEMU as root. 1 is read. */
#define GUEST_CONF_VERSION	2
#define GUEST_BACKENDS_MAX	16
#define GUEST_ID_BYTES		64
#define GUEST_ARGS_MAX		4096
#define GUEST_BRIDGES_MAX	16

/* Where the keeper maps the backends: far from anything else, so that the gfn
 * words of the stream say the place in a backend; with a gap between two, so
 * that no extent is of both. */
#define GUEST_BASE		0x100000000000ull
#define GUEST_STEP		(1ull << 30)

struct guest_backend {
	char id[GUEST_ID_BYTES];
	uint64_t address;		/* in the keeper; gfn << 12 */
	uint64_t bytes;
};

struct guest_conf {
	int backend_count;
	struct guest_backend backends[GUEST_BACKENDS_MAX];
	bool running;			/* before it was stopped for the save */
	char machine[GUEST_ID_BYTES];	/* "pc-i440fx-7.2", not an alias */
	char version[32];		/* of QEMU, "7.2.22" */
	char *directory, *program, *monitor;
	char **args;			/* NULL-terminated; [0] is the name */
	int arg_count;
	int bridge_count;
	char bridges[GUEST_BRIDGES_MAX][IFNAMSIZ]; /* of guestnet.h; none: not known */
	bool has_process;		/* not in version 1 */
	struct guest_process process;
};

/* What any QEMU guest has, whoever starts it, into an object: machine, version,
 * backends, running. */
void guest_conf_json(const struct guest_conf *c, struct json_object *o);
/* The same out of an object that is not believed. HO_EGUESTCONF. */
int guest_conf_take(struct guest_conf *c, struct json_object *o,
		    struct diag_log *diag);
/* HO_EGUESTCONF: what of it is not as it may be. */
int guest_conf_bad(struct diag_log *diag, const char *what);
/* Takes what it needs out of the object that a STATE record is. */
typedef int (*guest_conf_fn)(void *conf, struct json_object *o,
			     struct diag_log *diag);
/* take(conf) over the text of a record. HO_EGUESTCONF, HO_ENOMEM, its codes. */
int guest_conf_parse(const char *text, size_t bytes, guest_conf_fn take,
		     void *conf, struct diag_log *diag);
/* Its text as JSON, to be freed; NULL: HO_ENOMEM. */
char *guest_conf_write(const struct guest_conf *c, struct diag_log *diag);
/* HO_EGUESTCONF. */
int guest_conf_read(struct guest_conf *c, const char *text, size_t bytes,
		    struct diag_log *diag);
/* Free what it holds, also after guest_conf_read() failed. */
void guest_conf_free(struct guest_conf *c);

/*
 * The arguments that start the guest again: backends on devices of kept
 * memory ("PREFIX.ID"), machine type by its full name, -incoming defer. A
 * NULL-terminated array to free with strings_free(). HO_ENOMEM.
 */
char **guest_args(const struct guest_conf *c, const char *prefix,
		  struct diag_log *diag);

/* Returns 0 when a second QEMU can have the same options. HO_EGUESTONCE,
 * HO_EGUESTARGS for what is inherited or not understood, HO_EGUESTPROC for what
 * root alone could do again. */
int guest_args_check(const struct guest_conf *c, struct diag_log *diag);

#endif /* LOADER_GUESTCONF_H */
