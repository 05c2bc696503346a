/* SPDX-License-Identifier: MIT */
/*
 * commands.h - the commands. Each is given what options_parse() made of the
 * call, records what goes wrong in diag and returns 0 or -HO_E...; main.c
 * prints and exits.
 */
#ifndef LOADER_COMMANDS_H
#define LOADER_COMMANDS_H

#include "options.h"

/* collect: frames of processes and guests, to an LU stream. Guests stay
 * stopped. Codes of lock_alone(), collect_check() and sequence_run(). */
int cmd_collect(struct arguments *a, struct diag_log *diag);
/* pack: streams and a target, to a handover blob. Codes of pack_run(). */
int cmd_pack(struct arguments *a, struct diag_log *diag);
/* inspect: show a blob. HO_EFILE, codes of blob_parse() and of the stream's
 * framing. */
int cmd_inspect(struct arguments *a, struct diag_log *diag);
/* check: whether a blob would work. Records every reason why not. HO_EFILE,
 * codes of verdict_run(). */
int cmd_check(struct arguments *a, struct diag_log *diag);
/* load: check a blob and put it into the kernel's or Xen's slot. Codes of
 * lock_alone(), slot_check() and load_run(). */
int cmd_load(struct arguments *a, struct diag_log *diag);
/* exec: look at all guests again, and jump. Returns on failure, or with
 * --shutdown. HO_ENOTLOADED, HO_ESLOT, HO_EUNDONE, codes of lock_alone(), look_again(),
 * kexec_load_again(), kexec_jump(). */
int cmd_exec(struct arguments *a, struct diag_log *diag);
/* unload: empty the slot, and let all who wait run on; with --image-stays also where
 * it is not emptied. HO_EQMP, HO_ESTUCK: a guest does not; HO_EENDED: it cannot;
 * codes of lock_alone() and kexec_unload(). */
int cmd_unload(struct arguments *a, struct diag_log *diag);
/* precheck: would upgrade be refused, and how long would guests stand still?
 * HO_EREFUSED: it would; codes of precheck_run(). */
int cmd_precheck(struct arguments *a, struct diag_log *diag);
/* upgrade: collect, pack, check, load and exec in one. Returns on failure, or
 * with --no-exec or --shutdown. Codes of the five. */
int cmd_upgrade(struct arguments *a, struct diag_log *diag);
/* arm: a panic of this instance leads to the fallback. HO_EBREADCRUMB,
 * HO_ENOTARMED: nothing to arm again; HO_EDIED, HO_EREGIONRANGES, HO_EXENARM, codes of slot_check(), pack_run()
 * and load_run(). */
int cmd_arm(struct arguments *a, struct diag_log *diag);
/* disarm: the undo of arm. HO_ESLOT, codes of lock_alone() and
 * kexec_unload(). */
int cmd_disarm(struct arguments *a, struct diag_log *diag);
/* sign: a key, a signature, a manifest: off the host. Codes of sign_run(). */
int cmd_sign(struct arguments *a, struct diag_log *diag);
/* status: show the result of the last update; HO_ELOST when it did not
 * complete. HO_EBREADCRUMB, HO_ESTALE, codes of handover_open(). */
int cmd_status(struct arguments *a, struct diag_log *diag);
/* adopt: start kept QEMU guests again. HO_EBREADCRUMB, HO_ENODOMAIN, codes of
 * lock_shared(), handover_open() and adopt_run(). */
int cmd_adopt(struct arguments *a, struct diag_log *diag);
/* release: give up a kept domain. HO_EBREADCRUMB, HO_ENODOMAIN, codes of
 * handover_open(). */
int cmd_release(struct arguments *a, struct diag_log *diag);
/* state: a state of a kept domain, to standard output. HO_ENODOMAIN, codes of
 * handover_open() and kept_states(). */
int cmd_state(struct arguments *a, struct diag_log *diag);
/* salvage: memory of a kept domain, to an ELF core. HO_ENODOMAIN, HO_EDIGEST:
 * damaged; HO_EFILE, HO_EPERM, HO_EIO, codes of handover_open(). */
int cmd_salvage(struct arguments *a, struct diag_log *diag);
/* restore: kept guests of Xen, into new frames. HO_EBREADCRUMB, HO_ENODOMAIN,
 * codes of xen_open() and restore_xen(). */
int cmd_restore(struct arguments *a, struct diag_log *diag);
/* install: a target that GRUB starts through the door. HO_EPERM, codes of
 * install_run(). */
int cmd_install(struct arguments *a, struct diag_log *diag);
/* uninstall: the undo of install. The same codes. */
int cmd_uninstall(struct arguments *a, struct diag_log *diag);
/* region: show the region, advise its size, choose the next one. HO_ENOMEM,
 * codes of region_find(), region_next_check() and machine_read(). */
int cmd_region(struct arguments *a, struct diag_log *diag);
/* map: who has the machine's memory, as a picture; of a blob, what it hands
 * over. HO_ENOMEM, HO_EFILE, codes of iomem_walk(), handover_open(),
 * blob_parse() and kept_walk_next(). */
int cmd_map(struct arguments *a, struct diag_log *diag);
/* config: options of upgrade as the files of config.h have them. Codes of
 * table_check(), config_read() and config_apply(). */
int cmd_config(struct arguments *a, struct diag_log *diag);
/* convert: a domain of libvirt is given memory that can be kept. Codes of
 * lock_alone(), ledger_check(), agree() and libvirt_convert(). */
int cmd_convert(struct arguments *a, struct diag_log *diag);
/* unpack: a kernel that need not unpack itself. Codes of kernel_unpack(). */
int cmd_unpack(struct arguments *a, struct diag_log *diag);
/* report: facts about this host, without secrets, to a tar. HO_EFILE,
 * HO_ENOMEM. */
int cmd_report(struct arguments *a, struct diag_log *diag);

#endif /* LOADER_COMMANDS_H */
