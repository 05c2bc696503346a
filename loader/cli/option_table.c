// SPDX-License-Identifier: MIT
/*
 * option_table.c - every command and every option, see options.h.
 */
#include "options.h"

#include "commands.h"
#include "number.h"
#include "util.h"

#define ADOPT_SECONDS_MAX	86400

static int set_flag(struct arguments *a, const struct option_row *row,
		    const char *value, struct diag_log *diag)
{
	(void)value, (void)diag;
	*(bool *)((char *)a + row->where) = true;
	return 0;
}

static int set_text(struct arguments *a, const struct option_row *row,
		    const char *value, struct diag_log *diag)
{
	(void)diag;
	*(const char **)((char *)a + row->where) = value;
	return 0;
}

static int set_number(struct arguments *a, const struct option_row *row,
		      const char *value, struct diag_log *diag)
{
	char *field = (char *)a + row->where;
	uint64_t number;

	if (!number_parse(value, row->min, row->max, &number))
		return diag_add(diag, HO_EUSAGE, "--%s %s, %llu to %llu: %.40s",
				row->name, row->value,
				(unsigned long long)row->min,
				(unsigned long long)row->max, value);
	if (row->bytes == sizeof(uint64_t))
		*(uint64_t *)field = number;
	else
		*(uint32_t *)field = number;
	return 0;
}

/* The setters of other rooms know their own struct alone. */
#define SETTER(room, name) \
static int set_##name(struct arguments *a, const struct option_row *row, \
		      const char *value, struct diag_log *diag) \
{ \
	(void)row; \
	return room##_option_##name(&a->room, value, diag); \
}
SETTER(collect, pid)
SETTER(collect, qemu)
SETTER(collect, xen)
SETTER(collect, xen_all)
SETTER(collect, libvirt)
SETTER(collect, libvirt_all)
SETTER(collect, leave)
SETTER(collect, name)
SETTER(collect, map)
SETTER(collect, range)
SETTER(collect, state)
SETTER(collect, domid)
SETTER(collect, rehearse)
SETTER(pack, stream)
SETTER(pack, module)
SETTER(pack, policy)
SETTER(pack, digest)
SETTER(pack, uart)
SETTER(pack, inline_max)

#define AT(field)	offsetof(struct arguments, field)
#define FLAG(field)	.set = set_flag, .where = AT(field)
#define TEXT(field)	.set = set_text, .where = AT(field)
/* set_number() writes 32 or 64 bits: a field of another size, or one that has
 * no room for the most, does not compile. */
#define BYTES(field)	sizeof(((struct arguments *)0)->field)
#define FITS(field, most) \
	(0 * sizeof(char[BYTES(field) == 8 || (BYTES(field) == 4 && \
			 (most) <= UINT32_MAX) ? 1 : -1]))
#define NUMBER(field, least, most) \
	.set = set_number, .where = AT(field) + FITS(field, most), \
	.bytes = BYTES(field), .min = least, .max = most

#define IN(name)	(1u << COMMAND_##name)
#define UPGRADERS	(IN(UPGRADE) | IN(PRECHECK))
#define PACKERS		(IN(PACK) | UPGRADERS)	/* of an update */
#define COLLECTORS	(IN(COLLECT) | UPGRADERS)
#define ARMERS		(PACKERS | IN(ARM))	/* with a fallback */
#define TARGETS		(PACKERS | IN(INSTALL))
#define LOADERS		(IN(LOAD) | PACKERS)
#define STUBS		(TARGETS | IN(ARM))
#define TABLES		(IN(INSPECT) | IN(STATUS) | IN(REGION) | IN(CONFIG))

const char *const option_groups[GROUP_COUNT] = {
	[GROUP_GUESTS] = "Guests",
	[GROUP_TARGET] = "Target",
	[GROUP_FALLBACK] = "After a failure",
	[GROUP_REGION] = "Region",
	[GROUP_STUB] = "Stub",
	[GROUP_ACTION] = "What is done",
	[GROUP_OUTPUT] = "Output",
	[GROUP_DEBUG] = "For debugging",
};

