// SPDX-License-Identifier: MIT
/*
 * count.c - a plugin of QEMU's: the instructions that each CPU of its machine has run
 * (TCG), 64 bits a CPU in the file that its option `counts` names. bench/page.py adds them
 * up: other work on this machine, and what the emulator has still translated, do not
 * change them. Source of the interface: QEMU, docs/devel/tcg-plugins.rst, version 1;
 * Debian 12 has no header of it.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CPUS		256
#define OPTION		"counts="
#define NO_REGISTERS	0	/* QEMU_PLUGIN_CB_NO_REGS */

struct qemu_plugin_tb;

void qemu_plugin_register_vcpu_tb_trans_cb(
	uint64_t id, void (*translated)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(
	struct qemu_plugin_tb *tb, void (*runs)(unsigned int cpu, void *data),
	int registers, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default")))
int qemu_plugin_install(uint64_t id, const void *info, int count, char **options);

static uint64_t *counts;

static void runs(unsigned int cpu, void *data)
{
	if (cpu < CPUS)
		counts[cpu] += (uintptr_t)data;
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	qemu_plugin_register_vcpu_tb_exec_cb(
		tb, runs, NO_REGISTERS, (void *)qemu_plugin_tb_n_insns(tb));
}

int qemu_plugin_install(uint64_t id, const void *info, int count, char **options)
{
	const size_t bytes = CPUS * sizeof(*counts);
	int fd;

	(void)info;
	if (count != 1 || strncmp(options[0], OPTION, strlen(OPTION)))
		return -1;
	fd = open(options[0] + strlen(OPTION), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
		  0600);
	if (fd < 0)
		return -1;
	counts = ftruncate(fd, (off_t)bytes) ? MAP_FAILED
		: mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (counts == MAP_FAILED)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
