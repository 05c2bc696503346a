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
		$(call cpp,tests/stub) -DATTACK_KIND=ATTACK_$(call kind,$*) \
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

# It is entered through one of map.S: baton-NAME.elf
map-doors := repaired wraps no_ram elsewhere far
map-bin := $(patsubst %,$(O)/tests/stub/baton-%.elf,$(map-doors))
$(O)/tests/stub/map.o: tests/stub/map.S stub/door/door.h
	@mkdir -p $(@D)
	$(Q)$(CC_free) $(call cpp,tests/stub) -c $< -o $@
$(map-bin): $(O)/tests/stub/baton-%.elf: $(O)/stub/baton.elf.o \
		$(O)/tests/stub/map.o stub/door/multiboot.lds
	$(call door-link,$(O)/tests/stub/map.o --defsym=door_pvh=door_$*)
attack-bin += $(map-bin)

# Cold blobs: a good one, and two that `baton pack` would not write
cold-blobs := $(patsubst %,$(O)/tests/stub/cold%.dtb,-good -small -odd)
$(O)/tests/stub/cold-good.dtb: $(O)/loader/baton $(O)/test-images/payload.elf
	$(Q)$< pack --cold --target multiboot2 --kernel \
		$(O)/test-images/payload.elf --region 96M+64M -o $@ >/dev/null
$(O)/tests/stub/cold-small.dtb: $(O)/tests/stub/cold-good.dtb
	$(Q)cp $< $@
	$(Q)fdtput -t x $@ /region size 0 0x400000
$(O)/tests/stub/cold-odd.dtb: $(O)/tests/stub/cold-good.dtb
	$(Q)cp $< $@
	$(Q)fdtput -t x $@ /region base 0 0x6001000
attack-bin += $(cold-blobs)

# A kernel whose init_size no machine has
$(O)/tests/stub/vmlinuz-huge: tests/stub/build.mk
	@mkdir -p $(@D)
	$(Q)cp "$$(scripts/fetch-kernel 6.1)/vmlinuz" $@
	$(Q)printf '\000\000\000\360' | \
		dd of=$@ bs=1 seek=$$((0x260)) conv=notrunc status=none
attack-bin += $(O)/tests/stub/vmlinuz-huge

.SECONDARY:
