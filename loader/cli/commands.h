/* SPDX-License-Identifier: MIT */
/*
 * commands.h - the commands. Each parses its own options, records what goes
 * wrong in diag and returns 0 or -HO_E...; main.c prints and exits.
 */
#ifndef LOADER_COMMANDS_H
#define LOADER_COMMANDS_H

#include <getopt.h>

#include "diag.h"

typedef int (*command_fn)(int argc, char **argv, struct diag_log *diag);

/* collect: frames of processes and guests, to an LU stream. Guests stay
 * stopped. HO_EUSAGE, codes of lock_alone(), collect_check() and
 * collect_run(). */
int cmd_collect(int argc, char **argv, struct diag_log *diag);
/* pack: streams and a target, to a handover blob. HO_EUSAGE, codes of
 * pack_run(). */
int cmd_pack(int argc, char **argv, struct diag_log *diag);
/* inspect: show a blob. HO_EUSAGE, HO_EFILE, codes of blob_parse() and of
 * the stream's framing. */
int cmd_inspect(int argc, char **argv, struct diag_log *diag);
/* check: would a blob work? Records every reason why not. HO_EUSAGE,
 * HO_EFILE, codes of verdict_run(). */
int cmd_check(int argc, char **argv, struct diag_log *diag);
/* load: check a blob and put it into the kernel's or Xen's slot. HO_EUSAGE,
 * codes of lock_alone(), slot_check() and load_run(). */
int cmd_load(int argc, char **argv, struct diag_log *diag);
/* exec: look at all guests again, and jump. Returns on failure, or with
 * --shutdown. HO_EUSAGE, HO_ENOTLOADED, HO_ESLOT, codes of lock_alone(),
 * look_again(), kexec_load_again(), kexec_jump(). */
int cmd_exec(int argc, char **argv, struct diag_log *diag);
/* unload: empty the slot, and let the guests of that blob run on. HO_EUSAGE,
 * HO_EQMP: a guest does not answer; codes of lock_alone() and
 * kexec_unload(). */
int cmd_unload(int argc, char **argv, struct diag_log *diag);
/* upgrade: collect, pack, check, load and exec in one. Returns on failure,
 * or with --no-exec or --shutdown. Codes of the five. */
int cmd_upgrade(int argc, char **argv, struct diag_log *diag);
/* arm: a panic of this instance leads to the fallback. HO_EUSAGE,
 * HO_EBREADCRUMB, HO_EDIED, HO_EREGIONRANGES, HO_EXENARM, codes of
 * slot_check(), pack_run() and load_run(). */
int cmd_arm(int argc, char **argv, struct diag_log *diag);
/* disarm: the undo of arm. HO_ESLOT, codes of lock_alone() and
 * kexec_unload(). */
int cmd_disarm(int argc, char **argv, struct diag_log *diag);
/* status: show the result of the last update; HO_ELOST when it did not
 * complete. HO_EBREADCRUMB, HO_ESTALE, codes of handover_open(). */
int cmd_status(int argc, char **argv, struct diag_log *diag);
/* adopt: start kept QEMU guests again. HO_EUSAGE, HO_EBREADCRUMB,
 * HO_ENODOMAIN, codes of lock_shared(), handover_open() and adopt_run(). */
int cmd_adopt(int argc, char **argv, struct diag_log *diag);
/* release: give up a kept domain. HO_EUSAGE, HO_EBREADCRUMB, HO_ENODOMAIN,
 * codes of handover_open(). */
int cmd_release(int argc, char **argv, struct diag_log *diag);
/* state: a state of a kept domain, to standard output. HO_EUSAGE,
 * HO_ENODOMAIN, codes of handover_open() and kept_states(). */
int cmd_state(int argc, char **argv, struct diag_log *diag);
/* salvage: memory of a kept domain, to an ELF core. HO_EUSAGE,
 * HO_ENODOMAIN, HO_EDIGEST: damaged; HO_EFILE, HO_EPERM, HO_EIO, codes
 * of handover_open(). */
int cmd_salvage(int argc, char **argv, struct diag_log *diag);
/* restore: kept guests of Xen, into new frames. HO_EUSAGE, HO_EBREADCRUMB,
 * HO_ENODOMAIN, codes of xen_open() and restore_xen(). */
int cmd_restore(int argc, char **argv, struct diag_log *diag);
/* install: a target that GRUB starts through the door. HO_EUSAGE, HO_EPERM,
 * codes of install_run(). */
int cmd_install(int argc, char **argv, struct diag_log *diag);
/* uninstall: the undo of install. The same codes. */
int cmd_uninstall(int argc, char **argv, struct diag_log *diag);
/* region: show the region, advise its size, choose the next one.
 * HO_EUSAGE, HO_ENOMEM, codes of region_find(), region_next_check() and
 * machine_read(). */
int cmd_region(int argc, char **argv, struct diag_log *diag);

#endif /* LOADER_COMMANDS_H */
