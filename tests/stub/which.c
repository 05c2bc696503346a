// SPDX-License-Identifier: MIT
/*
 * which.c - the attack of one image; ATTACK_KIND and ATTACK_STAGE come from
 * the build.
 */
#include "attack.h"

#include "handover/stage.h"

const enum attack attack_kind = ATTACK_KIND;
const int attack_stage = ATTACK_STAGE;
