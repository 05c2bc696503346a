// SPDX-License-Identifier: MIT
/*
 * load.c - see load.h.
 */
#include "load.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checked.h"
#include "digest.h"
#include "early.h"
#include "fileload.h"
#include "handover.h"
#include "kexec.h"
#include "ledger.h"
#include "loadpackage.h"
#include "look.h"
#include "rundir.h"
#include "stublook.h"
#include "table.h"
#include "tell.h"
#include "verdict.h"
#include "work.h"

/* stub, blob, fallback tree, two targets */
#define PIECES_MAX (3 + 2 * (1 + HO_TARGET_MODULES_MAX))

/* Everything that becomes segments. */
struct loading {
	struct verdict v;
	const struct staged *staged;
	struct mapped blob;
	struct mapped layout;
	struct mapped stub_file;
	uint8_t *stub;			/* a copy with the entry block */
	struct ho_stub_header header;
	struct ho_entry entry;
	struct range self;
	struct load_package package;
	int count;
	const char *names[PIECES_MAX];
	struct kexec_piece pieces[PIECES_MAX];
};

static int open_stub(struct loading *l, bool force, struct diag_log *diag)
{
	int rc = stublook_open(&l->stub_file, &l->header, &l->v.blob, diag);

	if (!rc && !force)
		rc = stublook_trust(&l->v, &l->stub_file, diag);
	if (rc)
		return rc;
	l->stub = malloc(l->stub_file.length);
	if (!l->stub)
		return diag_add(diag, HO_ENOMEM, "stub");
	memcpy(l->stub, l->stub_file.bytes, l->stub_file.length);
	return 0;
}

static void fill_entry(struct loading *l)
{
	const struct blob *b = &l->v.blob;
	struct ho_entry e = {
		.magic = HO_ENTRY_MAGIC, .bytes = sizeof(e),
		.blob_paddr = l->self.start, .blob_bytes = l->blob.length,
		.blob_digest_alg = HO_DIGEST_SHA256,
		.on_failure = b->on_failure,
		.region_base = b->region[0].start,
		.region_bytes = range_bytes(b->region[0]),
		.uart_port = b->chosen.uart_port,
		.uart_baud = b->chosen.uart_baud,
	};

	work_add(WORK_HASHED, l->blob.length);
	digest_of(HO_DIGEST_SHA256, l->blob.bytes, l->blob.length,
		  e.blob_digest);
	if (b->fallback.kind != TARGET_NONE) {
		e.fallback_paddr = b->fallback_tree.place.start;
		e.fallback_bytes = range_bytes(b->fallback_tree.place);
		e.fallback_digest_alg = b->fallback_tree.digest_alg;
		memcpy(e.fallback_digest, b->fallback_tree.digest,
		       sizeof(e.fallback_digest));
	}
	entry_seal_for(&e, l->header.version);
	memcpy(l->stub + l->header.entry_block_offset, &e, sizeof(e));
	l->entry = e;
}

static void add_piece(struct loading *l, const char *name, const void *bytes,
		      uint64_t length, uint64_t paddr, uint64_t memory_bytes)
{
	l->names[l->count] = name;
	l->pieces[l->count++] = (struct kexec_piece){ bytes, length, paddr,
						      memory_bytes };
	tell_done(0, length);
}

static void add_image(struct loading *l, const struct blob_image *image,
		      const struct mapped *m)
{
	const struct staged_file *f = staged_find(l->staged, image);

	if (f && f->there)
		return;
	add_piece(l, image->file, m->bytes, m->length, image->place.start,
		  m->length);
}

static void add_target(struct loading *l, const struct blob_target *t,
		       const struct verdict_files *f)
{
	uint32_t i;

	if (t->kind == TARGET_NONE)
		return;
	add_image(l, &t->image, &f->image);
	for (i = 0; i < t->module_count; i++)
		add_image(l, &t->modules[i], &f->modules[i]);
}

static void add_fallback_tree(struct loading *l)
{
	const struct blob *b = &l->v.blob;
	uint64_t bytes = range_bytes(b->fallback_tree.place);

	if (b->fallback.kind != TARGET_NONE)
		add_piece(l, "fallback tree", b->fallback_data, bytes,
			  b->fallback_tree.place.start, bytes);
}

