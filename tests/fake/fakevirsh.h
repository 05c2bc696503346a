/* SPDX-License-Identifier: MIT */
/*
 * fakevirsh.h - a libvirt with one domain, whose QEMU is a fake guest: a virsh for
 * PATH that is the test's own program. What it knows are files below /virsh of the
 * fake root, so a test may change them, and it answers anybody. A domain that it
 * restores has its kept memory, unless /virsh/empty is there.
 */
#ifndef FAKE_FAKEVIRSH_H
#define FAKE_FAKEVIRSH_H

#include "fakeguest.h"

#define FAKE_UUID	"596fc37c-4fa8-4116-b3b8-d3dbe2e1249d"

/* The domain of this name runs, with all of Baton's part installed. */
void fake_virsh_here(struct fake_guest *g, const char *name);
/* Its XML, and that of its configuration, with this as memoryBacking and in
 * devices. */
void fake_virsh_xml(const char *name, const char *memory,
		    const char *devices);
/* The commands of virsh that are one of these words say why not. */
void fake_virsh_fail(const char *words);
/* The same of the next one alone. */
void fake_virsh_fail_once(const char *word);

#endif /* FAKE_FAKEVIRSH_H */
