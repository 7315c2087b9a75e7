#!/usr/bin/env bash
# Neovim with this plugin and the real server: what a user does, without a screen.
#
#     editors/neovim/test/run.sh [NDSL]              # the command; target/debug/ndsl where it is not given
#     RECORD=neovim.jsonl editors/neovim/test/run.sh # what is said is written down (editors/record)
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
NDSL=$(realpath "${1:-${CARGO_TARGET_DIR:-$root/target}/debug/ndsl}")
export NDSL PLUGIN=$root/editors/neovim EXAMPLES=$root/examples
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r "$root/lsp/tests/recorded/project" "$folder/project"
export PROJECT=$folder/project HOME=$folder/home
unset XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME
mkdir -p "$HOME" "$folder/grammar/parser"
grammar=$root/editors/tree-sitter-ndsl/src
cc -shared -fPIC -Os -I "$grammar" "$grammar/parser.c" "$grammar/scanner.c" -o "$folder/grammar/parser/ndsl.so"
if [ -n "${RECORD:-}" ]; then
    version=$(nvim --version | sed -n '1s/NVIM v//p')
    RECORDER=$(printf '%s\n' node "$root/editors/record/record.mjs" --out "$(realpath -m "$RECORD")" --project "$PROJECT" --editor "Neovim $version" -- "$NDSL" lsp)
    export RECORDER
fi
for test in colours session; do
    timeout 120 nvim --headless --clean --cmd "set runtimepath^=$PLUGIN,$folder/grammar" -c "luafile $PLUGIN/test/run.lua" \
        -c "lua run('$test')" "$PROJECT/main.ndsl" </dev/null
done