const struct option_row option_rows[] = {
	{ "pid", "PID", COLLECTORS, GROUP_GUESTS, set_pid, .again = true,
	  .help = "a process; what follows is of its domain" },
	{ "qemu", "SOCKET", COLLECTORS, GROUP_GUESTS, set_qemu, .again = true,
	  .help = "a QEMU guest, by its QMP socket; needs --name alone" },
	{ "name", "NAME", COLLECTORS, GROUP_GUESTS, set_name, .again = true,
	  .help = "of the domain" },
	{ "map", "NAME", COLLECTORS, GROUP_GUESTS, set_map, .again = true,
	  .help = "mappings with this name in /proc/PID/maps (memfd:NAME, a file's name)" },
	{ "range", "START-END", COLLECTORS, GROUP_GUESTS, set_range,
	  .again = true, .help = "virtual addresses, hexadecimal, whole pages" },
	{ "state", "KIND=FILE", COLLECTORS, GROUP_GUESTS, set_state,
	  .again = true, .help = "opaque state to keep with the domain" },
	{ "domid", "N", COLLECTORS, GROUP_GUESTS, set_domid, .again = true,
	  .help = "0 to 32751; the lowest free one from 1 on by default" },
	{ "xen", "NAME", COLLECTORS, GROUP_GUESTS, set_xen, .again = true,
	  .help = "a guest of this dom0's Xen, by name or domid" },
	{ "xen-all", NULL, COLLECTORS, GROUP_GUESTS, set_xen_all,
	  .help = "all guests of this dom0's Xen" },
	{ "libvirt", "NAME", COLLECTORS, GROUP_GUESTS, set_libvirt,
	  .again = true,
	  .help = "a running domain of libvirt, by name or UUID" },
	{ "libvirt-all", NULL, COLLECTORS, GROUP_GUESTS, set_libvirt_all,
	  .help = "all running domains of libvirt" },
	{ "rehearse", "none|start|state", COLLECTORS, GROUP_GUESTS,
	  set_rehearse,
	  .help = "how QEMU guests are tried in the new host's QEMU: its parts, and the saved state; state by default" },
	{ "new-qemu", "FILE", COLLECTORS, GROUP_GUESTS,
	  TEXT(collect.trial.program),
	  .help = "the new host's QEMU, if it is not where the guest's is" },
	{ "leave", "NAME", UPGRADERS, GROUP_GUESTS, set_leave, .again = true,
	  .help = "without guests named all of this host are taken, but for this one: it ends with the host" },
	{ "wipe-state", NULL, COLLECTORS, GROUP_GUESTS,
	  FLAG(collect.wipe_state),
	  .help = "zero and remove the state files afterwards" },
	{ "kept", NULL, COLLECTORS, GROUP_GUESTS, FLAG(kept),
	  .help = "carry on what the last update kept; upgrade does" },
	{ "no-kept", NULL, COLLECTORS, GROUP_GUESTS, FLAG(no_kept),
	  .help = "do not carry on what the last update kept; collect does not" },
	{ "xen", NULL, IN(RESTORE), GROUP_GUESTS, FLAG(xen),
	  .help = "guests of Xen, all or one, by xl restore" },
	{ "kind", "qemu|libvirt", IN(ADOPT), GROUP_GUESTS, TEXT(kind),
	  .help = "with --all: those of this kind alone" },
	{ "all", NULL, IN(ADOPT), GROUP_GUESTS, FLAG(all),
	  .help = "all of them, instead of NAME" },
	{ "first", "NAME", IN(ADOPT), GROUP_GUESTS, TEXT(first),
	  .help = "with --all: NAME, or NAME,NAME one after the other, before all others; the others go on side by side" },
	{ "early", NULL, IN(ADOPT), GROUP_GUESTS, FLAG(early),
	  .help = "with --all, in an initramfs: those that need no file system but the root; the others go on later" },

	{ "stream", "STREAM", IN(PACK), GROUP_TARGET, set_stream,
	  .again = true, .help = "what collect wrote" },
	{ "cold", NULL, IN(PACK), GROUP_TARGET, FLAG(cold),
	  .help = "instead of an update a first boot: initrd of baton.bzImage, module of baton.elf" },
	{ "target", "linux|multiboot2|xen", TARGETS | IN(SIGN), GROUP_TARGET,
	  TEXT(pack.target), .help = "the kind of kernel; linux by default" },
	{ "kernel", "FILE", TARGETS | IN(SIGN), GROUP_TARGET, TEXT(pack.kernel),
	  .help = "bzImage, multiboot2 ELF, or xen.gz; by default upgrade takes the newest in /boot, install what runs now" },
	{ "initrd", "FILE", TARGETS | IN(SIGN), GROUP_TARGET, TEXT(pack.initrd),
	  .help = "of linux, or none; upgrade without --kernel, and install: by default initrd.img-X beside vmlinuz-X" },
	{ "module", "\"FILE ARGS\"", TARGETS | IN(SIGN), GROUP_TARGET, set_module,
	  .again = true,
	  .help = "of multiboot2; of xen dom0's kernel, then its initrd" },
	{ "cmdline", "TEXT", TARGETS | IN(SIGN), GROUP_TARGET, TEXT(pack.cmdline),
	  .help = "of the target; baton=<region> is added" },
	{ "unpack", NULL, UPGRADERS, GROUP_TARGET, FLAG(pack.unpack),
	  .help = "of linux the kernel, before guests are paused: it starts some tenths of a second sooner, and has several times its size in the region" },
	{ "nokaslr", NULL, IN(UNPACK), GROUP_TARGET, FLAG(nokaslr),
	  .help = "it runs where it is linked to" },
	{ "digest", "sha256|xxh64", STUBS, GROUP_TARGET, set_digest,
	  .help = "of kernels and initrds, checked until they are loaded; xxh64 is several times as fast, no match for forgers" },

	{ "policy", "fallback|fallback,reset|halt|reset", STUBS,
	  GROUP_FALLBACK, set_policy,
	  .help = "what the stub does; fallback where there is a kernel for it, else halt. A first boot has no fallback" },
	{ "fallback-kernel", "FILE", ARMERS | IN(SIGN), GROUP_FALLBACK,
	  TEXT(pack.fallback_kernel),
	  .help = "by default this instance's, in /boot" },
	{ "fallback-initrd", "FILE", ARMERS | IN(SIGN), GROUP_FALLBACK,
	  TEXT(pack.fallback_initrd),
	  .help = "by default initrd.img-X beside vmlinuz-X; or none" },
	{ "fallback-cmdline", "TEXT", ARMERS | IN(SIGN), GROUP_FALLBACK,
	  TEXT(pack.fallback_cmdline),
	  .help = "by default this instance's, without what is of one boot" },

	{ "region", "BASE+SIZE", TARGETS | IN(REGION), GROUP_REGION,
	  TEXT(pack.region),
	  .help = "instead of breadcrumb or crash kernel; more ranges behind commas. First boot: SIZE or BASE+SIZE" },
	{ "next-region", "REGION", PACKERS, GROUP_REGION,
	  TEXT(pack.next_region),
	  .help = "of the update after this one: SIZE, BASE+SIZE" },
	{ "next", "REGION", IN(REGION), GROUP_REGION, TEXT(next_region),
	  .help = "of the update after the next one: SIZE, BASE+SIZE or none" },
	{ "advise", NULL, IN(REGION), GROUP_REGION, FLAG(advise),
	  .help = "how large it should be on this machine" },

	{ "uart", "PORT[,BAUD]", STUBS, GROUP_STUB, set_uart,
	  .help = "console of the stub (0x3f8), or none" },
	{ "stub", "FILE", ARMERS, GROUP_STUB, TEXT(pack.stub),
	  .help = "stub image, instead of the installed one, or the door that it is in" },

	{ "manifest", "FILE", ARMERS, GROUP_STUB, TEXT(pack.manifest),
	  .help = "signed list of what a stub with a key may start; FILE.sig is its signature" },

	{ "no-exec", NULL, UPGRADERS, GROUP_ACTION, FLAG(no_exec),
	  .help = "stop before the jump" },
	{ "dry-run", NULL, IN(LOAD), GROUP_ACTION, FLAG(load.dry_run),
	  .help = "only print where it would go" },
	{ "yes", NULL, IN(UPGRADE) | IN(CONVERT), GROUP_ACTION, FLAG(yes),
	  .help = "show the plan, and do not ask" },
	{ "again", NULL, UPGRADERS, GROUP_ACTION, FLAG(again),
	  .help = "also when the newest kernel runs already" },
	{ "dry-run", NULL, IN(UPGRADE), GROUP_ACTION, FLAG(dry_run),
	  .help = "the same as precheck" },
	{ "dry-run", NULL, IN(CONVERT), GROUP_ACTION, FLAG(dry_run),
	  .help = "show the plan alone" },
	{ "replace", NULL, IN(LOAD) | UPGRADERS | IN(ARM), GROUP_ACTION,
	  FLAG(replace),
	  .help = "also over an image that baton did not load (kdump's)" },
	{ "again", NULL, IN(ARM), GROUP_ACTION, FLAG(again),
	  .help = "what was armed in this boot, if it is no longer" },
	{ "give-up", NULL, IN(UNLOAD), GROUP_ACTION, FLAG(give_up),
	  .help = "also guests whose process has ended: they are lost" },
	{ "image-stays", NULL, IN(UNLOAD), GROUP_ACTION, FLAG(image_stays),
	  .help = "guests run on although the kernel does not unload the image. A reboot by kexec would then start a past of them: start the host by its firmware" },
	{ "shutdown", NULL, IN(EXEC) | UPGRADERS, GROUP_ACTION,
	  FLAG(shutdown), .help = "by systemctl kexec: services end first" },
	{ "crash-image", NULL, UPGRADERS, GROUP_ACTION, FLAG(crash_image),
	  .help = "the door as what a panic starts: the kernel puts it into crashkernel=, over no guest. baton unbinds the drivers of all devices that reach memory, and panics. Where the door would lie over guests everywhere else" },
	{ "no-sync", NULL, IN(EXEC) | UPGRADERS, GROUP_ACTION, FLAG(no_sync),
	  .help = "do not sync file systems first: what has not been written is lost" },
	{ "timeout", "SECONDS", IN(ADOPT), GROUP_ACTION,
	  NUMBER(seconds, 1, ADOPT_SECONDS_MAX),
	  .help = "for each guest (60)" },
	{ "test", NULL, IN(ADOPT), GROUP_ACTION, FLAG(test),
	  .help = "do nothing: status 0 if NAME is kept, or runs in kept memory" },
	{ "paused", NULL, IN(RESTORE), GROUP_ACTION, FLAG(paused),
	  .help = "they wait for xl unpause" },
	{ "keep", NULL, IN(RESTORE), GROUP_ACTION, FLAG(keep),
	  .help = "do not release the kept frames" },
	{ "default", NULL, IN(INSTALL), GROUP_ACTION, FLAG(as_default),
	  .help = "it is GRUB's default entry" },
	{ "no-default", NULL, IN(INSTALL), GROUP_ACTION, FLAG(no_default),
	  .help = "it is no more" },
	{ "no-update-grub", NULL, IN(INSTALL) | IN(UNINSTALL), GROUP_ACTION,
	  FLAG(no_update_grub),
	  .help = "do not make GRUB's configuration anew" },
	{ "root", "DIR", IN(INSTALL) | IN(UNINSTALL), GROUP_ACTION,
	  TEXT(root), .help = "in the system mounted there" },
	{ "door", "FILE", IN(INSTALL) | IN(ARM) | LOADERS, GROUP_ACTION, TEXT(door),
	  .help = "door image, instead of the installed one (signed: docs/secureboot.md)" },

	{ "manifest", NULL, IN(SIGN), GROUP_ACTION, FLAG(sign.manifest),
	  .help = "of the target and the fallback that are named, and .sig beside it, instead of an image" },
	{ "security-version", "N", IN(SIGN), GROUP_ACTION,
	  NUMBER(sign.security_version, 0, UINT32_MAX),
	  .help = "of the manifest (0); a higher one is never withdrawn before a lower one" },
	{ "key", "FILE", IN(SIGN), GROUP_ACTION, TEXT(sign.key),
	  .help = "private key (PEM): of Secure Boot for an image, of manifests for a manifest" },
	{ "cert", "FILE", IN(SIGN), GROUP_ACTION, TEXT(sign.cert),
	  .help = "its certificate (PEM), which is in db or MOK" },
	{ "trust", "FILE", IN(SIGN), GROUP_ACTION, TEXT(sign.trust),
	  .help = "public key (PEM) of manifests, into the image: from then on it starts what one of them names" },
	{ "least", "N", IN(SIGN), GROUP_ACTION,
	  NUMBER(sign.least, 0, UINT32_MAX),
	  .help = "with --trust: lowest security version of a manifest (0)" },

	{ "output", "FILE", IN(COLLECT) | IN(PACK) | IN(SALVAGE) |
	  IN(RESTORE) | IN(REPORT) | IN(SIGN) | IN(UNPACK), GROUP_OUTPUT, TEXT(output), .letter = 'o',
	  .help = "stream of collect, blob of pack, core of salvage (- is stdout), tar of report, kernel of unpack; restore: the stream of xl save instead" },
	{ "plan", NULL, IN(CHECK), GROUP_OUTPUT, FLAG(plan),
	  .help = "room, tables, map, what is left out, time" },
	{ "extents", NULL, IN(INSPECT) | IN(STATUS), GROUP_OUTPUT,
	  FLAG(extents), .help = "lines DOMID NAME MFN COUNT TYPE, of a blob GFN, too" },
	{ "log", NULL, IN(STATUS), GROUP_OUTPUT, FLAG(log),
	  .help = "the stub's console text" },
	{ "pause", NULL, IN(STATUS), GROUP_OUTPUT, FLAG(pause),
	  .help = "where the time went in which each guest stood still, and what was done in it" },
	{ "result", "FILE", IN(STATUS), GROUP_OUTPUT, TEXT(result),
	  .help = "write the result tree (for dtc)" },
	{ "metrics", "FILE", IN(STATUS), GROUP_OUTPUT, TEXT(metrics),
	  .help = "gauges for the textfile collector of Prometheus' node exporter (- is stdout); exit status 0 whatever they say" },
	{ "show", NULL, IN(CONFIG), GROUP_OUTPUT, FLAG(show),
	  .help = "each option, its value, and which file and line says so" },
	{ "svg", "FILE", IN(MAP), GROUP_OUTPUT, TEXT(svg),
	  .help = "the picture as SVG" },
	{ "json", NULL, IN(INSPECT) | IN(CHECK) | IN(STATUS) | IN(REGION) |
	  IN(MAP) | UPGRADERS | IN(CONFIG),
	  GROUP_OUTPUT, FLAG(json),
	  .help = "for programs; of upgrade an object a line, for the plan, each stage, each second, each error and the end" },
	{ "quiet", NULL, IN(UPGRADE), GROUP_OUTPUT, FLAG(quiet),
	  .help = "neither stages nor seconds, and with --yes no plan, unless it is refused" },
	{ "check", NULL, IN(STATUS), GROUP_OUTPUT, FLAG(check),
	  .help = "exit status 13 when the last update failed after the jump" },
	{ "columns", "LIST", TABLES, GROUP_OUTPUT, TEXT(table.columns),
	  .help = "the table alone, of these columns: names of its heads behind commas. With --json an object, memory and state in bytes" },
	{ "noheadings", NULL, TABLES, GROUP_OUTPUT, FLAG(table.noheadings),
	  .letter = 'n', .help = "the table alone, without its heads" },

	{ "memory-map", "FILE", ARMERS, GROUP_DEBUG,
	  TEXT(pack.memory_map),
	  .help = "lines START-END TYPE (hexadecimal, END inclusive, TYPE an E820 number or RAM) instead of the firmware's map of this machine. Without it baton does not use RAM that this kernel leaves out (memmap=, mem=), nor RAM that a Linux target is told to leave out. The ranges of --region are the exception" },
	{ "e820-budget", "N", STUBS, GROUP_DEBUG,
	  NUMBER(pack.chosen.e820_budget, HO_E820_BUDGET_MIN,
		 HO_E820_BUDGET_MAX),
	  .help = "entries that the target's memory map may have, 16 to 3200; by default 500, or 200 for a Linux from 6.17 on, which reads memory that it has freed when its RAM has more than 128 ranges. What does not fit is not plugged: the smallest free gaps first. A Linux has room for 128, and 3 for each node that it was built for (Debian's: 3200 in all; one without CONFIG_NUMA: 131), and ignores the rest" },
	{ "inline-max", "BYTES", PACKERS, GROUP_DEBUG,
	  set_inline_max,
	  .help = "a longer stream is not copied into the blob: it stays in the file's frames, which must be a tmpfs's (/run, /dev/shm); 8M by default. Such a file must live as long as the update, and its frames are kept until the next one. With --shutdown nobody would hold them: upgrade has all of it in the blob, and exec refuses such a stream" },
	{ "by-file", NULL, LOADERS | IN(ARM), GROUP_DEBUG, FLAG(by_file),
	  .help = "load the door by kexec_file_load(2), as where the kernel refuses kexec_load(2) or has none: locked down, CONFIG_KEXEC off" },
	{ "elf", "FILE", IN(LOAD), GROUP_DEBUG, TEXT(load.elf),
	  .help = "load nothing: write the segments to an ELF file that QEMU's -kernel starts without an old instance; it enters the stub at once" },
	{ "force", NULL, IN(LOAD), GROUP_DEBUG, FLAG(load.force),
	  .help = "skip the check" },
	{ "layout", "BLOB", IN(LOAD), GROUP_DEBUG, TEXT(load.layout),
	  .help = "with --force: places of stub and images from this blob" },
	{ 0 }
};