/* After a panic elsewhere than on the boot CPU the stub could not stop the
 * others: they spin in code that a new target would be written over. */
static int others_are_stopped(struct diag_log *diag)
{
	struct blob_failed failed;

	if (handover_failed("/proc/cmdline", &failed) &&
	    failed.error == HO_ECPUS)
		return diag_add(diag, HO_ECPUS, "from here nothing can be started");
	return 0;
}

static bool load_is_dry(const struct load *o)
{
	return o->dry_run || o->elf;
}

/* What does nothing to this host may be done with anyone's blob. */
static int open_blob(const struct load *o, struct mapped *m, const char *path,
		     struct diag_log *diag)
{
	return load_is_dry(o) ? mapped_open(m, path, HO_EFILE, diag)
			      : mapped_open_own(m, path, HO_EFILE, diag);
}

/* The checked blob, or with --force the places alone. */
static int prepare(struct loading *l, const struct load *o,
		   struct diag_log *diag)
{
	int rc = open_blob(o, &l->blob, o->blob, diag);

	if (rc)
		return rc;
	if (o->trial)
		return verdict_run_fresh(&l->v, l->blob.bytes,
					 l->blob.length, diag);
	l->staged = o->staged;
	if (!o->force)
		return verdict_run_staged(&l->v, l->blob.bytes,
					  l->blob.length, l->staged, diag);
	if (o->layout)
		rc = open_blob(o, &l->layout, o->layout, diag);
	if (!rc)
		rc = blob_parse(&l->v.blob, o->layout ? l->layout.bytes
						      : l->blob.bytes,
				o->layout ? l->layout.length : l->blob.length,
				BLOB_HANDOVER, diag);
	return rc ? rc : verdict_open_files(&l->v, diag);
}

static int gather(struct loading *l, bool force, struct diag_log *diag)
{
	struct range landing = l->v.blob.region[0];
	int rc = open_stub(l, force, diag), i;

	if (rc)
		return rc;
	l->self = blob_place(&l->v.blob);
	l->self.end = l->self.start + l->blob.length;
	if (!range_covers(landing, l->self))
		return diag_add(diag, HO_EREGIONSMALL, "%llu bytes more",
				(unsigned long long)(l->self.end -
						     landing.end));
	fill_entry(l);
	add_piece(l, l->v.blob.stub.file, l->stub, l->stub_file.length,
		  l->v.blob.stub.place.start, l->header.memory_bytes);
	add_target(l, &l->v.blob.target, &l->v.target);
	add_target(l, &l->v.blob.fallback, &l->v.fallback);
	add_fallback_tree(l);
	add_piece(l, "blob", l->blob.bytes, l->blob.length, l->self.start,
		  l->blob.length);
	/* whatever the blob says: nothing is written outside the region */
	for (i = 0; i < l->count; i++) {
		struct range r = { l->pieces[i].paddr, l->pieces[i].paddr +
				   l->pieces[i].memory_bytes };

		if (!range_covers(landing, r))
			return diag_add(diag, HO_ESTAGING, "%s at 0x%llx",
					l->names[i],
					(unsigned long long)r.start);
	}
	return 0;
}

/* The same as one file, where the kernel takes it so. */
static int wrap(struct loading *l, const struct load *o,
		struct kexec_image *image, struct diag_log *diag)
{
	int rc;

	if (o->elf || !kexec_wants_package())
		return 0;
	rc = load_package_stub(l->stub_file.bytes, l->stub_file.length, diag);
	if (rc)
		return rc;
	l->package = (struct load_package){
		.blob = &l->v.blob, .self = l->self, .force = o->force };
	rc = load_package_make(&l->package, &l->entry, l->pieces, l->count,
			       diag);
	if (!rc && (o->on_crash || kexec_in_crash_slot()))
		rc = load_package_crash_map(&l->v.blob, diag);
	image->package = (struct kexec_package){
		l->package.bytes, l->package.length, load_package_look,
		&l->package };
	return rc;
}

static uint64_t entry_of(const struct loading *l)
{
	return l->v.blob.stub.place.start + l->header.entry_offset;
}

