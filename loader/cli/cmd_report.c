// SPDX-License-Identifier: MIT
/*
 * cmd_report.c - facts about this host and its last update, for others to read.
 */
#include "commands.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "machine.h"
#include "report.h"
#include "tarfile.h"

#define FOLDER		"baton-report/"

static const struct member {
	const char *name;
	report_print *print;
	const char *what;
} members[] = {
	{ "machine.txt", report_machine,
	  "versions, firmware, kernel, kexec, NUMA, huge pages, watchdogs" },
	{ "cpu.txt", report_cpu, "model, microcode and flags of the first CPU" },
	{ "iomem.txt", report_iomem,
	  "/proc/iomem, without the place of the kernel itself" },
	{ "memmap.txt", report_memmap, "the firmware's memory map" },
	{ "devices.txt", report_devices, "PCI devices and their drivers" },
	{ "cmdline.txt", report_cmdline,
	  "words of the kernel's command line that hold no secret" },
	{ "map.txt", report_map, "who has the memory; guests by number" },
	{ "update.txt", report_update,
	  "the last update: how far, errors, times, pauses" },
	{ "stub.txt", report_log, "what the stub said" },
	{ "now.txt", report_now,
	  "what is under way, and where an update would land" },
};

static void print_contents(FILE *to)
{
	size_t i;

	fputs("Made by baton report. It has no memory, state, name or address of a\n"
	      "guest, no command line but for known words, no serial number, UUID\n"
	      "or host name. Read it before you give it away:\n\n", to);
	for (i = 0; i < ARRAY_COUNT(members); i++)
		fprintf(to, "%-12s %s\n", members[i].name, members[i].what);
}

/* `m` NULL: what is in it. */
static int add_member(struct outfile *out, const struct member *m,
		      const struct report *r, struct diag_log *diag)
{
	char name[TARFILE_NAME_BYTES], *text = NULL;
	size_t bytes = 0;
	FILE *to = open_memstream(&text, &bytes);
	int rc;

	if (!to)
		return diag_add(diag, HO_ENOMEM, "report");
	if (m)
		m->print(to, r);
	else
		print_contents(to);
	snprintf(name, sizeof(name), FOLDER "%s", m ? m->name : "README");
	rc = fclose(to) ? diag_add(diag, HO_ENOMEM, "%s", name)
	   : tarfile_add(out, name, text, bytes, time(NULL), diag);
	free(text);
	return rc;
}

static int write_all(struct outfile *out, const struct report *r,
		     struct diag_log *diag)
{
	int rc = add_member(out, NULL, r, diag);
	size_t i;

	for (i = 0; i < ARRAY_COUNT(members) && !rc; i++)
		rc = add_member(out, &members[i], r, diag);
	return rc ? rc : tarfile_end(out, diag);
}

/* What cannot be read is said in the texts; another diag than the command's. */
static void look(struct report *r)
{
	struct diag_log diag;

	diag_init(&r->parent, HO_STAGE_LOADER);
	handover_parent(&r->h, &r->parent);
	if (r->h && !r->h->crumb.tsc_khz)	/* a door does not know it */
		r->h->crumb.tsc_khz = machine_tsc_khz();
	diag_init(&diag, HO_STAGE_LOADER);
	if (ledger_read(&r->ledger, &diag))
		r->ledger = (struct ledger){ 0 };
}

int cmd_report(struct arguments *a, struct diag_log *diag)
{
	static struct report r;
	struct outfile out;
	int rc = outfile_open(&out, a->output, diag);

	if (rc)
		return rc;
	look(&r);
	rc = write_all(&out, &r, diag);
	if (rc)
		outfile_abandon(&out);
	else
		rc = outfile_commit(&out, diag);
	if (!rc)
		printf("%s: read it (tar xf) before you give it away\n",
		       a->output);
	handover_free(r.h);
	ledger_free(&r.ledger);
	return rc;
}
