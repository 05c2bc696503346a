/* SPDX-License-Identifier: MIT */
/*
 * qemulook.h - the parts of qemu_open(): whether the guest is what its QEMU's
 * command line says, and can be saved. All before it is stopped; q->conf has the
 * command line. The parts record what differs by its name.
 */
#ifndef LOADER_QEMULOOK_H
#define LOADER_QEMULOOK_H

#include "guestopts.h"
#include "qemu.h"

/* Does it run? Into q->was_running and q->conf. HO_EGUESTBUSY, HO_EQMP,
 * HO_ELIBVIRT. */
int qemu_take_status(struct qemu *q, struct diag_log *diag);
/* All RAM that the guest has: backends, and where they are mapped. HO_EGUESTRAM,
 * HO_EGUESTMEMFD, HO_ENOMAP, HO_EPROCESS, HO_EPERM, HO_EQMP, HO_ELIBVIRT. */
int qemu_take_backends(struct qemu *q, struct diag_log *diag);
/* Program, command line, and whose process it is, into q->conf. HO_EGUESTPROG,
 * HO_EGUESTARGS, HO_EGUESTONCE, HO_EGUESTPROC, HO_EPROCESS. */
int qemu_take_command(struct qemu *q, struct diag_log *diag);
/* Disks, media and their files. HO_EGUESTDIFF, HO_EGUESTBUSY, HO_EQMP. */
int qemu_check_disks(struct qemu *q, struct diag_log *diag);
/* Only what is under way in them. HO_EGUESTBUSY, HO_EGUESTDIFF. */
int qemu_check_jobs(struct qemu *q, struct diag_log *diag);
/* Devices, objects, backends of the network, character devices, CPUs. The
 * same codes. */
int qemu_check_parts(struct qemu *q, struct diag_log *diag);
/* What somebody set for migrations of his own. HO_EGUESTCAP, HO_EQMP. */
int qemu_check_settings(struct qemu *q, struct diag_log *diag);

/* Memory devices that lose in an update what they have. HO_EGUESTDEV, HO_EQMP. */
int qemu_check_memory_devices(struct qemu *q, struct diag_log *diag);

/*
 * Parts of qemu_check_disks(). Returns 0 when the nodes, and the files below
 * them, are those of the command line. HO_EGUESTDIFF.
 */
int qemu_check_nodes(const struct qemu *q, struct json_object *nodes,
		     struct diag_log *diag);
/* True when `file`, as QEMU calls a node's, is the one that this option
 * names. */
bool qemu_is_named(const struct qemu *q, const char *option, const char *file);
/* The same name for people: of a json: text, what begins at its file name. */
const char *qemu_short_name(const char *file);

/* Nodes without a name get this one, and a number. */
#define QEMU_MADE	"baton-medium-"
/* True when the running QEMU's node has another name, or none. */
bool qemu_is_made(const struct qemu *q, const char *node);

/* The guest's address of a backend's first byte, in the flat view of what its CPUs
 * see: of "info mtree -f". False: the guest has none of it. */
bool qemu_guest_address(const char *mtree, const char *id, uint64_t *out);
/* The name in "NAME: index=0,type=..." of "info network", behind a NIC's name or
 * none; *type is in the line, or "". The line is cut; NULL: no such line. */
const char *qemu_network_name(char *line, const char **type);

/* True when I/O limits of a medium (query-block's "inserted", NULL: none) are not
 * those of this option, which may be "". */
bool qemu_limits_differ(const char *option, struct json_object *inserted);

/* 0: it is no list. */
size_t qemu_list_length(struct json_object *list);
/* The next option of that name and with a value; *at begins at 1. NULL: no more. */
const char *qemu_next_value(const struct qemu *q, const char *name, int *at);
/* True when one of these options has this id. */
bool qemu_has_id(const struct qemu *q, const char *name, const char *id);
/* Options that make a device without an id. */
int qemu_count_nameless(const struct qemu *q);
/* True when QEMU itself makes such a device or object, with a name. */
bool qemu_is_own_part(const struct qemu *q, const char *name);
/* True when QEMU itself calls a character device so (-serial, -monitor). */
bool qemu_is_own_label(const char *label);
/* Record HO_EGUESTDIFF. */
int qemu_differs(const struct qemu *q, struct diag_log *diag,
		 const char *format, ...) __attribute__((format(printf, 3, 4)));
/* An answer that an older or a newer QEMU may not have: NULL then, too. */
struct json_object *qemu_ask(struct qemu *q, const char *command,
			     struct json_object *arguments);

#endif /* LOADER_QEMULOOK_H */
