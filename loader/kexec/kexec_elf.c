// SPDX-License-Identifier: MIT
/*
 * kexec_elf.c - the way into the stub without an old instance, see kexec.h: an ELF
 * file with a PVH entry (QEMU -kernel) that enters the stub in the state of
 * handover-abi/README.md 3.1. The way from PVH's entry to the stub lies between 1
 * and 2 MiB. The file:
 *
 *	ELF header, program headers, note | the way in: code, page tables |
 *	piece | piece | ...
 */
#include "kexec.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "checked.h"
#include "kexec_elf_base.h"
#include "util.h"

#define GIB_MAX		64
#define WAY_PAGES	(3 + GIB_MAX)	/* code, levels 4 and 3, level 2 */
#define PTE_TABLE	0x3		/* present, writable */
#define PTE_2M		0x83

/* Xen's public/elfnote.h and the PVH boot protocol */
#define NOTE_OWNER	"Xen"
#define NOTE_PHYS32_ENTRY 18

struct note {
	Elf64_Nhdr head;
	char owner[4];
	uint32_t entry;
};

struct headers {
	Elf64_Ehdr elf;
	Elf64_Phdr note_place;
	Elf64_Phdr way;
	Elf64_Phdr pieces[KEXEC_SEGMENTS_MAX];
	struct note note;
};

/* The way in: a page of code, then the page tables. */
struct way {
	uint64_t pages[WAY_PAGES][512];
};

extern const uint8_t kexec_elf_entry[], kexec_elf_entry_end[];

static void fill_way(struct way *w, uint64_t entry, uint32_t gib)
{
	const size_t bytes = kexec_elf_entry_end - kexec_elf_entry;
	const uint64_t tables = KEXEC_ELF_BASE + HO_PAGE_BYTES;
	uint8_t *code = (uint8_t *)w->pages[0];
	uint32_t i;

	memcpy(code, kexec_elf_entry, bytes);
	memcpy(code + bytes - sizeof(entry), &entry, sizeof(entry));
	w->pages[1][0] = (tables + HO_PAGE_BYTES) | PTE_TABLE;
	for (i = 0; i < gib; i++)
		w->pages[2][i] = (tables + (2 + i) * HO_PAGE_BYTES) | PTE_TABLE;
	for (i = 0; i < gib * 512; i++)
		w->pages[3 + i / 512][i % 512] = i * HO_PAGE_2M_BYTES | PTE_2M;
}

static Elf64_Phdr loaded(uint64_t offset, uint64_t paddr, uint64_t length,
			 uint64_t memory_bytes)
{
	return (Elf64_Phdr){
		.p_type = PT_LOAD, .p_flags = PF_R | PF_W | PF_X,
		.p_offset = offset, .p_vaddr = paddr, .p_paddr = paddr,
		.p_filesz = length, .p_memsz = memory_bytes,
		.p_align = 1,
	};
}

static void fill_headers(struct headers *h, const struct kexec_image *image,
			 uint64_t way_bytes)
{
	uint64_t at = sizeof(*h) + way_bytes;
	int i;

	h->elf = (Elf64_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_X86_64,
		.e_version = EV_CURRENT, .e_entry = KEXEC_ELF_BASE,
		.e_phoff = offsetof(struct headers, note_place),
		.e_ehsize = sizeof(h->elf),
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2 + image->count,
	};
	h->note_place = (Elf64_Phdr){
		.p_type = PT_NOTE, .p_flags = PF_R,
		.p_offset = offsetof(struct headers, note),
		.p_filesz = sizeof(h->note), .p_memsz = sizeof(h->note),
		.p_align = 4,
	};
	h->note = (struct note){
		.head = { sizeof(NOTE_OWNER), sizeof(uint32_t),
			  NOTE_PHYS32_ENTRY },
		.owner = NOTE_OWNER, .entry = KEXEC_ELF_BASE,
	};
	h->way = loaded(sizeof(*h), KEXEC_ELF_BASE, way_bytes, way_bytes);
	for (i = 0; i < image->count; i++) {
		const struct kexec_piece *p = &image->pieces[i];

		h->pieces[i] = loaded(at, p->paddr, p->length,
				      p->memory_bytes);
		at += p->length;
	}
}

/* How many GiB from 0 the page tables must show. */
static int reach(const struct kexec_image *image, uint32_t *gib,
		 struct diag_log *diag)
{
	uint64_t end, top = 0;
	int i;

	if (image->count > KEXEC_SEGMENTS_MAX)
		return diag_add(diag, HO_ETARGET, "%d segments, at most %d",
				image->count, KEXEC_SEGMENTS_MAX);
	for (i = 0; i < image->count; i++) {
		const struct kexec_piece *p = &image->pieces[i];

		if (!checked_add(p->paddr, p->memory_bytes, &end) ||
		    end > GIB_MAX * GIB)
			return diag_add(diag, HO_ETARGET,
					"segment at 0x%llx: above %d GiB",
					(unsigned long long)p->paddr,
					GIB_MAX);
		if (end > top)
			top = end;
	}
	*gib = align_up(top, GIB) / GIB;
	return 0;
}

static int write_parts(const struct headers *h, const struct way *w,
		       uint64_t way_bytes, const struct kexec_image *image,
		       struct diag_log *diag)
{
	struct outfile out;
	int rc = outfile_open(&out, image->file, diag), i;

	if (rc)
		return rc;
	rc = outfile_write(&out, h, sizeof(*h), diag);
	if (!rc)
		rc = outfile_write(&out, w, way_bytes, diag);
	for (i = 0; i < image->count && !rc; i++)
		rc = outfile_write(&out, image->pieces[i].bytes,
				   image->pieces[i].length, diag);
	if (!rc)
		return outfile_commit(&out, diag);
	outfile_abandon(&out);
	return rc;
}

static int load(const struct kexec_image *image, struct diag_log *diag)
{
	struct headers h = { 0 };
	struct way *w;
	uint64_t way_bytes;
	uint32_t gib = 0;
	int rc = reach(image, &gib, diag);

	if (rc)
		return rc;
	w = calloc(1, sizeof(*w));
	if (!w)
		return diag_add(diag, HO_ENOMEM, "load --elf");
	way_bytes = (3 + gib) * HO_PAGE_BYTES;
	fill_way(w, image->entry, gib);
	fill_headers(&h, image, way_bytes);
	rc = write_parts(&h, w, way_bytes, image, diag);
	free(w);
	return rc;
}

const struct kexec_way kexec_elf = { .load = load };
