// SPDX-License-Identifier: MIT
/*
 * malform.c - the tool:
 *   malform --list              the codes, a line each
 *   malform --stream OUT        a good LU stream: two domains
 *   malform --typed LIST OUT    one domain of frames MFN PAGES TYPE
 *   malform --codes             every code that a blob can carry, and its exit
 *                               status, by handover/errors.h
 *   malform --newer GOOD OUT    GOOD of a newer writer, for newer readers:
 *                               newer.c
 *   malform GOOD OUT CODE       write OUT, GOOD spoiled so that CODE results
 */
#include "malform.h"

#include <libfdt.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handover/errors.h"
#include "testmachine.h"

#define ROOM (4 << 20)

void malform_die(const char *what)
{
	fprintf(stderr, "malform: %s\n", what);
	exit(1);
}

static void list(const struct malform_case *c)
{
	for (; c->name; c++)
		puts(c->name);
}

static void codes(void)
{
#define CODE(code, name, class, exit, text, remedy) \
	if (#class[0] == 'B') \
		printf(#name " %d\n", exit);
	HO_ERROR_LIST(CODE)
}

static void newer(const char *good, const char *out)
{
	FILE *f = fopen(good, "rb");
	uint8_t *bytes;
	long length;

	if (!f || fseek(f, 0, SEEK_END) || (length = ftell(f)) <= 0)
		malform_die(good);
	rewind(f);
	bytes = malloc(length);
	if (!bytes || fread(bytes, length, 1, f) != 1)
		malform_die(good);
	fclose(f);
	malform_newer(bytes, length);
	f = fopen(out, "wb");
	if (!f || fwrite(bytes, length, 1, f) != 1 || fclose(f))
		malform_die(out);
	free(bytes);
}

static const struct malform_case *find(const struct malform_case *c,
				       const char *name)
{
	for (; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static void read_good(struct spoil *s, const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes;
	long length;

	if (!f || fseek(f, 0, SEEK_END) || (length = ftell(f)) <= 0)
		malform_die(path);
	rewind(f);
	bytes = malloc(length);
	s->room = length + ROOM;
	s->fdt = calloc(1, s->room);
	if (!bytes || !s->fdt || fread(bytes, length, 1, f) != 1 ||
	    fdt_open_into(bytes, s->fdt, s->room))
		malform_die(path);
	fclose(f);
	free(bytes);
}

static void write_out(const struct spoil *s, const char *path)
{
	FILE *f = fopen(path, "wb");
	uint32_t length = s->length ? s->length : fdt_totalsize(s->fdt);

	if (!f || fwrite(s->fdt, length, 1, f) != 1 || fclose(f))
		malform_die(path);
}

static void write_stream(const char *path)
{
	uint64_t words[] = { frame_word(0x8000, 512, 0),
			     frame_word(0x9001, 3, 0) };
	struct stream_text t;
	FILE *f = fopen(path, "wb");

	stream_text_begin(&t);
	stream_text_domain(&t, 1, "one");
	stream_text_frames(&t, 1, words, 2);
	stream_text_domain_end(&t, 1, 515, 2);
	stream_text_domain(&t, 2, "two");
	words[0] = frame_word(0xa000, 1, HO_TYPE_L1);
	stream_text_frames(&t, 2, words, 1);
	stream_text_domain_end(&t, 2, 1, 1);
	stream_text_end(&t);
	if (!f || fwrite(t.bytes, t.length, 1, f) != 1 || fclose(f))
		malform_die(path);
	stream_text_free(&t);
}

/* Lines MFN PAGES TYPE (hexadecimal, decimal, decimal) as one domain. */
static void write_typed(const char *list, const char *path)
{
	FILE *in = fopen(list, "r"), *out = fopen(path, "wb");
	uint64_t words[64], mfn, frames = 0;
	unsigned int pages, type, count = 0;
	struct stream_text t;

	if (!in || !out)
		malform_die(in ? path : list);
	while (count < 64 && fscanf(in, "%" SCNx64 " %u %u", &mfn, &pages,
				    &type) == 3) {
		words[count++] = frame_word(mfn, pages, type);
		frames += pages;
	}
	fclose(in);
	stream_text_begin(&t);
	stream_text_pv(&t, 1, "pv");
	stream_text_frames(&t, 1, words, count);
	stream_text_domain_end(&t, 1, frames, count);
	stream_text_end(&t);
	if (fwrite(t.bytes, t.length, 1, out) != 1 || fclose(out))
		malform_die(path);
	stream_text_free(&t);
}

int main(int argc, char **argv)
{
	const struct malform_case *c;
	struct spoil s = { 0 };

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		list(malform_tree_cases);
		list(malform_stream_cases);
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "--codes")) {
		codes();
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "--newer")) {
		newer(argv[2], argv[3]);
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "--typed")) {
		write_typed(argv[2], argv[3]);
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "--stream")) {
		write_stream(argv[2]);
		return 0;
	}
	if (argc != 4)
		malform_die("want GOOD OUT CODE, or --list");
	c = find(malform_tree_cases, argv[3]);
	if (!c)
		c = find(malform_stream_cases, argv[3]);
	if (!c)
		malform_die("no such code");
	read_good(&s, argv[1]);
	s.name = argv[3];
	s.dir = dirname(strdup(argv[2]));
	c->spoil(&s);
	/* what is packed is smaller and has no slack; a broken header stays */
	if (!s.length && !fdt_check_header(s.fdt))
		fdt_pack(s.fdt);
	write_out(&s, argv[2]);
	return 0;
}
