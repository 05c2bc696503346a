# SPDX-License-Identifier: MIT
# The baton command over libbaton.

loader-lib-src := $(addprefix loader/, util.c handover.c machine.c \
	regionfind.c regionauto.c kept.c stream_writer.c process.c collect.c fdtwrite.c \
	qmp.c guestconf.c guestargs.c keeper.c qemu.c qemulook.c guests.c guard.c guestmem.c adopt.c \
	staging.c fallback.c pack.c pack_tree.c verdict.c kexec.c load.c look.c table.c)
loader-src := $(addprefix loader/, main.c cmd_update.c cmd_upgrade.c \
	cmd_look.c cmd_status.c cmd_kept.c cmd_salvage.c cmd_arm.c cmd_adopt.c)
loader-libs = $(core-libs) -ljson-c

$(O)/loader/libbaton.a: $(call objs,tool,$(loader-lib-src) $(core-src))
	@mkdir -p $(@D)
	@$(call say,AR $@)
	$(Q)rm -f $@ && ar rcsD $@ $^

$(O)/loader/baton: $(call objs,tool,$(loader-src)) $(O)/loader/libbaton.a
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $^ $(loader-libs) -o $@

all: $(O)/loader/baton
