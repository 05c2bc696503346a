# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A host of `scripts/campaign fleet`: Debian with sshd, one guest, and a kernel in
# /boot that is newer than the one that runs. What is done to it comes by ssh.

. /cases/grub-lib.sh
. /cases/kvm-lib.sh

# What an administrator does once
set_up() {
	unpack_over_links /files/kvm.cpio /files/install.cpio
	# baton_mem came: for the next kernel, and for this one when it goes on from
	# its fallback
	for file in /boot/vmlinuz-*; do depmod "${file#*vmlinuz-}"; done
	echo "options kvm-amd vgif=0" >/etc/modprobe.d/kvm.conf
	echo kvm-amd >/etc/modules-load.d/kvm.conf
	echo "d $GUEST_DIR 0700" >/etc/tmpfiles.d/guest.conf
	printf '[Match]\nName=en* eth*\n[Network]\nAddress=10.0.2.15/24\n' \
		>/etc/systemd/network/fleet.network
	[ "$(option fleet.alone no)" = yes ] ||
		install -D -m 600 /files/authorized_keys /root/.ssh/authorized_keys ||
		bad "no key"
	# other cases rehearse guests; three emulated hosts have no time for it
	mkdir -p /etc/baton/conf.d
	echo "rehearse = none" >/etc/baton/conf.d/fleet.conf
	systemctl -q enable baton-adopt baton-status
	systemctl -q enable --now systemd-networkd || bad "networkd"
}

start_vm1() {
	systemd-tmpfiles --create /etc/tmpfiles.d/guest.conf
	modprobe kvm-amd || bad "modprobe kvm-amd"
	echo 64 >/proc/sys/vm/nr_hugepages
	LAUNCH="systemd-run --quiet --unit=vm1"
	# shellcheck disable=SC2046
	start_guest vm1 1 "$(kind_of huge)"
}

# Beside a guest in an emulated machine nothing else gets on: it has what is left
calm() {
	# shellcheck disable=SC2016
	systemd-run --quiet --collect sh -c \
		'until pidof qemu-system-x86_64; do sleep 1; done
		renice 19 $(pidof qemu-system-x86_64)'
}

sshd_says() {
	bash -c 'exec 3<>/dev/tcp/127.0.0.1/22 && read -t 60 line <&3 &&
		[ "${line#SSH-}" != "$line" ]'
}

alone() {
	check "the guest ticks" wait_tick vm1 3 120
	check "sshd listens" sshd_says
	check "it has an address" sh -c "ip -4 -br a | grep 10.0.2."
	check "a newer kernel is there" baton precheck
	finish
}

if [ "$STEP" = 0 ]; then
	check "6.1 runs" sh -c 'uname -r | grep "^6\.1\."'
	set_up
	start_vm1
	[ "$(option fleet.alone no)" = no ] || alone
fi
calm
[ "$FAILED" = 0 ] || finish
echo "fleet: step $STEP is there, $(uname -r)"
touch /run/next		# no verdict: the campaign says when it is over
