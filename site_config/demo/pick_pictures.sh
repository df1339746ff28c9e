#!/usr/bin/env bash
# Copies the cut-outs that site_config/demo/goods/ names from the npm package into site_config/demo/pictures/.
# Needed only when an item is added; the files are committed, so `make run` needs no npm.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent @lobehub/fluent-emoji-3d@1.1.0 >/dev/null && tar xzf ./*.tgz)
grep -rhoE '^ +"[0-9a-f-]{4,}",$' "$here/goods" | tr -d ' ",' | sort -u | while read -r name; do
    cp -v "$work/package/assets/$name.webp" "$here/pictures/"
done
