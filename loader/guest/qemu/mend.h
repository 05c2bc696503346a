/* SPDX-License-Identifier: MIT */
/*
 * mend.h - the parts of qemu_mend() (qemumend.h): what QEMU says, and the command
 * line that is made of it.
 */
#ifndef LOADER_MEND_H
#define LOADER_MEND_H

#include "guestedit.h"
#include "qemulook.h"

#define MEND_PATH_BYTES	256

struct mend {
	struct qemu *q;
	/* answers; an array is empty where QEMU has none */
	struct json_object *blocks, *nodes, *graph, *devices, *nameless,
			   *objects, *chardevs, *cpus;
	char *network, *tree;		/* "info network", "info qtree" */
	bool *gone;			/* by argument: the option is left out */
	int media;			/* nodes that were given a name */
	struct arg_list added;		/* options behind the others */
	bool moved;			/* devices came or went: pin the rest */
	bool changed;
};

/* The value of an option at its place, changed or not; to be freed. NULL: out
 * of memory. */
char *mend_drive(struct mend *m, const struct guest_option *o);
/* See mend_drive(): of a -blockdev. */
char *mend_node(struct mend *m, const char *option);
/* See mend_drive(): of a -device, whose number among those without an id is
 * `number` (-1: it has one). */
char *mend_device(struct mend *m, const struct guest_option *o, int number);
/* See mend_drive(): of an -object. */
char *mend_object(struct mend *m, const char *option);

/* True when the node of this -blockdev is there, over the same file. */
bool mend_node_stays(struct mend *m, const char *option);
/* True when the backend of this -drive is there, or has no id. */
bool mend_drive_stays(struct mend *m, const char *option);

/* Mark what is no longer there, and that nothing needs. */
void mend_gone(struct mend *m);
/* Add nodes, drives, netdevs, objects, character devices; then devices, each behind what it
 * stands on. */
void mend_add_nodes(struct mend *m);
/* See mend_add_nodes(): backends without an option. */
void mend_add_drives(struct mend *m);
/* See mend_add_nodes(). */
void mend_add_netdevs(struct mend *m);
/* See mend_add_nodes(). */
void mend_add_objects(struct mend *m);
/* See mend_add_nodes(). */
void mend_add_chardevs(struct mend *m);
/* See mend_add_nodes(). */
void mend_add_devices(struct mend *m);

/* The node of a device's medium, by a name that an option can say: one that it
 * has, or a new one, with its -blockdev added. "": none; NULL: it cannot be had.
 * To be freed. */
char *mend_medium(struct mend *m, const char *id);
/* True when a -drive has this name. */
bool mend_is_drive(const struct mend *m, const char *name);

/* A property of an object; NULL: it has none, or QEMU does not say. */
struct json_object *mend_get(struct mend *m, const char *path,
			     const char *property);
/* The i-th name of a qom-list that is a child; NULL: no child. */
const char *mend_child(struct json_object *list, size_t i);
/* True when the list has such a child. */
bool mend_has_child(struct json_object *list, const char *name);
/* The bus of the device at `path`, by a name that no other bus has; NULL: it
 * has none. To be freed. */
char *mend_bus(struct mend *m, const char *path);
/* Where on a USB bus a device is, by its id, or of its type the only one without
 * (NULL); 0: unknown. */
int mend_usb_port(struct mend *m, const char *driver, const char *id);
/* "4.0" of a PCI device. False: it is none. */
bool mend_pci_address(struct mend *m, const char *path, char out[16]);

#endif /* LOADER_MEND_H */
