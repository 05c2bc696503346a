# SPDX-License-Identifier: MIT
# The baton command over libbaton.

loader-lib-src := $(addprefix loader/, util.c handover.c handover_option.c machine.c memmap.c efisys.c \
	regionfind.c regionnext.c iomem.c crashkernel.c taken.c note.c regionauto.c kept.c stream_writer.c streamref.c process.c collect.c \
	qmp.c guestconf.c guestargs.c guestopts.c guestcheck.c guestproc.c keeper.c qemu.c qemulook.c \
	qemudisk.c qemunode.c qemuparts.c qemucaps.c guests.c guard.c guestmem.c adopt.c \
	staging.c running.c fallback.c pack.c pack_option.c pack_tree.c pack_cold.c verdict.c arena.c kexec.c kexec_linux.c kexec_xen.c kexec_elf.c kexec_elf_entry.S xen.c \
	xen_image.c xen_domain.c xen_p2m.c xen_stream.c xen_table.c collect_xen.c restore_xen.c pause.c sidebyside.c child.c \
	load.c loaded.c look.c left.c lock.c resume.c rundir.c slot.c kernelsym.c table.c unpack.c change.c grub.c grub_script.S install.c installfiles.c)
loader-src := $(addprefix loader/, main.c cmd_update.c cmd_upgrade.c \
	cmd_look.c cmd_status.c status_json.c cmd_kept.c cmd_salvage.c cmd_arm.c cmd_restore.c cmd_adopt.c cmd_install.c)
loader-libs = $(core-libs) -ljson-c -lz

$(O)/loader/libbaton.a: $(call objs,tool,$(loader-lib-src) $(core-src))
	@mkdir -p $(@D)
	@$(call say,AR $@)
	$(Q)rm -f $@ && ar rcsD $@ $^

$(O)/loader/baton: $(call objs,tool,$(loader-src)) $(O)/loader/libbaton.a
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $^ $(loader-libs) -o $@

$(foreach f,$(FLAVOURS),$(call objs,$(f),loader/grub_script.S)): loader/grub/11_baton

all: $(O)/loader/baton
