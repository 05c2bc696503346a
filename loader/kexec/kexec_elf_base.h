/* SPDX-License-Identifier: MIT */
/*
 * kexec_elf_base.h - where kexec_elf.c puts kexec_elf_entry.S: no region
 * begins below 2 MiB, and RAM at 1 MiB is on every PC.
 */
#ifndef LOADER_KEXEC_ELF_BASE_H
#define LOADER_KEXEC_ELF_BASE_H

#define KEXEC_ELF_BASE 0x100000

#endif /* LOADER_KEXEC_ELF_BASE_H */
