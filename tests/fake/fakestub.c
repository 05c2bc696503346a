// SPDX-License-Identifier: MIT
/*
 * fakestub.c - see fakekernel.h: after the jump, the stub's own course over a file that
 * is the machine's memory.
 */
#include "fakekernel.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "course.h"
#include "digest.h"
#include "handover/fdt.h"
#include "real.h"
#include "fakeroot.h"

static const char said[] = "baton-stub: made up\nbaton-stub: jump\n";

struct fake_run {
	struct course run;
	struct blob blob;
	struct diag_log *diag;
	struct ho_breadcrumb crumb;
	struct ho_entry *entry;
	uint8_t *memory;
};

static uint8_t *map_memory(void)
{
	int fd = __real_open(fake_path("/dev/mem"), O_RDWR | O_CLOEXEC, 0);
	void *memory = mmap(NULL, FAKE_RAM_END, PROT_READ | PROT_WRITE,
			    MAP_SHARED, fd, 0);

	close(fd);
	if (memory == MAP_FAILED)
		abort();
	return memory;
}

static void begin(struct fake_run *f)
{
	const struct ho_stub_header *h;

	f->memory = map_memory();
	h = (void *)(f->memory + fake_machine->stub);
	f->entry = (void *)(f->memory + fake_machine->stub +
			    h->entry_block_offset);
	if (!entry_check(f->entry))
		abort();
	f->crumb = (struct ho_breadcrumb){
		.magic = HO_BREADCRUMB_MAGIC, .compat = HO_CRUMB_COMPAT,
		.version = HO_ABI_VERSION,
		.bytes = sizeof(f->crumb), .trap_vector = HO_NO_TRAP,
		.region_base = f->entry->region_base,
		.region_bytes = f->entry->region_bytes,
		.blob_paddr = f->entry->blob_paddr,
		.blob_bytes = f->entry->blob_bytes,
		.fallback_paddr = f->entry->fallback_paddr,
		.fallback_bytes = f->entry->fallback_bytes,
		.stage_tsc = { 0, 1000, 2000, 3000, 4000, 5000, 6000 },
		/* behind the stub, where its own log is */
		.log_paddr = fake_machine->stub + h->image_bytes,
		.log_bytes = sizeof(said) - 1,
	};
	memcpy(f->memory + f->crumb.log_paddr, said, sizeof(said));
}

static void end(struct fake_run *f)
{
	breadcrumb_seal(&f->crumb);
	memcpy(f->memory + f->crumb.region_base, &f->crumb, sizeof(f->crumb));
	munmap(f->memory, FAKE_RAM_END);
}

/* As the stub does: of the bytes that are in their places by now. */
static int verify_target(struct fake_run *f, const struct blob_target *t)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; t->kind != TARGET_NONE && i <= t->module_count && !rc; i++) {
		const struct blob_image *m = i ? &t->modules[i - 1] : &t->image;

		rc = blob_check_image(m, f->memory + m->place.start, false);
		if (rc)
			return diag_add(f->diag, -rc, "%s", m->file);
	}
	return rc;
}

static int verify(struct fake_run *f)
{
	const struct ho_entry *e = f->entry;
	const struct blob_target *t = &f->blob.target;
	uint32_t i;
	int rc = digest_check(e->blob_digest_alg, e->blob_digest,
			      f->memory + e->blob_paddr, e->blob_bytes);

	if (rc)
		return diag_add(f->diag, -rc, "blob");
	rc = blob_parse(&f->blob, f->memory + e->blob_paddr, e->blob_bytes,
			BLOB_HANDOVER, f->diag);
	if (!rc)
		rc = verify_target(f, t);
	if (!rc)
		rc = verify_target(f, &f->blob.fallback);
	if (rc)
		return rc;
	f->crumb.generation = f->blob.generation;
	f->crumb.tsc_khz = 1000;
	memcpy(f->crumb.id, f->blob.id, sizeof(f->crumb.id));
	f->run.failed = f->blob.failed;
	f->run.blob = &f->blob;
	f->run.blob_paddr = e->blob_paddr;
	f->run.image = f->memory + t->image.place.start;
	for (i = 0; i < t->module_count; i++)
		f->run.modules[i] = f->memory + t->modules[i].place.start;
	return 0;
}

