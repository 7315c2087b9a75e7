;;; session.el --- A session with the real server  -*- lexical-binding: t; -*-

;;; Code:

(require 'cl-lib)
(require 'ert)
(require 'eglot)
(require 'flymake)
(require 'xref)
(require 'ndsl-mode)

(let ((recorder (getenv "RECORDER")))
  (setq ndsl-server-command (if recorder (split-string recorder "\n" t) (list (getenv "NDSL") "lsp"))))
(setq eglot-extend-to-xref t
      eglot-confirm-server-initiated-edits nil
      eglot-autoshutdown nil
      eglot-sync-connect 30
      make-backup-files nil
      create-lockfiles nil)

(defmacro ndsl-test--eventually (condition)
  "Wait until CONDITION holds, and answer it."
  `(let ((end (time-add nil 30)) found)
     (while (and (not (setq found ,condition)) (time-less-p nil end))
       (accept-process-output nil 0.05))
     (should found)
     found))

(defun ndsl-test--open (name)
  "Show the file NAME of the project."
  (switch-to-buffer (find-file-noselect (expand-file-name name (getenv "PROJECT"))))
  (eglot-ensure)
  (unless (eglot-managed-p)
    ;; What `post-command-hook' does where somebody sits before the screen.
    (eglot--maybe-activate-editing-mode)
    (unless (eglot-managed-p)
      (apply #'eglot (eglot--guess-contact))))
  (should (eglot-managed-p)))

(defun ndsl-test--go-to (text)
  "Go to the first place of TEXT."
  (goto-char (point-min))
  (search-forward text)
  (goto-char (match-beginning 0)))

(defun ndsl-test--faults ()
  "The faults that are shown."
  ;; What a pause in typing does where somebody sits before the screen.
  (dolist (buffer (buffer-list))
    (with-current-buffer buffer
      (when (eglot-managed-p)
        (eglot--signal-textDocument/didChange))))
  (flymake-start)
  (accept-process-output nil 0.3)
  (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))

(ert-deftest a-session ()
  (let (server)
    (ndsl-test--open "main.ndsl")
    (should (equal (file-truename (project-root (eglot--project (eglot-current-server))))
                   (file-name-as-directory (file-truename (getenv "PROJECT")))))

    (ert-info ("hover")
      (ndsl-test--go-to "Pair(width)")
      (let (shown)
        (eglot-hover-eldoc-function (lambda (text &rest _) (setq shown text)))
        (ndsl-test--eventually shown)
        (should (string-match-p "block Pair(units" shown))
        (should (string-match-p "Two layers of one width" shown))))

    (ert-info ("completion")
      (ndsl-test--go-to "Dense(classes)")
      (forward-char 3)
      (pcase-let* ((`(,beginning ,_ ,table . ,more) (eglot-completion-at-point))
                   (dense (car (member "Dense" (all-completions (buffer-substring beginning (point)) table)))))
        (should dense)
        (with-current-buffer (funcall (plist-get more :company-doc-buffer) dense)
          (should (string-match-p "units" (buffer-string))))))

    (ert-info ("definition in another file")
      (ndsl-test--go-to "Pair(width)")
      (let ((found (xref-backend-definitions 'eglot (xref-backend-identifier-at-point 'eglot))))
        (should (= (length found) 1))
        (should (string-suffix-p "parts.ndsl" (xref-location-group (xref-item-location (car found)))))))

    (ert-info ("definition in the standard library, by the same server")
      (with-temp-file (expand-file-name "library.ndsl" (getenv "PROJECT"))
        (insert "model A {\n    input x: f32[8, 16]\n    TransformerEncoder(2)\n}\n"))
      (ndsl-test--open "library.ndsl")
      (setq server (eglot-current-server))
      (ndsl-test--go-to "TransformerEncoder")
      (xref-find-definitions "LSP identifier at point.")
      (should (string-suffix-p "transformer.ndsl" buffer-file-name))
      (should (looking-at-p "\\(?:block \\)?TransformerEncoder"))
      (should (eq (eglot-current-server) server)))

    (ert-info ("rename")
      (ndsl-test--open "main.ndsl")
      (ndsl-test--go-to "classes from")
      (cl-letf (((symbol-function 'y-or-n-p) #'always))
        (eglot-rename "kinds"))
      (should (string-match-p "use Pair, kinds from" (buffer-string)))
      (should (string-match-p "Dense(kinds) as scores" (buffer-string)))
      (with-current-buffer (find-buffer-visiting (expand-file-name "parts.ndsl" (getenv "PROJECT")))
        (should (string-prefix-p "const kinds = 3" (buffer-string)))))

    (ert-info ("layout")
      (ndsl-test--go-to "    Pair(width) as features")
      (delete-region (point) (line-end-position))
      (insert "  Pair( width )   as features")
      (eglot-format-buffer)
      (should (string-match-p "^    Pair(width) as features$" (buffer-string))))

    (ert-info ("symbols")
      (should (string-match-p "Flower" (format "%S" (eglot-imenu)))))

    (ert-info ("faults come and go")
      (ndsl-test--eventually (null (ndsl-test--faults)))
      (ndsl-test--go-to "    Dense(kinds)")
      (insert "    Dense(\n")
      (ndsl-test--eventually (ndsl-test--faults))
      (undo-boundary)
      (ndsl-test--go-to "    Dense(\n")
      (delete-region (point) (1+ (line-end-position)))
      (ndsl-test--eventually (null (ndsl-test--faults)))
      (save-buffer))

    (ert-info ("a code action mends a fault")
      (ndsl-test--open "wrong.ndsl")
      (ndsl-test--eventually (= (length (ndsl-test--faults)) 2))
      (ndsl-test--go-to "activaton")
      (cl-letf (((symbol-function 'completing-read)
                 (lambda (_prompt items &rest _)
                   (cl-find-if (lambda (title) (string-match-p "activation" title))
                               (mapcar (lambda (item) (if (consp item) (car item) item)) items))))
                (last-nonmenu-event 13))
        (call-interactively #'eglot-code-actions))
      (should (string-match-p "5, activation=relu" (buffer-string)))
      (ndsl-test--eventually (= (length (ndsl-test--faults)) 1))
      (save-buffer))

    (ert-info ("an orderly end")
      (save-some-buffers t)
      (mapc #'kill-buffer (cl-remove-if-not #'buffer-file-name (buffer-list)))
      ;; As `eglot-shutdown', which does not wait for the server to leave by itself.
      (setf (eglot--shutdown-requested server) t)
      (jsonrpc-request server :shutdown nil)
      (jsonrpc-notify server :exit nil)
      (ndsl-test--eventually (not (jsonrpc-running-p server))))))

(provide 'session)
;;; session.el ends here
