#!/usr/bin/env bash
# Creates a replacement for the Dockerfile's base image, for tests without an image registry: Debian from debootstrap, with
# Node, its headers and npm of this machine at the paths of the official image.
# Arguments: the name of the image, and the buildah command with its storage options.
set -euo pipefail
name=$1
shift
buildah=("$@")

prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
for needed in "$prefix/include/node/node.h" "$(npm root -g)/npm"; do
  [ -e "$needed" ] || { echo "$needed is missing: better-sqlite3 is compiled with the headers and the npm of this machine" >&2; exit 1; }
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
# The machine may need more certificate authorities to reach the package registry, such as one of a proxy.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$root/usr/local/etc/npmrc"
"${buildah[@]}" umount "$container" >/dev/null
"${buildah[@]}" config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
"${buildah[@]}" commit --quiet "$container" "$name" >/dev/null
