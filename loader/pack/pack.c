// SPDX-License-Identifier: MIT
/*
 * pack.c - see pack.h: files and layout. pack_option.c has the options,
 * pack_tree.c writes the tree.
 */
#include "pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blob_write.h"
#include "checked.h"
#include "cxlwords.h"
#include "digest.h"
#include "doormark.h"
#include "fallback.h"
#include "hvwords.h"
#include "installed.h"
#include "pack_tree.h"
#include "process.h"
#include "regionnext.h"
#include "rundir.h"
#include "running.h"
#include "stream_writer.h"
#include "stubfile.h"
#include "tell.h"
#include "told.h"
#include "unpack.h"
#include "work.h"

/* More than 2 * HO_MEMORY_RANGES_MAX ranges, EFI's map and the names need. */
#define REGION_ONLY_BYTES (256 * 1024 + HO_EFI_MAP_BYTES_MAX)

static enum target_kind target_kind(const char *name)
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

/* Both were done: each reason is recorded. */
static int first(int rc, int other)
{
	return rc ? rc : other;
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
		rc = first(rc, add_piece(k, &t->modules[t->module_count++],
					 initrd, HO_EINITRD));
	return rc;
}

int pack_check_target(const struct pack *p, struct diag_log *diag)
{
	enum target_kind kind = target_kind(p->target);

	if (kind == TARGET_NONE)
		return diag_add(diag, HO_ETARGET, "--target %s", p->target);
	if (!p->kernel)
		return diag_add(diag, HO_EUSAGE, "--kernel is missing");
	if (kind == TARGET_LINUX ? p->module_count > 0 : p->initrd != NULL)
		return diag_add(diag, HO_EUSAGE,
				"--initrd is for linux, --module for multiboot2 and xen");
	if (kind == TARGET_XEN && !p->module_count)
		return diag_add(diag, HO_EUSAGE,
				"--module is missing: \"VMLINUZ ARGS\" of dom0, then its initrd");
	return 0;
}

