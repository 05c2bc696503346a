/* SPDX-License-Identifier: MIT */
/*
 * door.h - which of its entries the door was entered by: head.S says it, door.c
 * reads accordingly. Also for assembly, and for the wrappers setup.S and
 * multiboot.S, which name the entries' places in the image.
 */
#ifndef STUB_DOOR_H
#define STUB_DOOR_H

#include "handover/entry.h"

#define DOOR_LINUX		0
#define DOOR_LINUX64		1
#define DOOR_MULTIBOOT2		2
#define DOOR_PVH		3
#define DOOR_UNKNOWN		4	/* none of the signs of the others */

/* Offsets of the entries */
#define DOOR_AT_LINUX		0	/* 32-bit, of the Linux boot protocol */
#define DOOR_AT_MULTIBOOT2	HO_DOOR_AT_MULTIBOOT2
#define DOOR_AT_PVH		0x40
#define DOOR_AT_LINUX64		0x200	/* 64-bit, of the same */

#endif /* STUB_DOOR_H */