/* Ranges of the region above the RAM that is mapped as one piece. */
static void map_far(struct fake_run *f)
{
	struct region_far *far = &f->run.region.far;
	uint32_t i;
	int fd = __real_open(fake_path("/dev/mem"), O_RDWR | O_CLOEXEC, 0);

	for (i = 0; i < f->blob.region_count; i++) {
		struct range r = f->blob.region[i];
		void *at;

		if (r.start < FAKE_RAM_END)
			continue;
		at = mmap(NULL, range_bytes(r), PROT_READ | PROT_WRITE,
			  MAP_SHARED, fd, r.start);
		if (at == MAP_FAILED)
			abort();
		far->places[far->count] = r;
		far->bias[far->count++] = (uintptr_t)at - r.start;
	}
	close(fd);
}

static int at_point(void *context, enum course_point point)
{
	struct fake_run *f = context;

	switch (point) {
	case COURSE_VERIFY:
		return verify(f);
	case COURSE_REGION:
		f->run.region.bias = (uintptr_t)f->memory;
		map_far(f);
		return 0;
	case COURSE_CHAIN:
		f->run.log_paddr = f->crumb.log_paddr;
		f->run.log_bytes = f->crumb.log_bytes;
		memcpy(f->run.stage_tsc, f->crumb.stage_tsc,
		       sizeof(f->run.stage_tsc));
		return 0;
	default:
		return 0;
	}
}

/* Nothing of /run outlives a boot, and nothing that was loaded. */
static void boot(const char *option)
{
	fake_remove("/run");
	fake_put("/run/.keep", "%s", "");
	fake_machine->loaded[0] = fake_machine->loaded[1] = false;
	fake_machine->crash_loads = fake_machine->crash_unloads = 0;
	fake_put("/sys/kernel/kexec_loaded", "0\n");
	fake_put("/sys/kernel/kexec_crash_loaded", "0\n");
	fake_put("/proc/cmdline", "root=/dev/sda1 acpi_no_memhotplug %s\n",
		 option);
	fake_put("/proc/sys/kernel/random/boot_id",
		 "99999999-2222-4333-8444-555555555555\n");
}

int fake_stub(struct diag_log *diag)
{
	struct fake_run *f = calloc(1, sizeof(*f));
	char option[64];
	int rc;

	f->diag = diag;
	begin(f);
	f->run.self = (struct range){ f->entry->blob_paddr,
				      f->entry->blob_paddr +
				      f->entry->blob_bytes };
	rc = course_run(&f->run, at_point, f, diag);
	if (!rc) {
		f->crumb.state = HO_STATE_CHAINED;
		f->crumb.stage = HO_STAGE_TARGET;
		f->crumb.result_paddr = f->run.result.start;
		f->crumb.result_bytes = range_bytes(f->run.result);
	}
	snprintf(option, sizeof(option), HO_CMDLINE_OPTION "0x%llx",
		 (unsigned long long)f->crumb.region_base);
	boot(option);
	/* kept frames and the region are reserved */
	fake_memory("00001000-0009fbff : System RAM\n"
		 "00100000-0fffffff : System RAM\n"
		 "10000000-17ffffff : Reserved\n"
		 "18000000-1fffffff : System RAM\n"
		 "20000000-20ffffff : Reserved\n"
		 "21000000-3fffffff : System RAM\n");
	end(f);
	free(f);
	return rc;
}

void fake_stub_fails(int code, int stage)
{
	struct fake_run *f = calloc(1, sizeof(*f));
	char option[128];

	begin(f);
	f->crumb.state = HO_STATE_FAILED;
	f->crumb.stage = stage;
	f->crumb.error = code;
	f->crumb.fallback = HO_FALLBACK_STARTED;
	strcpy(f->crumb.where, "a made up place");
	snprintf(option, sizeof(option),
		 HO_CMDLINE_OPTION "0x%llx " HO_CMDLINE_FAILED "%s:%d",
		 (unsigned long long)f->crumb.region_base, stage_name(stage),
		 code);
	boot(option);
	/* the region is all the RAM there is, but for the breadcrumb's pages */
	fake_memory("10000000-107fffff : Reserved\n"
		 "10800000-17ffffff : System RAM\n");
	end(f);
	free(f);
}

void fake_spoil(const char *text)
{
	struct fake_run *f = calloc(1, sizeof(*f));
	uint8_t *at;

	begin(f);
	at = memmem(f->memory + f->entry->blob_paddr, f->entry->blob_bytes,
		    text, strlen(text));
	if (!at)
		abort();
	*at ^= 1;
	munmap(f->memory, FAKE_RAM_END);
	free(f);
}

void fake_crumb(void (*change)(struct ho_breadcrumb *crumb))
{
	uint8_t *memory = map_memory();
	struct ho_breadcrumb *crumb = (void *)(memory + FAKE_REGION);

	change(crumb);
	breadcrumb_seal(crumb);
	munmap(memory, FAKE_RAM_END);
}
