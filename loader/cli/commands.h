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

int cmd_collect(int argc, char **argv, struct diag_log *diag);
int cmd_pack(int argc, char **argv, struct diag_log *diag);
int cmd_inspect(int argc, char **argv, struct diag_log *diag);
int cmd_check(int argc, char **argv, struct diag_log *diag);
int cmd_load(int argc, char **argv, struct diag_log *diag);
int cmd_exec(int argc, char **argv, struct diag_log *diag);
int cmd_unload(int argc, char **argv, struct diag_log *diag);
int cmd_upgrade(int argc, char **argv, struct diag_log *diag);
int cmd_arm(int argc, char **argv, struct diag_log *diag);
int cmd_disarm(int argc, char **argv, struct diag_log *diag);
int cmd_status(int argc, char **argv, struct diag_log *diag);
int cmd_adopt(int argc, char **argv, struct diag_log *diag);
int cmd_release(int argc, char **argv, struct diag_log *diag);
int cmd_state(int argc, char **argv, struct diag_log *diag);
int cmd_salvage(int argc, char **argv, struct diag_log *diag);
int cmd_restore(int argc, char **argv, struct diag_log *diag);
int cmd_install(int argc, char **argv, struct diag_log *diag);
int cmd_uninstall(int argc, char **argv, struct diag_log *diag);
int cmd_region(int argc, char **argv, struct diag_log *diag);

#endif /* LOADER_COMMANDS_H */
