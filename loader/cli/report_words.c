// SPDX-License-Identifier: MIT
/*
 * report_words.c - texts from outside, without what may be a secret; see report.h.
 */
#include "report.h"

#include <ctype.h>
#include <string.h>

#include "cmdword.h"

/* Of Linux (Documentation/admin-guide/kernel-parameters.txt) and Baton: those
 * that say how the machine's memory, CPUs and devices are used. A value of any
 * other may be a password, a key or an address. */
static const char *const shown[] = {
	"acpi", "acpi_no_memhotplug", "amd_iommu", "baton", "baton.failed",
	"clocksource", "cma", "console", "crashkernel", "debug",
	"default_hugepagesz", "earlyprintk", "efi", "efi_fake_mem", "highmem",
	"hugepages", "hugepagesz", "hugetlb_cma", "init_on_alloc",
	"init_on_free", "intel_idle.max_cstate", "intel_iommu", "intremap",
	"iommu", "iommu.passthrough", "iommu.strict", "isolcpus",
	"kernelcore", "kvm_amd.nested", "kvm_intel.nested", "lockdown",
	"maxcpus", "mem", "mem_encrypt", "memhp_default_state", "memmap",
	"mitigations", "movable_node", "movablecore", "nmi_watchdog", "noefi",
	"nohz_full", "nokaslr", "nolapic", "nomodeset", "nosmp", "nosmt",
	"nowatchdog", "nox2apic", "nr_cpus", "numa", "page_alloc.shuffle",
	"page_poison", "panic", "pci", "possible_cpus", "processor.max_cstate",
	"quiet", "rcu_nocbs", "reboot", "ro", "rw", "swiotlb",
	"transparent_hugepage", "tsc", "x2apic_phys",
};

/* Dashes and underscores are the same to Linux. */
static bool is_name(const char *word, size_t length, const char *name)
{
	size_t i;

	for (i = 0; i < length && name[i]; i++)
		if (word[i] != name[i] &&
		    !(word[i] == '-' && name[i] == '_'))
			return false;
	return i == length && !name[i];
}

/* What is no name, number or list of them is not shown, whosever it is. */
static bool is_plain(const char *word, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (!isalnum((unsigned char)word[i]) &&
		    !strchr("_-.,=:+$#@!", word[i]))
			return false;
	return true;
}

static bool may_show(const char *word, size_t length)
{
	const char *equals = memchr(word, '=', length);
	size_t name = equals ? (size_t)(equals - word) : length, i;

	for (i = 0; i < ARRAY_COUNT(shown); i++)
		if (is_name(word, name, shown[i]))
			return is_plain(word, length);
	return false;
}

void report_words(FILE *to, const char *text)
{
	unsigned int hidden = 0;
	struct cmdword w;

	while (cmdword_next(&text, &w)) {
		if (w.length == 2 && !strncmp(w.at, "--", 2)) {
			fputs("(what is behind -- is left out)\n", to);
			break;
		}
		if (may_show(w.at, w.length))
			fprintf(to, "%.*s\n", (int)w.length, w.at);
		else
			hidden++;
	}
	fprintf(to, "(%u words are left out)\n", hidden);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* The name's length where it stands at text[i] as a whole word, or 0. */
static size_t stands(const char *text, size_t bytes, size_t i,
		     const char *name, size_t most)
{
	size_t length = strnlen(name, most);

	return length && bytes - i >= length &&
	       !memcmp(text + i, name, length) &&
	       (!i || !is_word(text[i - 1])) &&
	       (i + length == bytes || !is_word(text[i + length])) ? length : 0;
}

/* Whose name stands there, the longest that does: its number from 1 on, and its
 * length; 0: nobody's. */
static uint32_t whose(const struct report *r, const char *text, size_t bytes,
		      size_t i, size_t *length)
{
	uint32_t kept = r->h ? r->h->result.domain_count : 0, n, found = 0;

	*length = 0;
	for (n = 0; n < kept + r->ledger.count; n++) {
		const char *name = n < kept ? r->h->domains[n].name
				 : r->ledger.guests[n - kept].taken.name;
		size_t here = stands(text, bytes, i, name, HO_NAME_BYTES);

		if (here <= *length)
			continue;
		*length = here;
		found = n + 1;
	}
	return found;
}

void report_text(FILE *to, const struct report *r, const char *text,
		 size_t bytes)
{
	size_t i, length;
	uint32_t guest;

	for (i = 0; i < bytes; i += length) {
		guest = whose(r, text, bytes, i, &length);
		if (guest) {
			fprintf(to, "guest-%u", guest);
			continue;
		}
		length = 1;
		fputc(isprint((unsigned char)text[i]) ||
		      text[i] == '\n' || text[i] == '\t' ? text[i] : '?', to);
	}
}
