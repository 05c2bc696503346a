// SPDX-License-Identifier: MIT
/*
 * fuzz_monitor.c - any bytes as what a QEMU says of itself for people (info ramblock,
 * qtree, mtree, network), as the value of one of its options, and as the command line
 * that libvirt gives it. By the first byte.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emulator.h"
#include "guestedit.h"
#include "qemulook.h"
#include "rehearsefacts.h"
#include "util.h"

#define ARGS_MAX	64
#define UUID		"596fc37c-4fa8-4116-b3b8-d3dbe2e1249d"
#define KEY		"fuzz-key"
#define TEXT		"a,b,,c=d"
#define LARGEST		8192		/* of an input: more is slow */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each is a key, a tab and a value. */
static void check_facts(char *const *facts, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		const char *tab = strchr(facts[i], '\t');

		if (!tab || tab == facts[i])
			abort();
	}
}

static void read_facts(char *text)
{
	struct guest_facts f = { 0 };

	guest_facts_ram(&f, text);
	guest_facts_devices(&f, text);
	check_facts(f.parts, f.part_count);
	check_facts(f.properties, f.property_count);
	guest_facts_free(&f);
}

/* The line that says it is there, with the name. */
static void read_mtree(char *text)
{
	uint64_t address;

	if (qemu_guest_address(text, "mem0", &address) &&
	    (!strstr(text, " AS \"memory\",") || !strstr(text, "mem0")))
		abort();
}

static void read_network(char *text)
{
	char *line, *rest;
	const char *name, *type, *end = text + strlen(text);

	for (line = strtok_r(text, "\r\n", &rest); line;
	     line = strtok_r(NULL, "\r\n", &rest)) {
		name = qemu_network_name(line, &type);
		if (name && (name < line || name > end ||
			     strstr(name, ": index=")))
			abort();
	}
}

static bool is_id(const char *key)
{
	return !strcmp(key, "id");
}

static void must_have(char *value, const char *key, const char *text)
{
	char *have = value ? guest_value_get(value, key) : NULL;

	if (!have || strcmp(have, text))
		abort();
	free(have);
	free(value);
}

/* A key that is added is there, and what was there, too; one that is left out is
 * not. What begins with json: has keys of its own. */
static void read_option(char *text)
{
	bool good = guest_value_is_good(text), plain = *text != '{' &&
		!strstr(text, "json:");
	char *id = guest_value_get(text, "id"), *with, *out;

	guest_value_is_on(text, "share", true);
	guest_value_has(text, "on");
	with = guest_value_with(text, KEY, json_object_new_string(TEXT));
	if (!with != !good)
		abort();
	if (with && id)
		must_have(strdup(with), "id", id);
	if (with)
		must_have(with, KEY, TEXT);
	out = guest_value_without(text, is_id);
	if (!out != !good)
		abort();
	if (plain && (with = guest_value_get(out, "id")))
		abort();
	free(out);
	free(id);
	if (!strncmp(text, "json:", 5))
		return;
	out = guest_text_escaped(text);
	if (asprintf(&with, KEY "=%s", out) < 0)
		abort();
	free(out);
	must_have(with, KEY, text);
}

/* Where a domain's memory is kept. */
static const char *kept_folder(void)
{
	static char folder[] = "/tmp/fuzz-memory-XXXXXX";
	static bool made;
	char path[128];
	int fd;

	if (made)
		return folder;
	made = true;
	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof(path), "%s/" UUID ".pc.ram", folder);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, 4096))
		abort();
	close(fd);
	return folder;
}

/* An argument a line. What is replaced is a file of that folder, as long as the
 * backend is to be, and shared. */
static void check_replaced(const char *value)
{
	char *size = guest_value_get(value, "size");

	if (!size || strcmp(size, "4096") ||
	    !guest_value_is(value, "qom-type", "memory-backend-file") ||
	    !guest_value_is_on(value, "share", false))
		abort();
	free(size);
}

static void read_args(char *text)
{
	char *args[ARGS_MAX] = { "baton-qemu", "-incoming", "defer", "-uuid",
				 UUID }, *was[ARGS_MAX], *rest, *line;
	struct emulator e = { .memory = kept_folder(), .images = "/none" };
	int i, count = 5, replaced = 0;

	for (line = strtok_r(text, "\n", &rest);
	     line && count < ARGS_MAX - 1; line = strtok_r(NULL, "\n", &rest))
		args[count++] = line;
	memcpy(was, args, sizeof(was));
	if (!emulator_change(&e, args) && !*e.why)
		abort();
	for (i = 0; i < count; i++) {
		if (args[i] == was[i])
			continue;
		replaced++;
		check_replaced(args[i]);
		free(args[i]);
	}
	if (replaced != e.replaced)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(char *text) = {
		read_facts, read_mtree, read_network, read_option, read_args,
	};
	char *text;

	if (!size || size > LARGEST)
		return 0;
	text = malloc(size);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	readers[data[0] % ARRAY_COUNT(readers)](text);
	free(text);
	return 0;
}
