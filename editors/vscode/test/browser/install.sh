#!/usr/bin/env bash
# Installs code-server into node_modules without what its own install scripts load from elsewhere: native parts are compiled
# here, and the search in files is Debian's ripgrep. Needs Node 20, a C++ compiler, Python, and Chromium and ripgrep of the
# system; says what is missing and leaves with 3.
set -euo pipefail
cd "$(dirname "$0")"

missing() { echo "$1"; exit 3; }
[[ $(node --version) == v20.* ]] || missing "code-server 4.100 needs Node 20; this is $(node --version)"
for program in chromium rg g++ make python3; do
    command -v "$program" >/dev/null || missing "there is no $program"
done

vscode=node_modules/code-server/lib/vscode
done=node_modules/.compiled
[ -e "$done" ] && exit 0

npm install --ignore-scripts --no-audit --no-package-lock
# Node's headers, where they came with it; else node-gyp loads them.
headers=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
[ -e "$headers/include/node/node.h" ] && export npm_config_nodedir=$headers
gyp=$(npm root --global)/npm/node_modules/node-gyp/bin/node-gyp.js
(cd node_modules/argon2 && npx --no-install node-pre-gyp rebuild --build-from-source)
(cd "$vscode" && npm install --omit=dev --ignore-scripts --no-audit --legacy-peer-deps)
(cd "$vscode/extensions" && npm install --omit=dev --ignore-scripts --no-audit --legacy-peer-deps)
for part in @vscode/spdlog native-watchdog node-pty @parcel/watcher; do
    (cd "$vscode/node_modules/$part" && node "$gyp" rebuild)
done
mkdir -p "$vscode/node_modules/@vscode/ripgrep/bin"
ln -sf "$(command -v rg)" "$vscode/node_modules/@vscode/ripgrep/bin/rg"
touch "$done"
