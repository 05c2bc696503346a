# SPDX-License-Identifier: MIT
# The generator of synthetic hosts.

$(O)/tests/synth/synth: $(call objs,tool,tests/synth/synth.c) \
		$(O)/loader/libbaton.a
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $^ $(core-libs) -o $@

all: $(O)/tests/synth/synth
