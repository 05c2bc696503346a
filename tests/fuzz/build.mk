# SPDX-License-Identifier: MIT
# What the fuzzers start from.

# Seeds: what the readers see in earnest
$(O)/tests/fuzz/seeds: $(O)/tests/malform/malform $(O)/test-images/payload.elf \
		$(O)/loader/baton $(O)/stub/stub.bin $(O)/tests/synth/synth tests/fuzz/build.mk \
		tests/boot/wdat tests/fuzz/door-seed \
		$(wildcard handover-abi/golden/*.dtb tests/fuzz/seeds/*)
	@mkdir -p $@
	$(Q)cp handover-abi/golden/*.dtb handover-abi/golden/v2-package.bin $@
	$(Q)$(O)/tests/malform/malform --stream $@/stream
	$(Q)printf '\001' | cat - $@/stream >$@/stream-repaired
	$(Q)strip -o $@/payload.elf $(O)/test-images/payload.elf
	$(Q)head -c 40000 "$$(scripts/fetch-kernel 6.1)/vmlinuz" >$@/bzimage
	$(Q)printf '0-9fbff RAM\n100000-3fffffff RAM\n' >$@/map.txt
	$(Q)$(O)/loader/baton pack --stream $@/stream --kernel $@/map.txt \
		--initrd $@/stream --memory-map $@/map.txt --region 256M+64M \
		--policy fallback,reset --fallback-kernel $@/map.txt \
		--fallback-initrd $@/stream --fallback-cmdline quiet \
		--stub $(O)/stub/stub.bin -o $@/fallback.dtb
	$(Q)for k in 0 2 4 8 14; do \
		{ printf "\\$$(printf %03o $$k)"; cat $@/bzimage; } \
			>$@/plan-linux-$$k; done
	$(Q)for k in 1 3 5 9 13 25; do \
		{ printf "\\$$(printf %03o $$k)"; cat $@/payload.elf; } \
			>$@/plan-mb2-$$k; done
	$(Q)for k in v1-result:007 fallback:005 v1-minimal:005; do \
		{ printf "\\$${k#*:}"; head -c 408 /dev/zero; \
		cat $@/$${k%:*}.dtb; } >$@/handover-$${k%:*}; done
	$(Q)$(O)/tests/synth/synth --start 1G --bytes 256M --unit 4K \
		--stride 16 --domains 3 --order random --types --seed 7 \
		-o $@/synth.lu >/dev/null
	$(Q)for k in 000 300 141; do { printf "\\$$k"; [ $$k != 141 ] || \
		head -c 12 /dev/zero; cat $@/stream; } >$@/inherit-$$k; done
	$(Q)tests/boot/wdat $@/wdat.aml
	$(Q)$(O)/loader/baton pack --cold --kernel $@/bzimage --initrd \
		$@/stream --policy reset -o $@/cold.dtb
	$(Q)for k in 0 1 2 81 87 177; do \
		tests/fuzz/door-seed $$k $@/cold.dtb >$@/door-$$k; done
	$(Q)cp tests/fuzz/seeds/* $@
	@touch $@

# The same targets for AFL++ (apt install afl++): make afl, then
#   afl-fuzz -i $O/tests/fuzz/seeds -o OUT $O/tests/fuzz/afl/fuzz_blob @@
afl-bin := $(patsubst tests/fuzz/%.c,$(O)/tests/fuzz/afl/%, \
	$(wildcard tests/fuzz/fuzz_*.c))
$(afl-bin): $(O)/tests/fuzz/afl/%: $(O)/afl/tests/fuzz/%.o $(call objs,afl, \
		tests/fuzz/replay.c tests/unit/testmachine.c $(loader-lib-src) \
		$(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_afl) $^ $(loader-libs) -o $@
.PHONY: afl
afl: $(afl-bin) $(O)/tests/fuzz/seeds
