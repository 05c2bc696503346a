# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Packages for a case on Debian's disk. Sourced after lib.sh.

# install_apt: by dpkg, with what of it is not there
install_apt() {
	local name
	set --
	while read -r name; do
		dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null |
			grep -q '^installed' || set -- "$@" /run/mirror/"$name"_*.deb
	done </run/mirror/apt-first
	dpkg -i "$@" >/run/out 2>&1 || { cat /run/out; bad "dpkg: apt"; }
}

# mount_packages FOLDER: the disk of scripts/fetch-debs is apt's only source, and
# packages of Baton are in the folder
mount_packages() {
	mkdir -p /run/mirror "$1"
	mount -o ro "$(readlink -f /dev/disk/by-id/virtio-baton-debs)" /run/mirror ||
		bad "mirror"
	rm -f /etc/apt/sources.list.d/*
	echo "deb [trusted=yes] file:/run/mirror ./" >/etc/apt/sources.list
	echo 'APT::Get::Assume-Yes "yes"; APT::Install-Recommends "no";' \
		>/etc/apt/apt.conf.d/50test
	echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/50test
	mv /files/*.deb "$1/"
	export DEBIAN_FRONTEND=noninteractive
	command -v apt-get >/dev/null || install_apt
	[ "$FAILED" = 0 ] || finish
	apt-get -q update >/run/out 2>&1 || { cat /run/out; bad "apt-get update"; finish; }
}
