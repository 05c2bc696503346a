// SPDX-License-Identifier: MIT
/*
 * placelog.c - see placelog.h.
 */
#include "placelog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORD_BYTES	8193		/* the kernel's longest, and a NUL */
#define SWITCH_ON	"file kexec_file.c +p"
#define SWITCH_OFF	"file kexec_file.c -p"

/* /proc has it also where debugfs is not mounted, or locked */
static const char *const controls[] = {
	"/proc/dynamic_debug/control", "/sys/kernel/debug/dynamic_debug/control",
};

static bool control_write(const char *control, const char *words)
{
	int fd = open(control, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 &&
		    write(fd, words, strlen(words)) == (ssize_t)strlen(words);

	if (fd >= 0)
		close(fd);
	return good;
}

static bool switch_on(struct placelog *p)
{
	size_t i;

	for (i = 0; i < sizeof(controls) / sizeof(*controls); i++)
		if (control_write(controls[i], SWITCH_ON)) {
			p->control = controls[i];
			return true;
		}
	return false;
}

int placelog_begin(struct placelog *p, bool dynamic, struct diag_log *diag)
{
	*p = (struct placelog){ .fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK |
					   O_CLOEXEC) };
	if (p->fd < 0 || lseek(p->fd, 0, SEEK_END) < 0) {
		placelog_close(p);
		return diag_add(diag, HO_ESEGMENTS, "/dev/kmsg: %s",
				strerror(errno));
	}
	if (dynamic && !switch_on(p)) {
		placelog_close(p);
		return diag_add(diag, HO_ESEGMENTS,
				"neither KEXEC_FILE_DEBUG nor dynamic debug");
	}
	return 0;
}

void placelog_close(struct placelog *p)
{
	if (p->control)
		control_write(p->control, SWITCH_OFF);
	if (p->fd >= 0)
		close(p->fd);
	p->control = NULL;
	p->fd = -1;
}

/* The number behind `name`. */
static bool number(const char *text, const char *name, uint64_t *out)
{
	const char *at = strstr(text, name);
	char *end;

	if (!at)
		return false;
	errno = 0;
	*out = strtoull(at + strlen(name), &end, 16);
	return !errno && end != at + strlen(name) &&
	       (*end == ' ' || *end == '\n' || !*end);
}

/* "segment[0]: ", "Loading segment 0: "; NULL: neither. */
static const char *segment(const char *text, unsigned long *index)
{
	const char *at = strstr(text, "segment");
	char *end;

	if (!at || (at[7] != '[' && at[7] != ' ') || at[8] < '0' || at[8] > '9')
		return NULL;
	*index = strtoul(at + 8, &end, 10);
	if (at[7] == '[' && *end++ != ']')
		return NULL;
	return *end == ':' ? end : NULL;
}

static void take(struct placelog *p, const char *text, unsigned long index)
{
	uint64_t start, memory, bytes;

	if (index >= PLACES_MAX || index != (unsigned long)p->count) {
		p->again = true;
		return;
	}
	if (!number(text, " bufsz=0x", &bytes) ||
	    !number(text, " mem=0x", &start) ||
	    !number(text, " memsz=0x", &memory) || !memory ||
	    start + memory < start) {
		p->again = true;	/* not understood: as good as none */
		return;
	}
	p->at[p->count] = (struct range){ start, start + memory };
	p->bytes[p->count++] = bytes;
}

/* "PRIORITY,SEQUENCE,TIME,FLAGS;TEXT". What a program writes has another facility
 * than the kernel's, which is 0: a priority of 8 or more. */
void placelog_line(struct placelog *p, const char *line)
{
	const char *text = strchr(line, ';'), *at;
	unsigned long index;
	char *end;

	if (*line < '0' || *line > '9' || strtoul(line, &end, 10) >= 8 ||
	    *end != ',' || !text || strncmp(++text, "kexec_file: ", 12))
		return;
	at = strstr(text, "nr_segments = ");
	if (at)
		p->said = atoi(at + 14);
	at = segment(text, &index);
	if (at)
		take(p, at, index);
}

/* A file of several records gives all of them at once. */
static void take_lines(struct placelog *p, char *text)
{
	char *rest, *line;

	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		placelog_line(p, line);
}

/* Returns 0 when all that was said since placelog_begin() is read. */
static int read_all(struct placelog *p)
{
	char record[RECORD_BYTES];
	ssize_t got;

	while ((got = read(p->fd, record, sizeof(record) - 1)) > 0) {
		record[got] = '\0';
		take_lines(p, record);
	}
	return !got || errno == EAGAIN ? 0 : errno;
}

static bool has_bytes(const struct placelog *p, uint64_t bytes)
{
	int i, found = 0;

	for (i = 0; i < p->count; i++)
		found += p->bytes[i] == bytes;
	return found == 1;
}

int placelog_end(struct placelog *p, uint64_t bytes, struct diag_log *diag)
{
	int error = read_all(p);

	placelog_close(p);
	if (error)
		return diag_add(diag, HO_ESEGMENTS, "/dev/kmsg: %s",
				strerror(error));
	if (!p->count)
		return diag_add(diag, HO_ESEGMENTS, "none in /dev/kmsg");
	if (p->again || (p->said && p->said != p->count))
		return diag_add(diag, HO_ESEGMENTS,
				"%d in /dev/kmsg, which are not all of one load",
				p->count);
	if (!has_bytes(p, bytes))
		return diag_add(diag, HO_ESEGMENTS,
				"none of %llu bytes in /dev/kmsg",
				(unsigned long long)bytes);
	return 0;
}
