// SPDX-License-Identifier: MIT
/*
 * status_metrics.c - see status_metrics.h.
 */
#include "status_metrics.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "account.h"
#include "pause.h"
#include "slot.h"
#include "timeline.h"
#include "util.h"

static const char *const parts[PAUSE_PARTS] = {
	"collect", "load", "stub", "xen", "dom0", "restore",
};

static void head(FILE *to, const char *name, const char *help)
{
	fprintf(to, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

/* A label's value: any text. */
static void label(FILE *to, const char *text, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes && text[i]; i++) {
		if (text[i] == '"' || text[i] == '\\')
			fprintf(to, "\\%c", text[i]);
		else if (text[i] == '\n')
			fputs("\\n", to);
		else
			fputc(text[i], to);
	}
}

static const char *result_of(const struct handover *h,
			     const struct note *lost)
{
	if (lost)
		return "lost";
	if (!h)
		return "none";
	if (h->fallen_back)
		return "fallback";
	if (h->chained)
		return "completed";
	return h->crumb.state == HO_STATE_FAILED ? "failed" : "unfinished";
}

/* One line for each result there is: 1 for the one it was. */
static void print_result(FILE *to, const char *result)
{
	static const char *const all[] = { "completed", "failed", "fallback",
		"unfinished", "lost", "none" };
	size_t i;

	head(to, "baton_last_update_result",
	     "1 for what became of the last update");
	for (i = 0; i < ARRAY_COUNT(all); i++)
		fprintf(to, "baton_last_update_result{result=\"%s\"} %d\n",
			all[i], !strcmp(all[i], result));
}

static void print_guests(FILE *to, const struct handover *h)
{
	uint32_t i, kept = 0, released = 0, damaged = 0;

	for (i = 0; h && h->known && i < h->result.domain_count; i++) {
		if (h->domains[i].flags & HO_DOM_RELEASED)
			released++;
		else if (!h->chained && !h->kept.domains[i].intact)
			damaged++;
		else
			kept++;
	}
	head(to, "baton_guests", "guests that the last update kept, by state");
	fprintf(to, "baton_guests{state=\"kept\"} %u\n"
		"baton_guests{state=\"released\"} %u\n"
		"baton_guests{state=\"damaged\"} %u\n", kept, released,
		damaged);
}

static void print_part(FILE *to, const struct ho_domain *d, const char *part,
		       double seconds)
{
	fputs("baton_pause_seconds{guest=\"", to);
	label(to, d->name, HO_NAME_BYTES);
	fprintf(to, "\",stage=\"%s\"} %.3f\n", part, seconds);
}

/* Guests that were suspended have a record of their own, of Xen's stages. */
static void print_pauses(FILE *to, const struct handover *h)
{
	struct timeline t;
	struct pause p;
	uint32_t i, part, rows = 0;

	for (i = 0; h && h->known && i < h->result.domain_count; i++) {
		const struct ho_domain *d = &h->domains[i];
		bool of_xen = pause_measure(&p, h, d);

		if (!of_xen && !timeline_read(&t, h, d))
			continue;
		if (!rows++)
			head(to, "baton_pause_seconds",
			     "how long a guest stood still, by stage");
		for (part = 0; of_xen && part < PAUSE_PARTS; part++)
			print_part(to, d, parts[part], p.s[part]);
		for (part = 0; !of_xen && part < TIMELINE_PARTS; part++)
			if (timeline_has(&t, part))
				print_part(to, d, timeline_name(part), t.s[part]);
	}
}

static void print_region(FILE *to, const struct handover *h)
{
	struct diag_log scratch;
	struct account a;

	diag_init(&scratch, HO_STAGE_LOADER);
	if (!h || !h->chained || account_region(&a, &h->blob, &h->result,
						h->tree_bytes, &scratch))
		return;
	head(to, "baton_region_bytes", "bytes of the reserved region, by use");
	fprintf(to, "baton_region_bytes{use=\"images\"} %" PRIu64 "\n"
		"baton_region_bytes{use=\"fallback\"} %" PRIu64 "\n"
		"baton_region_bytes{use=\"blob\"} %" PRIu64 "\n"
		"baton_region_bytes{use=\"frametable\"} %" PRIu64 "\n"
		"baton_region_bytes{use=\"other\"} %" PRIu64 "\n"
		"baton_region_bytes{use=\"free\"} %" PRIu64 "\n",
		a.images, a.fallback, a.blob, a.frametable,
		a.total - a.images - a.fallback - a.blob - a.frametable -
		a.free, a.free);
}

static void print_memory(FILE *to, const struct handover *h)
{
	if (!h || !h->chained)
		return;
	head(to, "baton_memory_bytes",
	     "memory that the last update kept, plugged or left out");
	fprintf(to, "baton_memory_bytes{use=\"kept\"} %" PRIu64 "\n"
		"baton_memory_bytes{use=\"plugged\"} %" PRIu64 "\n"
		"baton_memory_bytes{use=\"not_plugged\"} %" PRIu64 "\n",
		h->result.frames_owned << HO_PAGE_SHIFT,
		h->result.frames_plugged << HO_PAGE_SHIFT,
		h->result.frames_unplugged << HO_PAGE_SHIFT);
}

static void print_all(FILE *to, const struct handover *h,
		      const struct note *lost)
{
	const char *armed = slot_armed();

	head(to, "baton_generation",
	     "number of the update that started this instance, 0 if none did");
	fprintf(to, "baton_generation %u\n",
		h && h->chained ? h->crumb.generation : 0);
	print_result(to, result_of(h, lost));
	print_guests(to, h);
	print_pauses(to, h);
	print_memory(to, h);
	print_region(to, h);
	head(to, "baton_armed", "1 when a panic leads to the fallback");
	fprintf(to, "baton_armed %d\n", armed && !strcmp(armed, "armed"));
}

int status_metrics_write(const char *path, const struct handover *h,
			 const struct note *lost, struct diag_log *diag)
{
	struct outfile out;
	int rc;

	if (!strcmp(path, "-")) {
		print_all(stdout, h, lost);
		return 0;
	}
	rc = outfile_open(&out, path, diag);
	if (rc)
		return rc;
	print_all(out.file, h, lost);
	fchmod(fileno(out.file), 0644);	/* the exporter is not root */
	return outfile_commit(&out, diag);
}
