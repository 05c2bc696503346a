// SPDX-License-Identifier: MIT
/*
 * cmd_salvage.c - a kept domain's memory, read in place and written as an ELF
 * core: one PT_LOAD for each extent, p_vaddr the guest's address, p_paddr the
 * machine's. gdb, readelf and crash read it; it can go through a pipe.
 */
#include "commands.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "checked.h"
#include "handover.h"
#include "util.h"
#include "window.h"

#define CHUNK_BYTES	(4ull << 20)

struct salvage {
	const struct handover *h;
	const struct ho_domain *domain;
	struct diag_log *diag;
	FILE *out;
	int memory;			/* /dev/mem */
	uint64_t done;			/* bytes of memory written */
	bool bar;			/* stderr is a terminal */
	int marks;			/* of the bar, as shown */
};

static int write_error(struct salvage *s)
{
	return diag_add(s->diag, HO_EFILE, "writing: %s", strerror(errno));
}

static int put(struct salvage *s, const void *bytes, size_t length)
{
	return fwrite(bytes, length, 1, s->out) == 1 ? 0 : write_error(s);
}

static int begin_extents(struct salvage *s, struct kept_walk *w)
{
	return kept_walk_begin(w, s->h->stream, s->h->blob.stream_bytes,
			       s->domain->stream_offset, s->diag);
}

/* Up to the program headers. With 65,535 of them or more their number stands
 * in a section header (ELF gABI, PN_XNUM). */
static uint64_t head_bytes(uint64_t count)
{
	return sizeof(Elf64_Ehdr) +
	       (count >= PN_XNUM ? sizeof(Elf64_Shdr) : 0);
}

static int put_head(struct salvage *s, uint64_t count)
{
	bool many = count >= PN_XNUM;
	Elf64_Ehdr e = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE, .e_machine = EM_X86_64,
		.e_version = EV_CURRENT, .e_ehsize = sizeof(e),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = many ? PN_XNUM : count,
		.e_phoff = head_bytes(count),
		.e_shoff = many ? sizeof(e) : 0,
		.e_shentsize = sizeof(Elf64_Shdr), .e_shnum = many,
	};
	Elf64_Shdr number = { .sh_info = count };
	int rc = put(s, &e, sizeof(e));

	return rc || !many ? rc : put(s, &number, sizeof(number));
}

/* The memory follows at the next page. */
static int put_program_headers(struct salvage *s, uint64_t count)
{
	static const uint8_t zeroes[HO_PAGE_BYTES];
	uint64_t end = head_bytes(count) + count * sizeof(Elf64_Phdr);
	uint64_t at = align_up(end, HO_PAGE_BYTES), pad = at - end;
	struct kept_walk w;
	struct kept_extent e;
	int rc = put_head(s, count);

	if (!rc)
		rc = begin_extents(s, &w);
	while (!rc && (rc = kept_walk_next(&w, &e, s->diag)) > 0) {
		uint64_t bytes = range_bytes(e.place);
		Elf64_Phdr p = {
			.p_type = PT_LOAD, .p_flags = PF_R | PF_W,
			.p_offset = at, .p_vaddr = e.gfn << HO_PAGE_SHIFT,
			.p_paddr = e.place.start, .p_filesz = bytes,
			.p_memsz = bytes, .p_align = HO_PAGE_BYTES,
		};

		at += bytes;
		rc = put(s, &p, sizeof(p));
	}
	return rc || !pad ? rc : put(s, zeroes, pad);
}

static void show_progress(struct salvage *s)
{
	uint64_t all = s->domain->frame_count << HO_PAGE_SHIFT;
	int marks = all ? s->done * 40 / all : 40;

	if (!s->bar || marks == s->marks)
		return;
	s->marks = marks;
	fprintf(stderr, "\r  [%-40.*s] %s of %s%s", marks,
		"========================================",
		human_bytes(s->done), human_bytes(all),
		marks == 40 ? "\n" : "");
}

