/* SPDX-License-Identifier: MIT */
/*
 * kernelsym.h - words of the running kernel's memory, by /proc/kallsyms and
 * /proc/kcore. For questions that it has no other answer to; whoever asks must
 * be able to do without.
 */
#ifndef LOADER_KERNELSYM_H
#define LOADER_KERNELSYM_H

#include <stdbool.h>
#include <stdint.h>

/* Address of a symbol by a file of /proc/kallsyms's form; 0: not there, or
 * hidden (kptr_restrict). */
uint64_t kernelsym_find(const char *kallsyms, const char *name);

/* The 64-bit word at a kernel address by an ELF core file, /proc/kcore. False:
 * not there, or not readable (lockdown). */
bool kernelsym_word(const char *kcore, uint64_t address, uint64_t *out);

#endif /* LOADER_KERNELSYM_H */
