#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# `baton sign` with real keys and the real sbsign: an image and a manifest, and
# what must not pass, by sbverify and openssl.
#
#   tests/loader/signing.sh
set -euo pipefail

cd "$(dirname "$0")/../.."
O=${O:-build}
BATON=$O/loader/baton
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT

# not COMMAND...: it fails; a mere "!" would never end this script
not() {
	! "$@"
}

say() {
	echo "ok: $1"
}

# refused CODE WHAT COMMAND...: it fails, and says CODE
refused() {
	local code=$1 what=$2
	shift 2
	! "$@" >"$DIR/out" 2>&1 || { echo "not refused: $what"; exit 1; }
	grep -q "$code" "$DIR/out" || { cat "$DIR/out"; exit 1; }
	say "$what"
}

# pair NAME: a key and a certificate, as for db or MOK
pair() {
	openssl req -new -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$1" \
		-keyout "$DIR/$1.key" -out "$DIR/$1.crt" 2>/dev/null
}

pair db
pair other
openssl genrsa -out "$DIR/man.key" 3072 2>/dev/null
openssl rsa -in "$DIR/man.key" -pubout -out "$DIR/man.pub" 2>/dev/null
openssl genpkey -algorithm ed25519 -out "$DIR/ed.key"
openssl pkey -in "$DIR/ed.key" -pubout -out "$DIR/ed.pub"

# the image: by us, and sbsign alone as well
"$BATON" sign "$O/stub/baton.kexec" --key "$DIR/db.key" --cert "$DIR/db.crt" \
	--trust "$DIR/man.pub" --least 7 -o "$DIR/signed"
sbverify --cert "$DIR/db.crt" "$DIR/signed" >/dev/null
say "an image that is signed"
not sbverify --cert "$DIR/other.crt" "$DIR/signed" >/dev/null 2>&1
say "and not by another"
[ -z "$(find "$DIR" -name 'signed.*')" ]
say "nothing is left beside it"
sbsign --key "$DIR/db.key" --cert "$DIR/db.crt" --output "$DIR/plain" \
	"$O/stub/baton.kexec" >"$DIR/out" 2>&1
not grep -i warning "$DIR/out"
sbverify --cert "$DIR/db.crt" "$DIR/plain" >/dev/null
say "sbsign finds nothing odd"

# a byte of each section, of the headers, and of the key
for at in 200 1024 5700 6300 100000 200000; do
	cp "$DIR/signed" "$DIR/bad"
	printf '\xa5' | dd of="$DIR/bad" bs=1 seek=$at conv=notrunc status=none
	cmp -s "$DIR/signed" "$DIR/bad" && continue
	not sbverify --cert "$DIR/db.crt" "$DIR/bad" >/dev/null 2>&1
done
say "a changed byte is seen"

objcopy -O binary -j .sbat "$DIR/signed" "$DIR/sbat" 2>/dev/null ||
	dd if="$DIR/signed" of="$DIR/sbat" bs=512 skip=11 count=1 status=none
grep -a -q '^sbat,1,' "$DIR/sbat"
grep -a -q '^baton,1,Baton,baton,' "$DIR/sbat"
say "it has .sbat"

# the key is in there, whichever image it is
modulus=$(openssl rsa -in "$DIR/man.key" -modulus -noout | sed 's/.*=//')
for image in stub.bin baton.bzImage baton.kexec baton.elf; do
	"$BATON" sign "$O/stub/$image" --trust "$DIR/man.pub" -o "$DIR/$image"
	xxd -p "$DIR/$image" | tr -d '\n' | grep -q -i "$modulus"
	not cmp -s "$O/stub/$image" "$DIR/$image"
done
say "a key goes into each image"

refused HO_EKEY "a key that is no RSA key" "$BATON" sign \
	"$O/stub/stub.bin" --trust "$DIR/ed.pub" -o "$DIR/no"
refused HO_EKEY "a file that is no key" "$BATON" sign \
	"$O/stub/stub.bin" --trust "$DIR/db.crt" -o "$DIR/no"
refused HO_ESIGN "an image without a place for a key" "$BATON" sign \
	"$BATON" --trust "$DIR/man.pub" -o "$DIR/no"
refused HO_ESIGN "what sbsign does not sign" "$BATON" sign \
	"$DIR/man.pub" --key "$DIR/db.key" --cert "$DIR/db.crt" -o "$DIR/no"
refused HO_EUSAGE "a key without a certificate" "$BATON" sign \
	"$O/stub/baton.kexec" --key "$DIR/db.key" -o "$DIR/no"