/* Frames are mapped, not read(2): they are not RAM to this kernel. */
static int put_memory(struct salvage *s, struct range place)
{
	while (place.start < place.end) {
		uint64_t bytes = range_bytes(place) < CHUNK_BYTES
			       ? range_bytes(place) : CHUNK_BYTES;
		void *map = mmap(NULL, bytes, PROT_READ, MAP_SHARED,
				 s->memory, place.start);
		int rc;

		if (map == MAP_FAILED)
			return diag_add(s->diag, HO_EIO,
					"/dev/mem at 0x%llx: %s",
					(unsigned long long)place.start,
					strerror(errno));
		rc = put(s, map, bytes);
		munmap(map, bytes);
		if (rc)
			return rc;
		place.start += bytes;
		s->done += bytes;
		show_progress(s);
	}
	return 0;
}

static int put_all(struct salvage *s)
{
	struct kept_walk w;
	struct kept_extent e;
	int rc = put_program_headers(s, s->domain->extent_count);

	if (!rc)
		rc = begin_extents(s, &w);
	while (!rc && (rc = kept_walk_next(&w, &e, s->diag)) > 0)
		rc = put_memory(s, e.place);
	return rc;
}

/* What could be had without swapping; UINT64_MAX: not known. */
static uint64_t memory_available(void)
{
	unsigned long long kib;
	char text[4096];
	const char *at;

	if (!text_read("/proc/meminfo", text, sizeof(text)))
		return UINT64_MAX;
	at = strstr(text, "MemAvailable:");
	return at && sscanf(at, "MemAvailable: %llu kB", &kib) == 1
	     ? kib << 10 : UINT64_MAX;
}

/* A fallback's files are in RAM, of which it has little: it would be killed for
 * want of memory half-way. */
static int check_room(const struct salvage *s)
{
	uint64_t need = s->domain->frame_count << HO_PAGE_SHIFT, have;
	struct statfs fs;

	if (fstatfs(fileno(s->out), &fs) ||
	    (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC))
		return 0;
	have = memory_available();
	return need < have ? 0 : diag_add(s->diag, HO_ESALVAGEROOM,
			"%s of memory, %s are available", human_bytes(need),
			human_bytes(have));
}

static int write_core(struct salvage *s, const char *path)
{
	struct outfile out;
	int rc;

	if (!strcmp(path, "-")) {
		s->out = stdout;
		rc = put_all(s);
		return rc || !fflush(stdout) ? rc : write_error(s);
	}
	rc = outfile_open(&out, path, s->diag);
	if (rc)
		return rc;
	s->out = out.file;
	rc = check_room(s);
	if (!rc)
		rc = put_all(s);
	if (!rc)
		return outfile_commit(&out, s->diag);
	outfile_abandon(&out);
	return rc;
}

static int salvage(const struct handover *h, const char *name,
		   const char *path, struct diag_log *diag)
{
	struct salvage s = { .h = h, .diag = diag,
			     .domain = handover_find(h, name),
			     .bar = isatty(STDERR_FILENO) };
	bool window;
	int rc;

	if (!s.domain)
		return diag_add(diag, HO_ENODOMAIN, "%.60s", name);
	if (!h->chained && !h->kept.domains[s.domain - h->domains].intact)
		return diag_add(diag, HO_EDIGEST,
				"records of %.60s: which frames are its own is not sure",
				name);
	s.memory = window_open(WINDOW_MEMORY, false, &window, diag);
	if (s.memory < 0)
		return s.memory;
	rc = write_core(&s, path);
	close(s.memory);
	return rc;
}

int cmd_salvage(struct arguments *a, struct diag_log *diag)
{
	struct handover *h;
	int rc;

	rc = handover_new(&h, false, diag);
	if (rc)
		return rc;
	rc = salvage(h, a->operands[0], a->output, diag);
	handover_free(h);
	return rc;
}
