# SPDX-License-Identifier: MIT
# Test builds of the stub: the same objects with another hook. One image for
# each pair KIND-STAGE.

attacks := frame-VERIFY frame-PASS frame-PLUG frame-CHAIN readframe-CHAIN \
	blob-VERIFY blob-CHAIN image-PLUG text-VERIFY text-CHAIN null-PASS \
	execdata-PASS execregion-PLUG ud2-PLUG divide-PASS nmi-CHAIN \
	vector200-VERIFY stack-PASS overflow-PASS smash-PASS report-PASS \
	crumb-PASS entry-VERIFY table-PLUG ud2-VERIFY ud2-PASS ud2-CHAIN twice-PASS \
	spoilblob-VERIFY spoilstream-VERIFY spoilimage-VERIFY spoiltree-PLUG \
	deaf-PASS hang-VERIFY hang-PASS hang-PLUG hang-CHAIN wait-VERIFY wait-PASS \
	wait-PLUG wait-CHAIN spoilfallback-PASS spoiltable-PLUG spoilcount-PLUG
attack-bin := $(patsubst %,$(O)/tests/stub/stub-%.bin,$(attacks))

kind = $(word 1,$(subst -, ,$1))
stage = $(word 2,$(subst -, ,$1))

$(O)/tests/stub/which-%.o: tests/stub/which.c tests/stub/attack.h
	@mkdir -p $(@D)
	$(Q)$(CC_free) $(filter-out -MMD -MP,$(COMMON)) $(CFLAGS_free) \
		$(CPPFLAGS) -DATTACK_KIND=ATTACK_$(call kind,$*) \
		-DATTACK_STAGE=HO_STAGE_$(call stage,$*) -c $< -o $@

$(O)/tests/stub/stub-%.elf: $(O)/tests/stub/which-%.o $(stub-obj) \
		$(call objs,free,tests/stub/hook_attack.c)
	$(call stub-link,$^)

$(O)/tests/stub/stub-%.bin: $(O)/tests/stub/stub-%.elf
	@$(call say,OBJCOPY $@)
	$(Q)objcopy -O binary $< $@

# Its PVH entry is multiboot2's: QEMU comes in without either's sign
$(O)/tests/stub/baton-unknown.elf: $(O)/stub/baton.elf.o stub/door/multiboot.lds
	$(call door-link,--defsym=door_pvh=door_multiboot2)
attack-bin += $(O)/tests/stub/baton-unknown.elf

# A kernel whose init_size no machine has
$(O)/tests/stub/vmlinuz-huge: tests/stub/build.mk
	@mkdir -p $(@D)
	$(Q)cp "$$(scripts/fetch-kernel 6.1)/vmlinuz" $@
	$(Q)printf '\000\000\000\360' | \
		dd of=$@ bs=1 seek=$$((0x260)) conv=notrunc status=none
attack-bin += $(O)/tests/stub/vmlinuz-huge

.SECONDARY:
