# shellcheck shell=bash
# The npm packages, exactly as package-lock.json pins them.

# Written when an installation is complete: the checksum of the lock file that it followed.
PACKAGES_STAMP=node_modules/.headgate-lock-sha256

packages_ready() {
  [ "$packages" = yes ] || return 0
  local sum
  sum=$(sha256sum "$root/package-lock.json")
  lock_sum=${sum%% *}
  [ -f "$root/$PACKAGES_STAMP" ] && [ "$(<"$root/$PACKAGES_STAMP")" = "$lock_sum" ]
}

install_packages() {
  command -v npm >/dev/null || fail packages "npm is missing." "Install Node >= 20 with npm."
  local tree
  tree=$(printf '%s' "$root" | sha256sum)
  lock packages "packages-${tree:0:16}"
  ! packages_ready || return 0
  new_folder packages
  say packages "installing the npm packages"
  cd "$root"
  # No package of ours needs its install script, and one that does not run can do no harm.
  PATH="${node%/*}:$PATH" run_long packages "installing" "$new/npm.log" \
    npm ci --ignore-scripts --include=dev --no-audit --no-fund ||
    fail packages "npm could not install the packages of package-lock.json. Its last lines:" \
      "$(npm_lines "$new/npm.log")" "Make the registry reachable for npm (npm config get registry)."
  printf '%s\n' "$lock_sum" >"$PACKAGES_STAMP"
  say packages "ready"
}