_Static_assert(ARRAY_COUNT(option_rows) <= OPTIONS_MAX, "struct arguments");

const struct command commands[COMMAND_COUNT + 1] = {
	[COMMAND_COLLECT] = { "collect", "", 0, 0,
		"frames of processes to an LU stream", cmd_collect },
	[COMMAND_PACK] = { "pack", "", 0, 0,
		"streams and a target to a handover blob", cmd_pack },
	[COMMAND_INSPECT] = { "inspect", "BLOB", 1, 1,
		"show what is in a blob", cmd_inspect },
	[COMMAND_CHECK] = { "check", "BLOB", 1, 1,
		"would it work? every reason why not", cmd_check },
	[COMMAND_LOAD] = { "load", "BLOB", 1, 1,
		"load it for kexec; nothing happens yet", cmd_load },
	[COMMAND_EXEC] = { "exec", "", 0, 0,
		"look at every frame once more, then jump", cmd_exec },
	[COMMAND_UNLOAD] = { "unload", "", 0, 0,
		"forget what is loaded", cmd_unload },
	[COMMAND_PRECHECK] = { "precheck", "", 0, 0,
		"would upgrade be refused now? guests run on, untouched",
		cmd_precheck },
	[COMMAND_UPGRADE] = { "upgrade", "", 0, 0,
		"all of it: guests go on under the new kernel, or are untouched",
		cmd_upgrade },
	[COMMAND_STATUS] = { "status", "", 0, 0,
		"what the last update kept, and its times", cmd_status },
	[COMMAND_ARM] = { "arm", "", 0, 0,
		"a panic of this instance leads to the fallback", cmd_arm },
	[COMMAND_DISARM] = { "disarm", "", 0, 0,
		"forget that", cmd_disarm },
	[COMMAND_ADOPT] = { "adopt", "NAME", 0, 1,
		"kept guests of QEMU and libvirt go on, in their memory", cmd_adopt },
	[COMMAND_RELEASE] = { "release", "NAME", 1, 1,
		"let a kept domain go", cmd_release },
	[COMMAND_RESTORE] = { "restore", "[NAME]", 0, 1,
		"kept guests run on, from their frames", cmd_restore },
	[COMMAND_STATE] = { "state", "NAME KIND", 2, 2,
		"write a kept domain's state to stdout", cmd_state },
	[COMMAND_SALVAGE] = { "salvage", "NAME", 1, 1,
		"copy a kept domain's memory out, as an ELF core",
		cmd_salvage },
	[COMMAND_INSTALL] = { "install", "", 0, 0,
		"GRUB starts a target through the door, at power-on",
		cmd_install },
	[COMMAND_UNINSTALL] = { "uninstall", "", 0, 0,
		"all of that goes", cmd_uninstall },
	[COMMAND_REGION] = { "region", "", 0, 0,
		"the reserved region, and what is in it", cmd_region },
	[COMMAND_MAP] = { "map", "[BLOB]", 0, 1,
		"a picture of who has this machine's memory", cmd_map },
	[COMMAND_CONFIG] = { "config", "", 0, 0,
		"what upgrade takes where a call says nothing", cmd_config },
	[COMMAND_SIGN] = { "sign", "[IMAGE]", 0, 1,
		"sign an image for Secure Boot, or a manifest of targets",
		cmd_sign },
	[COMMAND_REPORT] = { "report", "", 0, 0,
		"a tar of facts without secrets, for those who mend Baton",
		cmd_report },
	[COMMAND_CONVERT] = { "convert", "NAME", 1, 1,
		"libvirt gives a running domain memory that can be kept",
		cmd_convert },
	[COMMAND_UNPACK] = { "unpack", "KERNEL", 1, 1,
		"a kernel that is unpacked already, for kexec alone",
		cmd_unpack },
	{ 0 }
};
