// SPDX-License-Identifier: MIT
/*
 * pack_files.c - see pack.h: which files a blob stages, their sizes and
 * digests, and where each is placed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blob_write.h"
#include "checked.h"
#include "digest.h"
#include "doormark.h"
#include "fallback.h"
#include "installed.h"
#include "pack_tree.h"
#include "running.h"
#include "stubfile.h"
#include "tell.h"
#include "unpack.h"
#include "unpacked.h"
#include "work.h"

enum target_kind pack_target_kind(const char *name)
{
	return !strcmp(name, "linux") ? TARGET_LINUX
	     : !strcmp(name, "multiboot2") ? TARGET_MULTIBOOT2
	     : !strcmp(name, "xen") ? TARGET_XEN : TARGET_NONE;
}

/* All that can be known before the stream is: one that turns out to be too long
 * for the blob may still ask for more. */
static int check_stub(struct packing *k, const struct mapped *m)
{
	struct ho_stub_header h;
	int rc = stubfile_read(&h, k->stub.path, m->bytes, m->length,
			       k->diag);

	return rc ? rc : stubfile_check_blob(&h, k->stub.path, HO_ABI_VERSION,
					     blob_compat(&k->blob), k->diag);
}

/* Size and digest of a file, which is placed at the next free page. */
static int add_file(struct packing *k, struct piece *p, const char *path,
		    int code, bool unpack)
{
	struct mapped m;
	int rc;

	if (!realpath(path, p->path))
		return diag_add(k->diag, code, "%s: %s", path,
				strerror(errno));
	rc = p == &k->stub ? stubfile_open(&m, p->path, k->diag)
			   : mapped_open(&m, p->path, code, k->diag);
	if (!rc && unpack)
		rc = mapped_unpack(&m, p->path, k->diag);
	if (rc)
		return rc;
	rc = p == &k->stub ? check_stub(k, &m)
	   : doormark_refuse(m.bytes, m.length, p->path, k->diag);
	if (rc) {
		mapped_close(&m);
		return rc;
	}
	p->bytes = m.length;
	p->at = k->next;
	k->next = align_up(k->next + m.length, HO_PAGE_BYTES);
	/* the stub's own is looked at by load alone, and costs nothing */
	p->digest_alg = p == &k->stub ? HO_DIGEST_SHA256
				      : k->options->digest_alg;
	work_add(WORK_HASHED, m.length);
	rc = digest_of(p->digest_alg, m.bytes, m.length, p->digest);
	if (p != &k->stub && p->digest_alg == HO_DIGEST_SHA256)
		p->placed = digest_xxh64(m.bytes, m.length);
	p->release = kernel_release(m.bytes, m.length);
	tell_done(0, m.length);
	mapped_close(&m);
	return rc;
}

static int add_piece(struct packing *k, struct piece *p, const char *path,
		     int code)
{
	return add_file(k, p, path, code, false);
}

/* "FILE ARGUMENTS" */
static int add_module(struct packing *k, const char *text)
{
	struct piece *p = &k->target.modules[k->target.module_count++];
	char file[PATH_MAX];
	size_t length = strcspn(text, " ");

	if (length >= sizeof(file))
		return diag_add(k->diag, HO_EUSAGE, "--module %.60s", text);
	memcpy(file, text, length);
	file[length] = '\0';
	p->args = text[length] ? text + length + 1 : "";
	return add_piece(k, p, file, HO_EFILE);
}

/* initrd NULL, "none": without */
static int place_kernel(struct packing *k, struct packed_target *t,
			const char *kernel, const char *initrd)
{
	int rc = add_file(k, &t->image, kernel, HO_EFILE,
			  t->kind == TARGET_XEN);

	if (initrd && strcmp(initrd, "none"))
		rc = first_error(rc,
				 add_piece(k, &t->modules[t->module_count++],
					   initrd, HO_EINITRD));
	return rc;
}

int pack_check_target(const struct pack *p, struct diag_log *diag)
{
	enum target_kind kind = pack_target_kind(p->target);

	if (kind == TARGET_NONE)
		return diag_add(diag, HO_ETARGET, "--target %s", p->target);
	if (!p->kernel)
		return diag_add(diag, HO_EUSAGE, "--kernel is missing");
	if (kind == TARGET_LINUX ? p->module_count > 0 : p->initrd != NULL)
		return diag_add(diag, HO_EUSAGE,
				"--initrd is for linux, --module for "
				"multiboot2 and xen");
	if (p->unpack && kind != TARGET_LINUX)
		return diag_add(diag, HO_EUSAGE, "--unpack is for linux");
	if (kind == TARGET_XEN && !p->module_count)
		return diag_add(diag, HO_EUSAGE,
				"--module is missing: \"VMLINUZ ARGS\" of "
				"dom0, then its initrd");
	return 0;
}

int pack_place_target(struct packing *k)
{
	const struct pack *o = k->options;
	int i, rc = pack_check_target(o, k->diag);

	if (rc)
		return rc;
	k->target.kind = pack_target_kind(o->target);
	rc = place_kernel(k, &k->target, o->kernel, o->initrd);
	for (i = 0; i < o->module_count; i++)
		rc = first_error(rc, add_module(k, o->modules[i]));
	k->target.cmdline = o->cmdline;
	if (k->target.kind == TARGET_LINUX)
		rc = first_error(rc, running_words_ok(o->cmdline, k->diag));
	return rc;
}

static int place_fallback(struct packing *k)
{
	struct fallback_files f;
	int rc = fallback_choose(&f, k->options, &k->has_fallback, k->diag);

	k->policy = f.policy;
	if (rc || !k->has_fallback)
		return rc;
	k->fallback.kind = TARGET_LINUX;
	k->fallback.cmdline = strdup(f.cmdline);
	if (!k->fallback.cmdline)
		return diag_add(k->diag, HO_ENOMEM, "fallback");
	rc = running_words_ok(f.cmdline, k->diag);
	return rc ? rc : place_kernel(k, &k->fallback, f.kernel, f.initrd);
}

int pack_place_files(struct packing *k)
{
	const struct pack *o = k->options;
	const char *stub = o->stub ? o->stub : installed_stub_path();
	int rc;

	if (!stub)
		return diag_add(k->diag, HO_ESTUB, "no stub.bin installed");
	k->blob.target.kind = o->failed.region ? TARGET_LINUX
					       : pack_target_kind(o->target);
	k->next = k->region.ranges[0].start + HO_STUB_OFFSET;
	rc = add_piece(k, &k->stub, stub, HO_ESTUB);
	k->next = k->region.ranges[0].start + HO_IMAGES_OFFSET;
	if (!o->failed.region)
		rc = first_error(rc, pack_place_target(k));
	return first_error(rc, place_fallback(k));
}

static uint64_t target_bytes(const struct packed_target *t)
{
	uint64_t bytes = t->image.bytes;
	int i;

	for (i = 0; i < t->module_count; i++)
		bytes += t->modules[i].bytes;
	return bytes;
}

uint64_t pack_file_bytes(const struct packing *k)
{
	return target_bytes(&k->target) + target_bytes(&k->fallback);
}