int pack_place_target(struct packing *k)
{
	const struct pack *o = k->options;
	int i, rc = pack_check_target(o, k->diag);

	if (rc)
		return rc;
	k->target.kind = target_kind(o->target);
	rc = place_kernel(k, &k->target, o->kernel, o->initrd);
	for (i = 0; i < o->module_count; i++)
		rc = first(rc, add_module(k, o->modules[i]));
	k->target.cmdline = o->cmdline;
	if (k->target.kind == TARGET_LINUX)
		rc = first(rc, running_words_ok(o->cmdline, k->diag));
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

static int place_pieces(struct packing *k)
{
	const struct pack *o = k->options;
	const char *stub = o->stub ? o->stub : installed_stub_path();
	int rc;

	if (!stub)
		return diag_add(k->diag, HO_ESTUB, "no stub.bin installed");
	k->blob.target.kind = o->failed.region ? TARGET_LINUX
					       : target_kind(o->target);
	k->next = k->region.ranges[0].start + HO_STUB_OFFSET;
	rc = add_piece(k, &k->stub, stub, HO_ESTUB);
	k->next = k->region.ranges[0].start + HO_IMAGES_OFFSET;
	if (!o->failed.region)
		rc = first(rc, pack_place_target(k));
	return first(rc, place_fallback(k));
}

/* Its tree is written first, for the blob says how long it is. */
static int make_fallback_tree(struct packing *k)
{
	uint32_t total;
	int rc;

	if (!k->has_fallback)
		return 0;
	k->tree_bytes = malloc(REGION_ONLY_BYTES);
	if (!k->tree_bytes)
		return diag_add(k->diag, HO_ENOMEM, "fallback tree");
	rc = pack_write_region_only(k, &k->fallback, k->tree_bytes,
				    REGION_ONLY_BYTES, &total);
	if (rc)
		return rc;
	k->tree.at = k->next;
	k->tree.bytes = total;
	k->next = align_up(k->next + total, HO_PAGE_BYTES);
	k->tree.digest_alg = HO_DIGEST_SHA256;
	work_add(WORK_HASHED, total);
	return digest_of(k->tree.digest_alg, k->tree_bytes, total,
			 k->tree.digest);
}

static int write_staged(struct packing *k, const char *path,
			const void *bytes, uint32_t length)
{
	if (k->next + length > k->region.ranges[0].end)
		return diag_add(k->diag, HO_EREGIONSMALL,
				"region of %s: %s more for what is staged",
				human_bytes(range_bytes(k->region.ranges[0])),
				human_bytes(k->next + length -
					    k->region.ranges[0].end));
	return file_write(path, bytes, length, k->diag);
}

static int write_blob(struct packing *k, const char *path)
{
	uint64_t data = k->ref.count ? 0 : k->stream.length;
	uint64_t bytes = data + k->stream.length / 2 + 16ull * k->ref.count +
			 REGION_ONLY_BYTES + (1 << 20);
	void *buffer;
	uint32_t total;
	int rc;

	if (bytes > INT32_MAX)
		bytes = INT32_MAX;	/* no tree can be larger */
	buffer = malloc(bytes);
	if (!buffer)
		return diag_add(k->diag, HO_ENOMEM, "blob");
	rc = pack_write_tree(k, buffer, bytes, &total);
	if (!rc)
		rc = write_staged(k, path, buffer, total);
	free(buffer);
	return rc;
}

static int find_next_region(struct packing *k)
{
	const char *wanted = k->options->next_region;
	struct taken taken = { 0 };
	char kept[128];
	uint32_t i;
	int rc;

	if (!wanted && text_read(REGION_NEXT_FILE, kept, sizeof(kept)))
		wanted = kept;
	if (!wanted)
		return 0;
	rc = taken_add_stream(&taken, k->stream.bytes, k->stream.length,
			      k->diag);
	for (i = 0; i < k->ref.count && !rc; i++)
		rc = taken_add(&taken, k->ref.ranges[i], k->diag);
	if (!rc)
		rc = region_next(&k->region, wanted, &k->machine.map, &taken,
				 k->diag);
	taken_free(&taken);
	return rc;
}

/* What this kernel leaves out, and what the next one is told to. One that a panic
 * starts has its region, and nothing else. */
static int leave_out(struct packing *k)
{
	const struct pack *p = k->options;
	int rc;

	if (p->failed.region)
		return 0;
	rc = machine_leave_out(&k->machine, k->region.ranges,
			       k->region.count, k->diag);
	if (!rc && target_kind(p->target) == TARGET_LINUX)
		rc = told_add(&k->machine.map, p->cmdline, k->region.ranges,
			      k->region.count, k->diag);
	return rc;
}

/* Of what the stub may start, and whose word that is. The stub looks at both. */
static int open_manifest(struct packing *k)
{
	const char *path = k->options->manifest;
	char signature[PATH_MAX];
	int rc;

	if (!path)
		return 0;
	snprintf(signature, sizeof(signature), "%s.sig", path);
	rc = mapped_open(&k->manifest, path, HO_EFILE, k->diag);
	rc = first(rc, mapped_open(&k->signature, signature, HO_EFILE,
				   k->diag));
	if (!rc && (k->manifest.length > HO_MANIFEST_BYTES_MAX ||
		    k->signature.length > HO_TRUST_MODULUS_MAX))
		rc = diag_add(k->diag, HO_EMANIFEST, "%s: %s, signature %s",
			      path, human_bytes(k->manifest.length),
			      human_bytes(k->signature.length));
	return rc;
}

/* What both kinds of tree need: region, machine, files. All are looked at,
 * whatever is wrong with one. */
static int gather(struct packing *k)
{
	const struct pack *p = k->options;
	int rc = random_id(k->id, k->diag), machine;

	rc = first(rc, region_find(&k->region, p->region, k->parent,
				   k->diag));
	machine = machine_read(&k->machine, k->parent, p->placed_by_kernel,
			       k->diag);
	if (!machine && p->memory_map)
		machine = machine_read_map(&k->machine, p->memory_map,
					   k->diag);
	else if (!machine && !rc)
		machine = leave_out(k);
	rc = first(first(rc, machine), place_pieces(k));
	rc = first(rc, open_manifest(k));
	rc = rc ? rc : cxl_add_words(k);
	return rc ? rc : hv_add_words(k);
}

int pack_begin(struct packing **out, const struct pack *p,
	       const struct handover *h, struct diag_log *diag)
{
	struct packing *k = calloc(1, sizeof(*k));
	int rc;

	*out = NULL;
	if (!k)
		return diag_add(diag, HO_ENOMEM, "pack");
	k->options = p;
	k->parent = h;
	k->diag = diag;
	rc = gather(k);
	if (rc)
		pack_end(k, NULL);
	else
		*out = k;
	return rc;
}

/* The trees, once it is known which frames may not be region. */
static int write_trees(struct packing *k, const char *path)
{
	bool with_stream = !k->options->failed.region;
	int rc = with_stream ? pack_open_stream(k, path) : 0;

	if (!rc && with_stream)
		rc = find_next_region(k);
	if (!rc)
		rc = make_fallback_tree(k);
	if (rc)
		return rc;
	return with_stream ? write_blob(k, path)
	     : write_staged(k, path, k->tree_bytes, k->tree.bytes);
}

int pack_write(struct packing *k, const char *path)
{
	struct region_found region = k->region;
	uint64_t next = k->next;
	int rc = write_trees(k, path);

	/* what was added for this stream goes */
	mapped_close(&k->stream);
	streamref_close(&k->ref);
	free(k->tree_bytes);
	k->tree_bytes = NULL;
	k->region = region;
	k->next = next;
	return rc;
}

int pack_end(struct packing *k, const char *path)
{
	int rc = path ? pack_write(k, path) : 0;

	free((char *)k->fallback.cmdline);
	free(k->own_cmdline);
	mapped_close(&k->manifest);
	mapped_close(&k->signature);
	free(k);
	return rc;
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

uint64_t pack_staged_bytes(const struct packing *k)
{
	return k->next - k->region.ranges[0].start;
}

int pack_run(const struct pack *p, const struct handover *h,
	     const char *path, struct diag_log *diag)
{
	struct packing *k;
	int rc;

	if (!p->failed.region && !p->stream_count)
		return diag_add(diag, HO_EUSAGE, "--stream is missing");
	rc = pack_begin(&k, p, h, diag);
	return rc ? rc : pack_end(k, path);
}
