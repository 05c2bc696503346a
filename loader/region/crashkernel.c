// SPDX-License-Identifier: MIT
/*
 * crashkernel.c - see crashkernel.h.
 */
#include "crashkernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>

#include "checked.h"
#include "cmdline.h"
#include "iomem.h"
#include "util.h"
#include "xen.h"
#include "xen_image.h"

#define KLOG_READ_ALL	3		/* syslog(2) */
#define KLOG_SIZE	10
#define KLOG_BYTES_MAX	(64 << 20)
#define CMDLINE_BYTES	4096
/* A user's lines of the log have a facility, which is in bits 3 and up. */
#define KERNEL_LEVELS	8

bool crashkernel_asked(const char *cmdline, char *out, size_t bytes)
{
	size_t length;
	const char *value = cmdline_value(cmdline, "crashkernel=", &length);

	if (value)
		snprintf(out, bytes, "%.*s", (int)length, value);
	return value;
}

/* Past "<LEVEL>[TIME] "; NULL: not a kernel's line. */
static const char *text_of(const char *line)
{
	char *end;

	if (*line == '<') {
		if (strtoul(line + 1, &end, 10) >= KERNEL_LEVELS ||
		    *end != '>')
			return NULL;
		line = end + 1;
	}
	if (*line == '[') {
		line += strcspn(line, "]\n");
		if (*line == ']')
			line++;
	}
	return line + strspn(line, " ");
}

static bool has_one(const char *text, const char *const words[])
{
	for (; *words; words++)
		if (strcasestr(text, *words))
			return true;
	return false;
}

/*
 * The wording differs from kernel to kernel: "crashkernel reservation failed -
 * memory is in use." or "- No suitable area found." (6.1), "cannot allocate
 * crashkernel (size:0x...)" (6.6 and later), "crashkernel: Memory value
 * expected", "Ignoring crashkernel for a Xen PV domain". So: a line about it
 * with a word of failure, but for the command line itself.
 */
static bool is_complaint(const char *text)
{
	static const char *const about[] = { "crashkernel", "crash kernel",
					     NULL };
	static const char *const failure[] = {
		"fail", "cannot", "can't", "could not", "unable", "in use",
		"invalid", "expected", "ignor", "error", "not enough",
		"not sufficient", "no memory reserved", "too small",
		"too large", NULL
	};

	return !strcasestr(text, "command line") && has_one(text, about) &&
	       has_one(text, failure);
}

bool crashkernel_complaint(const char *log, char *out, size_t bytes)
{
	char line[512];

	while (*log) {
		size_t length = strcspn(log, "\n");
		const char *text;

		snprintf(line, sizeof(line), "%.*s",
			 (int)(length < sizeof(line) ? length
						     : sizeof(line) - 1), log);
		text = text_of(line);
		if (text && is_complaint(text)) {
			snprintf(out, bytes, "%s", text);
			return true;
		}
		log += length + (log[length] == '\n');
	}
	return false;
}

/* Why there is none. */
static int missing(const char *cmdline, const char *log,
		   struct diag_log *diag)
{
	char asked[32], said[HO_WHERE_BYTES];

	if (!crashkernel_asked(cmdline, asked, sizeof(asked)))
		return diag_add(diag, HO_ENOREGION,
				"no crashkernel= on the kernel's command line");
	if (!crashkernel_complaint(log, said, sizeof(said)))
		return diag_add(diag, HO_ENOREGION,
				"the kernel reserved nothing for crashkernel=%s",
				asked);
	return diag_add(diag, HO_ENOREGION, "crashkernel=%s failed: %s",
			asked, said);
}

int crashkernel_region_of(struct range *out, const char *iomem,
			  const char *cmdline, const char *log,
			  struct diag_log *diag)
{
	bool found;
	int rc = iomem_crash_region(iomem, out, &found, diag);

	if (rc || found)
		return rc;
	return missing(cmdline, log, diag);
}

/* "" when it may not be read. With its times the text is longer than what the
 * kernel holds; the newest of it are what is given where the buffer ends. */
static char *read_log(void)
{
	int size = klogctl(KLOG_SIZE, NULL, 0), got;
	char *log;

	if (size <= 0 || size > KLOG_BYTES_MAX)
		return NULL;
	size *= 4;
	log = malloc(size + 1);
	if (!log)
		return NULL;
	got = klogctl(KLOG_READ_ALL, log, size);
	log[got > 0 ? got : 0] = '\0';
	return log;
}

/* Xen has its log for those who ask: `xl dmesg`. */
static int missing_xen(struct diag_log *diag)
{
	struct xen_facts facts;
	char asked[32];
	int rc = xen_facts_read(&facts, diag);

	if (rc)
		return rc;
	if (crashkernel_asked(facts.cmdline, asked, sizeof(asked)))
		return diag_add(diag, HO_ENOREGION,
				"Xen reserved nothing for its crashkernel=%s: see xl dmesg",
				asked);
	return diag_add(diag, HO_ENOREGION,
			"no crashkernel= on Xen's command line");
}

/* Without a place Xen takes the end of a range of RAM, aligned to a page. */
static int xen_region(struct range *out, struct diag_log *diag)
{
	uint64_t bytes = 0, start = 0;
	struct xen *x;
	int rc = xen_open(&x, diag);

	if (rc)
		return rc;
	if (x->xc_kexec_get_range(x->xc, KEXEC_RANGE_MA_CRASH, 0, &bytes,
				  &start))
		bytes = 0;
	xen_close(x);
	out->start = align_up(start, HO_PAGE_2M_BYTES);
	out->end = align_down(start + bytes, HO_PAGE_2M_BYTES);
	return out->end > out->start ? 0 : missing_xen(diag);
}

int crashkernel_region(struct range *out, struct diag_log *diag)
{
	char cmdline[CMDLINE_BYTES] = "";
	char *log;
	int rc;

	if (xen_is_dom0())
		return xen_region(out, diag);
	log = read_log();
	text_read("/proc/cmdline", cmdline, sizeof(cmdline));
	rc = crashkernel_region_of(out, "/proc/iomem", cmdline,
				   log ? log : "", diag);
	free(log);
	return rc;
}