[ ! -e "$DIR/no" ]
say "what is refused leaves no file"

# the manifest
head -c 5000 /dev/zero | tr '\0' '\021' >"$DIR/vmlinuz"
head -c 300 /dev/zero | tr '\0' '\042' >"$DIR/initrd"
sum() {
	sha256sum | cut -d' ' -f1
}
"$BATON" sign --manifest --kernel "$DIR/vmlinuz" --initrd "$DIR/initrd" \
	--cmdline "console=ttyS0,115200" --fallback-kernel "$DIR/initrd" \
	--fallback-cmdline quiet --security-version 3 \
	--key "$DIR/man.key" -o "$DIR/man"
cat >"$DIR/want" <<-END
	baton-manifest 1
	security-version 3
	target linux
	file $(sum <"$DIR/vmlinuz") $(printf %s console=ttyS0,115200 | sum)
	file $(sum <"$DIR/initrd") $(printf %s "" | sum)
	target linux
	file $(sum <"$DIR/initrd") $(printf %s quiet | sum)
END
cmp "$DIR/want" "$DIR/man"
say "a manifest, line by line"
openssl dgst -sha256 -verify "$DIR/man.pub" -signature "$DIR/man.sig" \
	"$DIR/man" >/dev/null
say "openssl takes its signature"
echo >>"$DIR/man"
not openssl dgst -sha256 -verify "$DIR/man.pub" -signature "$DIR/man.sig" \
	"$DIR/man" >/dev/null 2>&1
say "and sees a change"
"$BATON" sign --manifest --target multiboot2 --kernel "$DIR/vmlinuz" \
	--module "$DIR/initrd one two" --key "$DIR/man.key" -o "$DIR/man"
grep -q "^file $(sum <"$DIR/initrd") $(printf %s "one two" | sum)$" "$DIR/man"
say "a module, with its words"
refused HO_EKEY "a manifest's key that is no RSA key" "$BATON" sign --manifest \
	--kernel "$DIR/vmlinuz" --key "$DIR/ed.key" -o "$DIR/no"
refused HO_EUSAGE "a manifest without a key" "$BATON" sign --manifest \
	--kernel "$DIR/vmlinuz" -o "$DIR/no"
refused HO_EFILE "a kernel that is not there" "$BATON" sign --manifest \
	--kernel "$DIR/none" --key "$DIR/man.key" -o "$DIR/no"

# a package of the signed door, of one that has what Debian's has
ROOT=$DIR/root
install -d "$ROOT/DEBIAN" "$ROOT/usr/sbin" "$ROOT/usr/lib/baton" \
	"$ROOT/usr/share/doc/baton"
cp "$BATON" "$ROOT/usr/sbin/baton"
cp "$O/stub/baton.kexec" "$ROOT/usr/lib/baton/"
cp debian/copyright "$ROOT/usr/share/doc/baton/"
cat >"$ROOT/DEBIAN/control" <<-END
	Package: baton
	Version: 9.8
	Architecture: amd64
	Maintainer: Nobody <nobody@localhost>
	Description: test
END
dpkg-deb -Znone --build "$ROOT" "$DIR/baton.deb" >/dev/null
contrib/signed/mksigned --key "$DIR/db.key" --cert "$DIR/db.crt" \
	--trust "$DIR/man.pub" --least 7 -o "$DIR" "$DIR/baton.deb" >/dev/null
dpkg-deb -x "$DIR/baton-signed_9.8_amd64.deb" "$DIR/signed-root"
[ "$(dpkg-deb -f "$DIR/baton-signed_9.8_amd64.deb" Depends)" = \
	"baton (= 9.8)" ]
DOOR=$DIR/signed-root/usr/lib/baton/baton.kexec.signed
sbverify --cert "$DIR/db.crt" "$DOOR" >/dev/null
not sbverify --cert "$DIR/other.crt" "$DOOR" >/dev/null 2>&1
# but for the signature's time
sbattach --remove "$DOOR"
sbattach --remove "$DIR/signed"
cmp "$DOOR" "$DIR/signed"
[ "$(stat -c %a "$DOOR")" = 644 ]
say "a package has the same door"
not contrib/signed/mksigned --key "$DIR/db.key" --cert "$DIR/db.crt" \
	--trust "$DIR/ed.pub" -o "$DIR/no" "$DIR/baton.deb" >/dev/null 2>&1
not contrib/signed/mksigned --key "$DIR/db.key" --cert "$DIR/db.crt" \
	-o "$DIR/no" "$DIR/baton.deb" >/dev/null 2>&1
[ ! -e "$DIR/no" ]
say "no package without a key of manifests"
