# SPDX-License-Identifier: MIT
# The portable heart: compiled unchanged into stub, loader, tests, fuzzers.
core-src := $(addprefix core/, \
	span.c fmt.c logring.c diag.c digest.c fdtread.c blob.c stream.c region.c \
	frametable.c frametable_walk.c free.c domtab.c pass.c e820.c place.c bzimage.c bootparams.c \
	mb2.c plan.c result.c)
