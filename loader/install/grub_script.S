/* SPDX-License-Identifier: MIT */
/* grub_script.S - the script for /etc/grub.d, as install.c writes it */
	.section .rodata
	.globl	grub_script, grub_script_end
grub_script:
	.incbin	"loader/install/11_baton"
grub_script_end:
	.section .note.GNU-stack, "", @progbits
