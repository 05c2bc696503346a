/* SPDX-License-Identifier: MIT */
/*
 * installed.h - the files of an update that come with baton.
 */
#ifndef LOADER_INSTALLED_H
#define LOADER_INSTALLED_H

#include <stddef.h>
#include <stdint.h>

/* The stub, and the door, to use when none is named: in ../stub beside the
 * program (a build tree), beside it, in ../lib/baton, or in /usr/lib/baton.
 * NULL: in none of them. */
const char *installed_stub_path(void);
/* The same for the door, baton.bzImage. */
const char *installed_door_path(void);
/* The same for the door that kexec_file_load(2) takes: baton.kexec.signed, which
 * is signed on this host, or baton.kexec, which is not. */
const char *installed_kexec_door_path(void);
/* The same for what xl save is given beside it, xen-save.so (xen/save.c), in
 * ../xen of a build tree. */
const char *installed_xen_save_path(void);
/* The same for a livepatch of the Xen that has this build ID: livepatch/ID.livepatch, in
 * hexadecimal. */
const char *installed_xen_livepatch_path(const uint8_t *id, size_t bytes);
/* The same for the emulator of libvirt's kept guests, baton-qemu, as an absolute
 * path. */
const char *installed_emulator_path(void);

#endif /* LOADER_INSTALLED_H */
