// SPDX-License-Identifier: MIT
/*
 * kernelsym.c - see kernelsym.h.
 */
#include "kernelsym.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The address of a line "ADDRESS TYPE NAME", one of some 200,000. */
static uint64_t address_of(const char *line, const char *name, size_t length)
{
	const char *type = strchr(line, ' ');

	if (!type || !type[1] || type[2] != ' ' ||
	    strncmp(type + 3, name, length) || type[3 + length] != '\n')
		return 0;
	return strtoull(line, NULL, 16);
}

uint64_t kernelsym_find(const char *kallsyms, const char *name)
{
	FILE *file = fopen(kallsyms, "re");
	size_t length = strlen(name);
	uint64_t found = 0;
	char line[512];

	while (file && !found && fgets(line, sizeof(line), file))
		found = address_of(line, name, length);
	if (file)
		fclose(file);
	return found;
}

static bool read_at(int fd, void *out, size_t bytes, uint64_t offset)
{
	return offset <= INT64_MAX &&
	       pread(fd, out, bytes, offset) == (ssize_t)bytes;
}

/* The segment that has all eight bytes; false: none. */
static bool read_word(int fd, uint64_t address, uint64_t *out)
{
	Elf64_Ehdr e;
	Elf64_Phdr p;
	unsigned int i;

	if (!read_at(fd, &e, sizeof(e), 0) ||
	    memcmp(e.e_ident, ELFMAG, SELFMAG) ||
	    e.e_ident[EI_CLASS] != ELFCLASS64 ||
	    e.e_phentsize != sizeof(p))
		return false;
	for (i = 0; i < e.e_phnum; i++) {
		if (!read_at(fd, &p, sizeof(p),
			     e.e_phoff + (uint64_t)i * sizeof(p)))
			return false;
		if (p.p_type == PT_LOAD && address >= p.p_vaddr &&
		    p.p_memsz >= sizeof(*out) &&
		    address - p.p_vaddr <= p.p_memsz - sizeof(*out))
			return read_at(fd, out, sizeof(*out), p.p_offset +
				       (address - p.p_vaddr));
	}
	return false;
}

bool kernelsym_word(const char *kcore, uint64_t address, uint64_t *out)
{
	int fd = open(kcore, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && read_word(fd, address, out);

	if (fd >= 0)
		close(fd);
	return good;
}
