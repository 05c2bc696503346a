/* SPDX-License-Identifier: MIT */
/*
 * rundir.h - /run/baton: what this boot knows of an update that is being
 * prepared. It is root's alone, and empty after every boot.
 */
#ifndef LOADER_RUNDIR_H
#define LOADER_RUNDIR_H

#include "diag.h"

#define RUN_DIR		"/run/baton"
/* The blob that the kernel's slot for kexec holds, or is about to. */
#define LOADED_BLOB	RUN_DIR "/loaded.dtb"
/* Of an image that kexec_file_load(2) holds: fileload.h. */
#define LOADED_DOOR	RUN_DIR "/loaded.door"
/* What is going on, and whose guests wait: ledger.h. */
#define LEDGER_NAME	"ledger.json"
#define LEDGER_FILE	RUN_DIR "/" LEDGER_NAME
/* Its text has this for each process that holds a guest's memory. */
#define LEDGER_KEEPER	"\"keeper\":%d,"
/* What `baton arm` put into the kernel's slot for a crash. */
#define ARMED_BLOB	RUN_DIR "/armed.dtb"
#define ARMING_BLOB	RUN_DIR "/arming.dtb"
/* Of that, where kexec_file_load(2) holds it: fileload.h. */
#define ARMED_DOOR	RUN_DIR "/armed.door"
/* What an upgrade writes, under whatever temporary name. */
#define UPGRADE_FILES	RUN_DIR "/upgrade.*"
#define UPGRADE_STREAM	RUN_DIR "/upgrade.lu"
#define UPGRADE_BLOB	RUN_DIR "/upgrade.dtb"
#define UPGRADE_KERNEL	RUN_DIR "/upgrade.kernel"
/* The same of guests that still run, looked at and thrown away. */
#define TRIAL_STREAM	RUN_DIR "/upgrade.trial.lu"
#define TRIAL_BLOB	RUN_DIR "/upgrade.trial.dtb"
/* What `baton region --next` said, for the next pack or upgrade. */
#define REGION_NEXT_FILE RUN_DIR "/region.next"
/* Guests that run on, and when the old instance jumped: see resumed.c. */
#define RESUMED_FILE	RUN_DIR "/resumed"
#define JUMPED_FILE	RUN_DIR "/jumped"
/* What Baton before 0.21 noted of domains that it could not write: window.h. */
#define WINDOW_DOMAINS	RUN_DIR "/domains"
#define LOCK_FILE	RUN_DIR "/lock"
/* The entry of an image for a panic that holds the files of an upgrade: staged.c. */
#define STAGED_FILE	RUN_DIR "/staged"

/* It is there, mode 0700. HO_EIO. */
int rundir_make(struct diag_log *diag);

#endif /* LOADER_RUNDIR_H */
