# Runs an image as a container engine does, with the tools of util-linux: in new namespaces for mounts, processes and the
# network, so that its program is process 1; on a read-only root; as the image's user, without capabilities, in the
# image's environment. Sourced by run.sh; needs `root` (the mounted image), `config` (its configuration, JSON) and `work`
# (a folder).

# start [NAME=VALUE | SOURCE:TARGET[:ro]]... [-- ARGUMENT...]   runs the entrypoint; sets `engine` and `pid`.
start() {
  : >"$work/out"
  run_image "$(jq -c .Entrypoint <<<"$config")" "$@" >>"$work/out" 2>&1 &
  engine=$!
  for _ in $(seq 200); do
    if grep -q '^Listening on' "$work/out"; then
      pid=$(pgrep -P "$engine")
      return
    fi
    kill -0 "$engine" 2>/dev/null || break
    sleep 0.05
  done
  echo "the image does not start:" >&2
  cat "$work/out" >&2
  return 1
}

# stop SIGNAL   stops the container; sets `code`, and `took` in milliseconds. After ten seconds it is killed.
stop() {
  local began patience
  began=$(date +%s%3N)
  kill -"$1" "$pid"
  { sleep 10 && kill -KILL "$pid"; } 2>/dev/null &
  patience=$!
  code=0
  wait "$engine" || code=$?
  took=$(($(date +%s%3N) - began))
  kill "$patience" 2>/dev/null
}

# inside COMMAND...   runs a command of this machine in the network of the container.
inside() { nsenter --target "$pid" --net "$@"; }

# health [NAME=VALUE]...   runs the image's health check beside the container; returns its exit code.
health() {
  local test
  test=$(jq -c '.Healthcheck.Test | if .[0] == "CMD" then .[1:] else error("not a CMD") end' <<<"$config")
  if [ -d "/proc/${pid:-none}" ]; then
    (network="nsenter --target $pid --net" run_image "$test" "$@") >/dev/null 2>&1
  else
    (run_image "$test" "$@") >/dev/null 2>&1
  fi
}

# run_image COMMAND [NAME=VALUE | SOURCE:TARGET[:ro]]... [-- ARGUMENT...]   runs a command of the image, a JSON list.
# `network` is a command that enters a network; a new one unless set. It replaces the shell.
run_image() {
  local command volumes=() variables=()
  mapfile -t command < <(jq -r '.[]' <<<"$1")
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    case $1 in /*:*) volumes+=("$1") ;; *) variables+=("$1") ;; esac
    shift
  done
  shift $(($# > 0))
  mapfile -t -O "${#variables[@]}" variables < <(jq -r '.Env[]' <<<"$config" | cat - <(printf '%s\n' "${variables[@]}" | grep .))
  # shellcheck disable=SC2086
  exec ${network:-unshare --net} unshare --mount --pid --fork --kill-child=KILL -- bash -c '
    set -e
    ip link set lo up
    root=$1 user=$2
    shift 2
    mount --bind "$root" "$root"
    mount --rbind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    mount -o remount,bind,ro "$root"
    while [ "$1" != -- ]; do
      IFS=: read -r source target mode <<<"$1"
      mount --bind "$source" "$root$target"
      [ -z "$mode" ] || mount -o "remount,bind,$mode" "$root$target"
      shift
    done
    shift
    exec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+setuid,+setgid,+sys_chroot \
      chroot --userspec="$user" "$root" "$@"
  ' engine "$root" "$(jq -r .User <<<"$config")" "${volumes[@]}" -- /usr/bin/env -i "${variables[@]}" "${command[@]}" "$@"
}
