#!/usr/bin/env bash
# Writes the extension into a folder, with the place and the commit of this repository in it: Zed fetches the grammar from there.
#
#     editors/zed/install.sh FOLDER    # then in Zed: "zed: install dev extension", FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(git -C "$here" rev-parse --show-toplevel)
folder=${1:?usage: install.sh FOLDER}
mkdir -p "$folder"
cp -r "$here/Cargo.toml" "$here/Cargo.lock" "$here/src" "$here/languages" "$folder"
sed -e "s|file:///path/to/ndsl|file://$root|" -e "s|\"HEAD\"|\"$(git -C "$root" rev-parse HEAD)\"|" "$here/extension.toml" > "$folder/extension.toml"
