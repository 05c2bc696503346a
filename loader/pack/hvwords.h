/* SPDX-License-Identifier: MIT */
/*
 * hvwords.h - guests of Hyper-V as hosts. Their hv_balloon adds memory where the
 * hypervisor says, and asks no map of the firmware: what is kept is reserved there,
 * and would become RAM. Source: drivers/hv/hv_balloon.c of Linux (hot_add, since
 * 3.10).
 */
#ifndef LOADER_HVWORDS_H
#define LOADER_HVWORDS_H

#include "pack_tree.h"

/* Where this host has Hyper-V's bus: the command lines of a Linux target and of the
 * fallback get what keeps hv_balloon from adding memory. Call it behind
 * cxl_add_words(). HO_ENOMEM. */
int hv_add_words(struct packing *k);

#endif /* LOADER_HVWORDS_H */
