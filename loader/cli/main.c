// SPDX-License-Identifier: MIT
/*
 * main.c - the baton command: which command, and how it ends. The only place
 * that calls exit().
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

struct command {
	const char *name;
	command_fn run;
	const char *what;
	const char *options;
};

#define COLLECT_HELP \
	"  --pid PID            a process; what follows is of its domain\n" \
	"  --qemu SOCKET        a QEMU guest, by its QMP socket; needs --name alone\n" \
	"  --name NAME          of the domain\n" \
	"  --map NAME           mappings with this name in /proc/PID/maps\n" \
	"                       (memfd:NAME, a file's name)\n" \
	"  --range START-END    virtual addresses, hexadecimal\n" \
	"  --state KIND=FILE    opaque state to keep with the domain\n" \
	"  --domid N            1.. by default\n" \
	"  --xen NAME           a PV guest of this dom0's Xen, or its domid\n" \
	"  --xen-all            all of them\n" \
	"  --wipe-state         zero and remove the state files afterwards\n" \
	"  --kept, --no-kept    carry on what the last update kept\n"
#define FALLBACK_HELP \
	"  --policy WORDS       after a failure: fallback[,reset], halt or reset;\n" \
	"                       fallback where there is a kernel for it, else halt\n" \
	"  --fallback-kernel FILE  this instance's, in /boot\n" \
	"  --fallback-initrd FILE  by default initrd.img-X beside vmlinuz-X; or none\n" \
	"  --fallback-cmdline TEXT this instance's, without what is of one boot\n"
#define DIGEST_HELP \
	"  --digest sha256|xxh64  of kernels and initrds, checked by the stub; xxh64\n" \
	"                       is several times as fast, no match for forgers\n"
#define STUB_HELP \
	"  --e820-budget N      entries of the target's map (500)\n" \
	"  --uart PORT[,BAUD]   console of the stub (0x3f8), or none\n" \
	"  --stub FILE          stub image\n" \
	"  --memory-map FILE    lines START-END TYPE, instead of this machine's\n"
#define PACK_HELP \
	"  --target KIND        linux (default), multiboot2 or xen\n" \
	"  --kernel FILE        bzImage, multiboot2 ELF, or xen.gz\n" \
	"  --initrd FILE        linux; or none\n" \
	"  --module \"FILE ARGS\" multiboot2; may be repeated. xen: dom0's kernel,\n" \
	"                       then its initrd\n" \
	"  --cmdline TEXT       baton=<region> is added\n" \
	FALLBACK_HELP \
	DIGEST_HELP \
	"  --region BASE+SIZE   instead of breadcrumb or crash kernel; more\n" \
	"                       ranges behind commas\n" \
	"  --next-region REGION of the update after this one: SIZE, BASE+SIZE\n" \
	"  --inline-max BYTES   a longer stream stays where it is, on a tmpfs (8M)\n" \
	STUB_HELP

#define INSTALL_HELP \
	"  --no-update-grub     do not make GRUB's configuration anew\n" \
	"  --root DIR           in the system mounted there\n"

static const struct command commands[] = {
	{ "collect", cmd_collect, "frames of processes to an LU stream",
	  COLLECT_HELP
	  "  -o FILE              the stream\n" },
	{ "pack", cmd_pack, "streams and a target to a handover blob",
	  "  --stream FILE        may be repeated\n"
	  "  --cold               instead: a first boot (initrd of baton.bzImage,\n"
	  "                       module of baton.elf); --region SIZE or BASE+SIZE,\n"
	  "                       or none; --policy halt (default) or reset\n" PACK_HELP
	  "  -o FILE              the blob\n" },
	{ "inspect", cmd_inspect, "show what is in a blob",
	  "  BLOB\n  --extents            every extent\n"
	  "  --json\n" },
	{ "check", cmd_check, "would it work? every reason why not",
	  "  BLOB\n"
	  "  --plan               room, tables, map, what is left out, time\n"
	  "  --json\n" },
	{ "load", cmd_load, "load it for kexec; nothing happens yet",
	  "  BLOB\n  --dry-run            only print where it would go\n"
	  "  --elf FILE           only write it, for QEMU -kernel\n"
	  "  --replace            also over an image that baton did not load\n"
	  "  --force              skip the check\n"
	  "  --layout BLOB        with --force: places from a good blob\n" },
	{ "exec", cmd_exec, "look at every frame once more, then jump",
	  "  --no-sync            do not sync file systems first\n"
	  "  --shutdown           by systemctl kexec: services end first\n" },
	{ "unload", cmd_unload, "forget what is loaded", "" },
	{ "upgrade", cmd_upgrade, "all of it: collect, pack, check, load, exec",
	  COLLECT_HELP PACK_HELP
	  "  --no-exec            stop before the jump\n"
	  "  --replace            also over an image that baton did not load\n"
	  "  --shutdown           by systemctl kexec: services end first\n" },
	{ "status", cmd_status, "what the last update kept, and its times",
	  "  --extents            lines DOMID NAME MFN COUNT TYPE\n"
	  "  --log                the stub's console text\n"
	  "  --result FILE        write the result tree (for dtc)\n"
	  "  --json\n" },
	{ "arm", cmd_arm, "a panic of this instance leads to the fallback",
	  "wants crashkernel= of its own on this kernel's command line\n"
	  "  --replace            also over kdump's image\n"
	  FALLBACK_HELP DIGEST_HELP STUB_HELP },
	{ "disarm", cmd_disarm, "forget that", "" },
	{ "adopt", cmd_adopt, "kept QEMU guests go on, in their memory",
	  "  NAME, or --all\n"
	  "  --timeout SECONDS    for each guest (60)\n"
	  "  --test               do nothing: status 0 if NAME is kept, or runs in\n"
	  "                       kept memory\n" },
	{ "release", cmd_release, "let a kept domain go",
	  "  NAME                 its frames return at the next update\n" },
	{ "restore", cmd_restore, "kept guests run on, from their frames",
	  "  --xen [NAME]         PV guests, all or one, by xl restore\n"
	  "  --paused             they wait for xl unpause\n"
	  "  --keep               do not release the kept frames\n"
	  "  -o FILE              write the stream of xl save instead\n" },
	{ "state", cmd_state, "write a kept domain's state to stdout",
	  "  NAME KIND\n" },
	{ "salvage", cmd_salvage, "copy a kept domain's memory out, as an ELF core",
	  "  NAME\n  -o FILE, - is stdout\n" },
	{ "install", cmd_install, "GRUB starts a target through the door, at power-on",
	  "  --default            it is GRUB's default entry\n"
	  "  --no-default         it is no more\n"
	  INSTALL_HELP
	  "  --door FILE          door image\n"
	  "  --policy halt|reset  after a failure; a reset starts GRUB's default\n"
	  "  --kernel FILE, ...   as for pack --cold; by default what runs now.\n"
	  "                       Without --initrd the initrd.img-X beside vmlinuz-X\n" },
	{ "uninstall", cmd_uninstall, "all of that goes", INSTALL_HELP },
	{ "region", cmd_region, "the reserved region, and what is in it",
	  "  --region BASE+SIZE\n"
	  "  --advise             how large it should be on this machine\n"
	  "  --next REGION        of the update after the next one: SIZE,\n"
	  "                       BASE+SIZE or none\n"
	  "  --json\n" },
};

static void help(FILE *to)
{
	size_t i;

	fprintf(to, "usage: baton COMMAND [OPTION]...\n\n"
		    "Replace the hypervisor under running guests; their "
		    "memory stays in place.\n\n");
	for (i = 0; i < ARRAY_COUNT(commands); i++)
		fprintf(to, "  %-9s %s\n", commands[i].name,
			commands[i].what);
	fprintf(to, "\n  baton COMMAND --help\n  baton --version\n");
}

static void help_command(const struct command *c)
{
	printf("usage: baton %s [OPTION]...\n%s.\n\n%s", c->name, c->what,
	       c->options);
}

static int report(const char *name, const struct diag_log *diag)
{
	uint32_t i;

	for (i = 0; i < diag->kept; i++) {
		const struct ho_diag *d = &diag->items[i];

		fprintf(stderr, "baton: %s: %s: %s [%s]\n", name,
			error_text(d->code), d->where, error_name(d->code));
		if (!i || d->code != diag->items[i - 1].code)
			fprintf(stderr, "  remedy: %s\n",
				error_remedy(d->code));
	}
	if (diag->total > diag->kept)
		fprintf(stderr, "baton: %s: and %llu more\n", name,
			(unsigned long long)(diag->total - diag->kept));
	return diag->kept ? error_exit(diag->items[0].code)
			  : HO_EXIT_FAILURE;
}

static const struct command *find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int run(const struct command *c, int argc, char **argv)
{
	static struct diag_log diag;
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--help")) {
			help_command(c);
			return HO_EXIT_OK;
		}
	diag_init(&diag, HO_STAGE_LOADER);
	if (!c->run(argc, argv, &diag) && !diag.total)
		return HO_EXIT_OK;
	fflush(stdout);
	return report(c->name, &diag);
}

/* All that was printed has arrived, or the status says that it has not: of
 * every command, here alone. */
static void leave(const char *name, int status) __attribute__((noreturn));
static void leave(const char *name, int status)
{
	static struct diag_log diag;
	bool good = !ferror(stdout);

	errno = 0;
	good &= !fflush(stdout);
	/* closed by the caller is no failure: then there was nothing to say */
	good &= !fclose(stdout) || errno == EBADF;
	if (good || status)
		exit(status);
	diag_init(&diag, HO_STAGE_LOADER);
	diag_add(&diag, HO_EIO, "standard output: %s",
		 errno ? strerror(errno) : "not all was written");
	exit(report(name, &diag));
}

int main(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2) {
		help(stderr);
		exit(HO_EXIT_USAGE);
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		help(stdout);
		leave("help", HO_EXIT_OK);
	}
	if (!strcmp(argv[1], "--version")) {
		printf("baton %s (handover ABI %d)\n", BATON_VERSION,
		       HO_ABI_VERSION);
		leave("version", HO_EXIT_OK);
	}
	c = find(argv[1]);
	if (!c) {
		fprintf(stderr, "baton: no command %s; see baton --help\n",
			argv[1]);
		exit(HO_EXIT_USAGE);
	}
	leave(c->name, run(c, argc - 1, argv + 1));
}
