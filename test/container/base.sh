#!/usr/bin/env bash
# Makes an image that stands in for the Dockerfile's base where no image registry can be reached: Debian by debootstrap,
# with the Node, the headers and the npm of this machine where the official image has them. It is for tests only.
# Takes the name of the image and the command that is buildah with its storage.
set -euo pipefail
name=$1
shift
buildah=("$@")

prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
for needed in "$prefix/include/node/node.h" "$(npm root -g)/npm"; do
  [ -e "$needed" ] || { echo "$needed is missing: the store is compiled with the headers and the npm of this machine" >&2; exit 1; }
done
# shellcheck disable=SC1091
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(find /etc/apt -name "*.list" -o -name "*.sources" | sort | xargs cat | grep -oE 'https?://[^ ]+/debian/?( |$)' | sed -n 1p)
[ -n "$mirror" ] || { echo "no Debian mirror in the sources of apt" >&2; exit 1; }

container=$("${buildah[@]}" from scratch)
trap '"${buildah[@]}" rm "$container" >/dev/null' EXIT
root=$("${buildah[@]}" mount "$container")
debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$mirror" >/dev/null
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
mkdir -p "$root/usr/local/include" "$root/usr/local/lib/node_modules" "$root/usr/local/etc"
cp "$prefix/bin/node" "$root/usr/local/bin/node"
cp -r "$prefix/include/node" "$root/usr/local/include/node"
cp -r "$(npm root -g)/npm" "$root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
# A machine that knows further authorities, such as those of a proxy, reaches the package registry by them.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$root/usr/local/etc/npmrc"
"${buildah[@]}" umount "$container" >/dev/null
"${buildah[@]}" config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
"${buildah[@]}" commit --quiet "$container" "$name" >/dev/null
