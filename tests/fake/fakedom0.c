// SPDX-License-Identifier: MIT
/*
 * fakedom0.c - see fakelibs.h: what a host shows that is the dom0 of a Xen, and
 * the file of one.
 */
#include <elf.h>
#include <string.h>

#include "fakelibs.h"
#include "fakeroot.h"
#include "xen.h"

void fake_xen_here(void)
{
	fake_xen->there = true;
	fake_xen->free_pages = 1 << 20;
	fake_xen->kexec_base = 0x10000000;
	fake_xen->kexec_bytes = 0x8000000;
	fake_put("/sys/hypervisor/type", "xen\n");
	fake_put("/sys/hypervisor/version/major", "4\n");
	fake_put("/sys/hypervisor/version/minor", "17\n");
	fake_put("/proc/xen/capabilities", "control_d\n");
}

static void has_words(const char *words)
{
	fake_xen->keeps = true;
	fake_put("/sys/hypervisor/properties/capabilities",
		 "%sxen-3.0-x86_64 \n", words);
}

void fake_xen_adopts(void)
{
	has_words(XEN_ADOPTS_PV);
}

void fake_xen_adopts_at_once(void)
{
	has_words(XEN_ADOPTS_PV XEN_ADOPTS_HVM);
}

/* An ELF with one segment at 1 MiB and an empty multiboot2 header. */
void fake_xen_image(const char *path)
{
	static const uint32_t note[3] = { 4, 20, NT_GNU_BUILD_ID };
	static const uint32_t header[6] = { 0xe85250d6, 0, 24,
					    -(0xe85250d6u + 24), 0, 8 };
	static const Elf32_Ehdr e = {
		.e_ident = { 0x7f, 'E', 'L', 'F', 1, 1, 1 },
		.e_type = ET_EXEC, .e_machine = EM_386, .e_version = 1,
		.e_entry = 0x100010, .e_phoff = sizeof(e), .e_phnum = 1,
		.e_ehsize = sizeof(e), .e_phentsize = sizeof(Elf32_Phdr),
	};
	static const Elf32_Phdr p = {
		.p_type = PT_LOAD, .p_offset = 0x1000, .p_vaddr = 0x100000,
		.p_paddr = 0x100000, .p_filesz = 0x1000, .p_memsz = 0x4000,
	};
	static uint8_t image[0x2000];

	memcpy(image, &e, sizeof(e));
	memcpy(image + sizeof(e), &p, sizeof(p));
	memcpy(image + 0x400, header, sizeof(header));
	memcpy(image + 0x1100, note, sizeof(note));
	memcpy(image + 0x110c, "GNU", 4);
	memset(image + 0x1110, FAKE_XEN_BUILD, 20);
	fake_put_bytes(path, image, sizeof(image));
}
