// SPDX-License-Identifier: MIT
/*
 * staged.c - see staged.h.
 */
#include "staged.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "checked.h"
#include "digest.h"
#include "iomem.h"
#include "kexec.h"
#include "number.h"
#include "rundir.h"
#include "work.h"
#include "xen.h"

/*
 * What a panic would start while the slot holds the files: a reset. Entered in
 * 64-bit mode with a stack; an IDT of nothing, and a fault.
 */
static const uint8_t reset_code[] = {
	0xfa,				/* cli */
	0x6a, 0x00, 0x6a, 0x00,		/* push 0, twice */
	0x0f, 0x01, 0x1c, 0x24,		/* lidt (%rsp) */
	0x0f, 0x0b,			/* ud2 */
};

int staged_copy(struct staged *s, const struct blob_image *image,
		const struct mapped *file, struct diag_log *diag)
{
	struct staged_file *f = &s->files[s->count];
	void *bytes = mmap(NULL, file->length, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int rc;

	if (bytes == MAP_FAILED)
		return diag_add(diag, HO_ENOMEM, "%s: %s", image->file,
				human_bytes(file->length));
	*f = (struct staged_file){ .image = *image, .bytes = bytes };
	s->count++;
	memcpy(bytes, file->bytes, file->length);
	work_add(WORK_HASHED, file->length);
	rc = blob_check_image(image, bytes, true);
	return rc ? diag_add(diag, -rc, "%s", image->file) : 0;
}

static uint64_t length_of(const struct staged_file *f)
{
	return range_bytes(f->image.place);
}

static struct range pages_of(struct range r)
{
	return (struct range){ r.start, align_up(r.end, HO_PAGE_BYTES) };
}

/* Staged images of the last update: nothing reads them any more. */
static int dead_places(const struct handover *h, struct range *out)
{
	const struct blob_target *targets[] = { &h->blob.target,
						&h->blob.fallback };
	int count = 0, i;
	uint32_t j;

	for (i = 0; i < 2; i++) {
		if (targets[i]->kind == TARGET_NONE)
			continue;
		out[count++] = pages_of(targets[i]->image.place);
		for (j = 0; j < targets[i]->module_count; j++)
			out[count++] = pages_of(targets[i]->modules[j].place);
	}
	return count;
}

/* What the stub left behind in the region, and what it was given there, is read
 * as long as this instance runs; and it is kept if the update is called off. */
static bool is_free(const struct handover *h, struct range place)
{
	struct range dead[STAGED_MAX];
	int count, i;
	uint32_t j;

	for (j = 0; h && j < h->blob.region_count; j++)
		if (range_overlaps(h->blob.region[j], place))
			break;
	if (!h || j == h->blob.region_count)
		return true;
	count = dead_places(h, dead);
	for (i = 0; i < count && place.start < place.end; i++)
		if (place.start >= dead[i].start && place.start < dead[i].end) {
			place.start = dead[i].end;
			i = -1;
		}
	return place.start >= place.end;
}

static int write_memory(struct staged_file *f, int fd, struct diag_log *diag)
{
	uint64_t bytes = align_up(length_of(f), HO_PAGE_BYTES);
	uint8_t *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			   f->image.place.start);

	if (at == MAP_FAILED)
		return io_error(diag, "/dev/mem: the region");
	/* anonymous memory is zero behind the file, as what kexec loads is */
	memcpy(at, f->bytes, bytes);
	f->there = !memcmp(at, f->bytes, bytes);
	munmap(at, bytes);
	return f->there ? 0 : diag_add(diag, HO_EIO, "/dev/mem: 0x%llx does not hold what is written",
				       (unsigned long long)f->image.place.start);
}

static int put_memory(struct staged *s, const struct handover *h,
		      struct diag_log *diag)
{
	int fd = open("/dev/mem", O_RDWR | O_CLOEXEC), rc = 0;
	uint32_t i;

	if (fd < 0)
		return io_error(diag, "/dev/mem");
	for (i = 0; i < s->count && !rc; i++)
		if (is_free(h, pages_of(s->files[i].image.place)))
			rc = write_memory(&s->files[i], fd, diag);
	close(fd);
	return rc;
}

/* Whoever is killed: staged_undo() knows of it. */
static int write_mark(uint64_t entry, struct diag_log *diag)
{
	char text[32];
	int length = snprintf(text, sizeof(text), "0x%" PRIx64 "\n", entry);

	return file_write(STAGED_FILE, text, length, diag);
}

static bool slot_has(uint64_t entry)
{
	struct kexec_found seen;

	return kexec_entry(true, &seen) == KEXEC_AT && seen.entry == entry;
}

static int put_crash(struct staged *s, const struct blob *b,
		     struct diag_log *diag)
{
	struct kexec_piece pieces[1 + STAGED_MAX] = {
		{ reset_code, sizeof(reset_code), b->stub.place.start,
		  HO_PAGE_BYTES },
	};
	const struct kexec_image image = {
		.entry = b->stub.place.start, .pieces = pieces,
		.count = 1 + s->count, .on_crash = true,
	};
	uint32_t i;
	int rc;

