// SPDX-License-Identifier: MIT
/*
 * standin.c - what the tests of commands start as a virsh, and as a QEMU: the
 * fakes in a program without sanitizers, which begins in a tenth of the
 * time. What it is to be stands in its environment, and comes before main().
 */

int main(void)
{
	return 2;
}
