#!/usr/bin/env bash
# Builds the Dockerfile and tests the image, without a container engine.
#
# Needs Linux, root, buildah, jq, curl, openssl, iproute2, util-linux and a registry of npm packages; if the base image cannot be
# pulled, debootstrap and a Debian mirror too. If something is missing, it says so and exits with 0, or with 1 if
# REQUIRE_CONTAINER is set. The last line counts the checks.
#
# CONTAINER_STORAGE=FOLDER keeps the layers of the build for the next run.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../.." || exit 1

skip() {
  echo "container: skipped: $1"
  [ -z "${REQUIRE_CONTAINER:-}" ] || exit 1
  exit 0
}
[ "$(uname)" = Linux ] || skip 'needs Linux'
[ "$(id -u)" = 0 ] || skip 'needs root, for mounts and namespaces'
for program in buildah jq curl openssl ip unshare nsenter setpriv node npm; do
  command -v "$program" >/dev/null || skip "needs $program"
done
unshare --mount --pid --net --fork true 2>/dev/null || skip 'needs namespaces, which this machine does not allow'

work=$(mktemp -d)
storage=${CONTAINER_STORAGE:-$work/storage}
container=
engine=
pid=
clean() {
  [ -z "$engine" ] || kill -KILL "$engine" 2>/dev/null
  [ -z "$container" ] || "${buildah[@]}" rm "$container" >/dev/null
  [ -n "${CONTAINER_STORAGE:-}" ] || "${buildah[@]}" rmi --all --force >/dev/null 2>&1
  rm -rf "$work"
}
trap clean EXIT
for driver in overlay vfs; do
  buildah=(buildah --root "$storage/root" --runroot "$storage/run" --storage-driver "$driver")
  probe=$("${buildah[@]}" from scratch 2>/dev/null) && "${buildah[@]}" mount "$probe" >/dev/null && "${buildah[@]}" rm "$probe" >/dev/null && break
done

base=docker.io/library/node:$(sed -n 's/^ARG NODE_VERSION=//p' Dockerfile)-slim
if timeout 300 "${buildah[@]}" pull --quiet --policy always "$base" >/dev/null 2>&1; then
  echo "base: $base"
else
  if ! "${buildah[@]}" inspect --type image "$base" >/dev/null 2>&1; then
    command -v debootstrap >/dev/null || skip "$base cannot be pulled, and a replacement needs debootstrap"
    "$here/base.sh" "$base" "${buildah[@]}" || skip "$base cannot be pulled, and no replacement can be created"
  fi
  echo "base: $base cannot be pulled; Debian with Node $(node --version) replaces it"
fi
version=$(jq -r .version package.json)
# The OCI format has no health check.
"${buildah[@]}" build --format docker --isolation chroot --pull-never --layers --build-arg "VERSION=$version" --tag mock . \
  >"$work/build" 2>&1 || { tail -40 "$work/build"; exit 1; }
container=$("${buildah[@]}" from --pull-never localhost/mock)
root=$("${buildah[@]}" mount "$container")
config=$("${buildah[@]}" inspect --type image localhost/mock | jq -c .Docker.config)

passed=0
failed=0
check() { # check NAME COMMAND...
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok   $name"
  else
    failed=$((failed + 1))
    echo "FAIL $name"
  fi
}
not() { ! "$@"; }

# shellcheck source-path=SCRIPTDIR
. "$here/engine.sh"
. "$here/checks.sh"

echo "size: $(size "$root") KiB, of which $(size "$root/app") are ours: $(size "$root/app/node_modules") of libraries, $(size "$root/app/dist" "$root/app/fixtures") of our own"
echo "container: $passed passed, $failed failed"
[ "$failed" = 0 ]
