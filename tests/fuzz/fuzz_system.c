// SPDX-License-Identifier: MIT
/*
 * fuzz_system.c - any bytes as a text of the running system; the first byte says
 * which: mappings of a process, the kernel's log of a load, its symbols, the list of
 * installed targets, command lines, numbers, EFI in /sys.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmdline.h"
#include "efisys.h"
#include "install.h"
#include "kernelsym.h"
#include "number.h"
#include "placelog.h"
#include "placetext.h"
#include "process.h"
#include "running.h"
#include "told.h"
#include "util.h"

#define NAME	"memfd:guest"
#define FILES	(int)ARRAY_COUNT(files)
#define EFI	"/sys/firmware/efi"
#define SPLIT	0x1e			/* between the files of read_efi() */
#define LARGEST		8192		/* of an input: more is slow */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of /sys and /proc, as an EFI host with two descriptors has them. */
static const char *const files[] = {
	"/sys/kernel/boot_params/data", EFI "/systab", EFI "/fw_vendor",
	EFI "/config_table", "/proc/fb",
	EFI "/runtime-map/0/type", EFI "/runtime-map/0/phys_addr",
	EFI "/runtime-map/0/virt_addr", EFI "/runtime-map/0/num_pages",
	EFI "/runtime-map/0/attribute",
	EFI "/runtime-map/1/type", EFI "/runtime-map/1/phys_addr",
	EFI "/runtime-map/1/virt_addr", EFI "/runtime-map/1/num_pages",
	EFI "/runtime-map/1/attribute",
};

/* A line says it from its beginning on, and has the name. */
static bool is_said(const char *text, const struct vrange *r)
{
	unsigned long long start, end;
	const char *name;

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		name = strstr(text, NAME);
		if (sscanf(text, "%llx-%llx ", &start, &end) == 2 &&
		    start == r->start && end == r->end && name &&
		    !memchr(text, '\n', name - text))
			return true;
	}
	return false;
}

static void read_maps(const char *text, size_t size)
{
	FILE *f = size ? fmemopen((void *)text, size, "r") : NULL;
	bool is_text = strlen(text) == size;
	struct vrange *found;
	int i, count;

	if (!f)
		return;
	count = maps_find(f, NAME, &found);
	for (i = 0; i < count; i++)
		if (found[i].start >= found[i].end ||
		    (is_text && !is_said(text, &found[i])))
			abort();
	free(found);
	fclose(f);
}

