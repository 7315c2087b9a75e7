#!/usr/bin/env bash
# Emacs with this mode and the real server, in batch.
#
#     editors/emacs/test/run.sh [NDSL]             # the command; target/debug/ndsl where it is not given
#     RECORD=emacs.jsonl editors/emacs/test/run.sh # what is said is written down (editors/record)
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
NDSL=$(realpath "${1:-${CARGO_TARGET_DIR:-$root/target}/debug/ndsl}")
export NDSL EXAMPLES=$root/examples
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r "$root/lsp/tests/recorded/project" "$folder/project"
mkdir "$folder/home"
export PROJECT=$folder/project HOME=$folder/home
unset XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME
if [ -n "${RECORD:-}" ]; then
    version=$(emacs --version | sed -n '1s/GNU Emacs //p')
    RECORDER=$(printf '%s\n' node "$root/editors/record/record.mjs" --out "$(realpath -m "$RECORD")" --project "$PROJECT" --editor "Emacs $version, Eglot" -- "$NDSL" lsp)
    export RECORDER
fi
cp "$root/editors/emacs/ndsl-mode.el" "$folder"
emacs -Q --batch --eval '(setq byte-compile-error-on-warn t)' -f batch-byte-compile "$folder/ndsl-mode.el"
emacs -Q --batch --eval "(progn (require 'checkdoc) (find-file \"$folder/ndsl-mode.el\")
  (let ((checkdoc-diagnostic-buffer \"*faults*\") (checkdoc-verb-check-experimental-flag nil)) (checkdoc-current-buffer t))
  (with-current-buffer \"*faults*\" (when (re-search-backward \"el:[0-9]+\" nil t) (princ (buffer-string)) (kill-emacs 1))))"
tests=(mode)
if emacs -q --batch --eval "(progn (package-initialize) (require 'eglot))" 2>/dev/null; then tests+=(session); else
    echo "SKIPPED: the session with the server, since there is no Eglot"
fi
for test in "${tests[@]}"; do
    timeout 180 emacs -q --batch --eval '(package-initialize)' -L "$folder" -l "$root/editors/emacs/test/$test.el" -f ert-run-tests-batch-and-exit
done