static void print_plan(const struct loading *l)
{
	static const char *const columns[] = {
		"<segment", ">address", "#bytes", ">in memory", NULL
	};
	struct table t;
	int i;

	table_begin(&t, "segments", columns, NULL);
	for (i = 0; i < l->count; i++) {
		table_cell(&t, "%s", l->names[i]);
		table_cell(&t, "0x%llx",
			   (unsigned long long)l->pieces[i].paddr);
		table_cell(&t, "%llu",
			   (unsigned long long)l->pieces[i].length);
		table_bytes(&t, l->pieces[i].memory_bytes);
	}
	table_print(&t);
	printf("entry 0x%llx\n", (unsigned long long)entry_of(l));
}

/* For exec's last look, and for unload. RUN_DIR is there: the lock is in it. */
static int write_copy(const struct loading *l, struct diag_log *diag)
{
	return file_write(LOADED_BLOB, l->blob.bytes, l->blob.length, diag);
}

static int take_figures(struct loading *l, const struct load *o,
			struct diag_log *diag)
{
	struct load_figures *f = o->figures;
	const struct blob_target *t = &l->v.blob.target;
	uint32_t i;

	f->target_bytes = range_bytes(t->image.place);
	for (i = 0; i < t->module_count; i++)
		f->target_bytes += range_bytes(t->modules[i].place);
	f->placed_bytes = staged_would(&l->v.blob, o->parent);
	f->bytes = 0;
	for (i = 0; i < (uint32_t)l->count; i++)
		f->bytes += l->pieces[i].length;
	return verdict_time_pass(&l->v, &f->pass_ns, diag);
}

static int load_gathered(struct loading *l, const struct load *o,
			 struct diag_log *diag)
{
	struct kexec_image image = {
		.entry = entry_of(l), .pieces = l->pieces, .count = l->count,
		.on_crash = o->on_crash, .file = o->elf,
	};
	int rc = wrap(l, o, &image, diag);

	if (rc)
		return rc;
	if (o->trial) {
		rc = kexec_fits(&image, diag);
		if (!rc && o->figures)
			rc = take_figures(l, o, diag);
		/* what the door takes, it takes from the package */
		return rc || !o->stage || kexec_wants_package() ? rc
			: early_put(o->stage, &l->v, o->parent, diag);
	}
	if (o->again)
		return kexec_load_again(&image, diag);
	if (o->on_crash || o->elf)
		return kexec_load_image(&image, diag);
	/* before anything is loaded, so that nothing has to be taken back */
	rc = o->look ? look_before(l->blob.bytes, l->blob.length, diag) : 0;
	if (!rc)
		rc = ledger_set_loaded(o->command, l->blob.bytes,
				       l->blob.length, diag);
	if (!rc)
		rc = write_copy(l, diag);
	if (rc)
		return rc;
	rc = kexec_load_image(&image, diag);
	if (rc)
		unlink(LOADED_BLOB);
	return rc;
}

int load_run(const struct load *o, struct diag_log *diag)
{
	struct loading *l = calloc(1, sizeof(*l));
	int rc = 0;

	if (!l)
		return diag_add(diag, HO_ENOMEM, "load");
	if (!load_is_dry(o))
		rc = kexec_allowed(diag);
	if (!rc && !load_is_dry(o))
		rc = others_are_stopped(diag);
	if (!rc)
		rc = prepare(l, o, diag);
	if (!rc)
		rc = gather(l, o->force, diag);
	if (!rc && o->dry_run)
		print_plan(l);
	else if (!rc)
		rc = load_gathered(l, o, diag);
	verdict_close(&l->v);
	mapped_close(&l->blob);
	mapped_close(&l->layout);
	mapped_close(&l->stub_file);
	load_package_free(&l->package);
	free(l->stub);
	free(l);
	return rc;
}

void load_forget_files(void)
{
	glob_t found;
	size_t i;

	if (glob(UPGRADE_FILES, 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		unlink(found.gl_pathv[i]);
	globfree(&found);
}

void load_forget(void)
{
	fileload_forget(false);
	unlink(LOADED_BLOB);
	leftovers_remove(LOADED_BLOB);	/* of a copy that was broken off */
	load_forget_files();
}

int load_undo(struct diag_log *diag)
{
	int rc = kexec_unload(false, diag);

	if (!rc)
		load_forget();
	return rc;
}

int load_undo_crash(struct diag_log *diag)
{
	int rc = kexec_unload(true, diag);

	if (rc)
		return rc;
	fileload_forget(true);
	unlink(ARMED_BLOB);
	return 0;
}