static void read_placelog(const char *text, size_t size)
{
	struct placelog p = { .fd = -1 };
	char *copy = strdup(text), *line, *rest;
	int i;

	(void)size;
	for (line = strtok_r(copy, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		placelog_line(&p, line);
	free(copy);
	if (p.count < 0 || p.count > PLACES_MAX)
		abort();
	for (i = 0; i < p.count; i++)
		if (p.at[i].start >= p.at[i].end)
			abort();
}

/* /proc/kallsyms, and /proc/kcore, whose words lie in the file. */
static void read_kernel(const char *text, size_t size)
{
	int fd = memfd_create("kernel", 0);
	char path[64];
	uint64_t word;

	if (fd < 0 || write(fd, text, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	kernelsym_find(path, "kexec_image");
	if (kernelsym_word(path, 0xffffffff81000000, &word) &&
	    !memmem(text, size, &word, sizeof(word)))
		abort();
	close(fd);
}

static void check_installed(const struct installed *i)
{
	if ((*i->id && strspn(i->id, "0123456789abcdef") !=
		       INSTALL_ID_CHARS) ||
	    strlen(i->id) > INSTALL_ID_CHARS || strchr(i->what, '\n'))
		abort();
}

/* What is read can be written, and is the same again. */
static void read_targets(const char *text, size_t size)
{
	struct install_targets t, again;
	char *line = NULL;

	(void)size;
	install_targets_parse(&t, text);
	check_installed(&t.current);
	check_installed(&t.previous);
	if (asprintf(&line, "%s%s %s %s\n%s %s %s\n",
		     t.made_folder ? "folder\n" : "",
		     *t.current.id ? "current" : "", t.current.id,
		     t.current.what, *t.previous.id ? "previous" : "",
		     t.previous.id, t.previous.what) < 0)
		abort();
	install_targets_parse(&again, line);
	if (strcmp(again.current.id, t.current.id) ||
	    strcmp(again.current.what, t.current.what) ||
	    strcmp(again.previous.id, t.previous.id) ||
	    strcmp(again.previous.what, t.previous.what) ||
	    again.made_folder != t.made_folder)
		abort();
	free(line);
}

/* Words that are left out are so for good; `out` has room for all. */
static void leave_out(const char *text, size_t size, int how)
{
	char *line = strdup(text), *once = malloc(size + 2);
	char *twice = malloc(size + 2);

	if (how == 2)
		running_xen_words(once, size + 2, line);
	else
		running_linux_words(once, size + 2, line, how);
	free(line);
	line = strdup(once);
	if (how == 2)
		running_xen_words(twice, size + 2, line);
	else
		running_linux_words(twice, size + 2, line, how);
	if (strlen(once) > size || strcmp(once, twice))
		abort();
	free(line);
	free(once);
	free(twice);
}

/* RAM of 2 GiB is taken away, and none is made. */
static void tell(const char *text)
{
	static struct hostmap map;
	static struct diag_log diag;
	struct range place;
	struct told t = { .at = text };
	uint32_t type, i;

	while (told_next(&t, &place, &type))
		if (type == 1)
			abort();
	diag_init(&diag, HO_STAGE_LOADER);
	memset(&map, 0, sizeof(map));
	map.memory_count = 1;
	map.memory[0] = (struct range){ 0, 0x80000000 };
	if (told_add(&map, text, NULL, 0, &diag))
		return;
	for (i = 0; i < map.memory_count; i++)
		if (map.memory[i].start >= map.memory[i].end ||
		    map.memory[i].end > 0x80000000 ||
		    (i && map.memory[i].start < map.memory[i - 1].end))
			abort();
}

static void read_words(const char *text, size_t size)
{
	static struct diag_log diag;
	char release[NAME_MAX + 1];
	const char *value;
	size_t length = 0;
	int how;

	for (how = 0; how < 3; how++)
		leave_out(text, size, how);
	value = cmdline_value(text, "root=", &length);
	if (value && (value < text + 5 || value + length > text + size ||
		      memcmp(value - 5, "root=", 5)))
		abort();
	tell(text);
	diag_init(&diag, HO_STAGE_LOADER);
	if (running_words_ok(text, &diag) && !told_adds(text))
		abort();
	if (running_release_of(release, text) && strchr(release, '/'))
		abort();
}

static void read_numbers(const char *text, size_t size)
{
	struct placetext place, again;
	uint64_t start, end;
	char back[64];

	if (number_parse(text, 1, 1000, &start) && (!start || start > 1000))
		abort();
	if (hex_range_parse(text, &start, &end)) {
		uint64_t start2, end2;

		snprintf(back, sizeof(back), "%llx-%llx",
			 (unsigned long long)start, (unsigned long long)end);
		if (!hex_range_parse(back, &start2, &end2) ||
		    start != start2 || end != end2)
			abort();
	}
	if (!placetext_parse(&place, text, size) || !place.has_base ||
	    place.base + place.bytes < place.base)
		return;
	snprintf(back, sizeof(back), "%s", placetext_of((struct range){
		 place.base, place.base + place.bytes }));
	if (!placetext_parse(&again, back, strlen(back)) ||
	    again.base != place.base || again.bytes != place.bytes)
		abort();
}

/* A root in which each file is a link to a descriptor of ours. */
static const char *efi_root(int fds[])
{
	static char root[] = "/tmp/fuzz-efi-XXXXXX";
	char path[PATH_MAX], target[64], *slash;
	int i;

	if (!mkdtemp(root))
		abort();
	for (i = 0; i < FILES; i++) {
		fds[i] = memfd_create("efi", 0);
		snprintf(path, sizeof(path), "%s%s", root, files[i]);
		for (slash = path + sizeof(root); (slash = strchr(slash, '/'));
		     *slash++ = '/') {
			*slash = '\0';
			mkdir(path, 0700);
		}
		snprintf(target, sizeof(target), "/proc/self/fd/%d", fds[i]);
		if (fds[i] < 0 || symlink(target, path))
			abort();
	}
	return root;
}

/* Whole descriptors, as many as there are folders at most; the ends are apart. */
static void check_efi(const struct efisys *e)
{
	struct efi_descriptor d;
	uint32_t i;

	if (!e->efi.system_table)
		return;
	if (efi_count(&e->efi) > 2 || e->efi.map_bytes > sizeof(e->map) ||
	    e->efi.map_bytes % e->efi.desc_size)
		abort();
	for (i = 0; i < efi_count(&e->efi); i++) {
		d = efi_descriptor(&e->efi, i);
		if (d.place.start > d.place.end)
			abort();
	}
}

static void read_efi(const char *text, size_t size)
{
	static const char *root;
	static int fds[sizeof(files) / sizeof(*files)];
	static struct diag_log diag;
	static struct efisys e;
	const char *end = text + size, *next;
	int i, rc;

	if (!root)
		root = efi_root(fds);
	for (i = 0; i < FILES; i++) {
		next = text < end ? memchr(text, SPLIT, end - text) : NULL;
		next = next ? next : end;
		if (ftruncate(fds[i], 0) ||
		    pwrite(fds[i], text, next - text, 0) != next - text)
			abort();
		text = next < end ? next + 1 : end;
	}
	diag_init(&diag, HO_STAGE_LOADER);
	rc = efisys_read(&e, root, &diag);
	if (!rc != !diag.total)
		abort();
	check_efi(&e);
	efisys_secure_boot(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(const char *text, size_t size) = {
		read_maps, read_placelog, read_kernel, read_targets,
		read_words, read_numbers,
	};
	char *text;

	if (!size || size > LARGEST)
		return 0;
	text = malloc(size);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] == '7')		/* many files, slow: for few inputs */
		read_efi(text, size - 1);
	else
		readers[(uint8_t)(data[0] - '1') % ARRAY_COUNT(readers)](
			text, size - 1);
	free(text);
	return 0;
}