	for (i = 0; i < s->count; i++)
		pieces[1 + i] = (struct kexec_piece){
			s->files[i].bytes, length_of(&s->files[i]),
			s->files[i].image.place.start,
			length_of(&s->files[i]) };
	s->entry = image.entry;
	rc = write_mark(s->entry, diag);
	if (!rc)
		rc = kexec_load_image(&image, diag);
	if (!rc && !slot_has(s->entry)) {
		kexec_unload(true, diag);
		rc = diag_add(diag, HO_EIO, "the kernel does not say what a panic starts");
	}
	if (rc)
		unlink(STAGED_FILE);
	for (i = 0; i < s->count && !rc; i++)
		s->files[i].there = true;
	return rc;
}

/* NULL, or why nothing can be put anywhere. */
static const char *choose(struct staged *s, const struct blob *b,
			  const struct handover *h, struct diag_log *diag)
{
	struct range crash, landing = b->region[0];
	bool found, ram;
	struct kexec_found image;

	if (xen_is_dom0())
		return "Xen copies images at the jump alone";
	if (iomem_crash_region("/proc/iomem", &crash, &found, diag) ||
	    iomem_is_ram("/proc/iomem", landing, &ram, diag))
		return "/proc/iomem is not read";
	if (found && range_covers(crash, landing)) {
		s->way = STAGED_CRASH;
		/* somewhere in it: kdump's */
		if (kexec_entry(true, &image) != KEXEC_NOTHING)
			return "the kernel holds an image for a panic";
		return kexec_allowed_times(2, true, diag)
			? "the kernel's limit of loads for a panic" : NULL;
	}
	s->way = STAGED_MEMORY;
	if (h && !h->chained)
		return "the region has what is left of an update that failed";
	return ram ? "the region is the kernel's own memory" : NULL;
}

bool staged_begin(struct staged *s, const struct blob *b,
		  const struct handover *parent, const char **why,
		  struct diag_log *diag)
{
	*why = choose(s, b, parent, diag);
	if (*why)
		s->way = STAGED_NOT;
	return !*why;
}

int staged_put(struct staged *s, const struct blob *b,
	       const struct handover *parent, const char **why,
	       struct diag_log *diag)
{
	uint32_t i;
	int rc;

	rc = s->way == STAGED_CRASH ? put_crash(s, b, diag)
				    : put_memory(s, parent, diag);
	for (i = 0; i < s->count; i++) {
		s->files[i].there &= !rc;
		if (s->files[i].there)
			s->bytes += length_of(&s->files[i]);
	}
	if (!rc && !s->bytes)
		*why = "the last update's result lies there";
	if (!s->bytes)
		s->way = STAGED_NOT;
	return rc;
}

uint64_t staged_would(const struct blob *b, const struct handover *parent)
{
	const struct blob_target *targets[] = { &b->target, &b->fallback };
	struct staged s = { 0 };
	struct diag_log scratch;
	uint64_t bytes = 0;
	uint32_t i, j;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (choose(&s, b, parent, &scratch))
		return 0;
	for (i = 0; i < 2; i++)
		for (j = 0; targets[i]->kind != TARGET_NONE &&
			    j <= targets[i]->module_count; j++) {
			struct range r = j ? targets[i]->modules[j - 1].place
					   : targets[i]->image.place;

			if (s.way == STAGED_CRASH ||
			    is_free(parent, pages_of(r)))
				bytes += range_bytes(r);
		}
	return bytes;
}

const struct staged_file *staged_find(const struct staged *s,
				      const struct blob_image *image)
{
	uint32_t i;

	for (i = 0; s && i < s->count; i++)
		if (blob_same_image(&s->files[i].image, image))
			return &s->files[i];
	return NULL;
}

int staged_unchanged(const struct staged *s, struct diag_log *diag)
{
	if (s->way != STAGED_CRASH || slot_has(s->entry))
		return 0;
	return diag_add(diag, HO_ESTAGED, "/sys/kernel/kexec_crash_loaded");
}

void staged_free(struct staged *s)
{
	uint32_t i;

	for (i = 0; i < s->count; i++)
		munmap(s->files[i].bytes, length_of(&s->files[i]));
	*s = (struct staged){ 0 };
}

void staged_undo(void)
{
	struct diag_log scratch;
	char text[32];
	uint64_t entry;

	if (!text_read(STAGED_FILE, text, sizeof(text)))
		return;
	diag_init(&scratch, HO_STAGE_LOADER);
	if (number_parse(text, 0, UINT64_MAX, &entry) && slot_has(entry) &&
	    kexec_unload(true, &scratch))
		progress("a panic resets this host until baton unload: %s",
			 scratch.items[0].where);
	else
		unlink(STAGED_FILE);
}
