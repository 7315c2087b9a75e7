;;; ndsl-mode.el --- Models and data schemas in ndsl  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1"))
;; Keywords: languages
;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A major mode for ndsl: colours, indentation, an index of what a file declares, and the language server through Eglot.
;;
;;     (require 'ndsl-mode)
;;     (add-hook 'ndsl-mode-hook #'eglot-ensure)

;;; Code:

(require 'project)

(defgroup ndsl nil
  "Models and data schemas in ndsl."
  :group 'languages)

(defcustom ndsl-indent-offset 4
  "How many columns a line stands deeper than the one whose bracket holds it."
  :type 'integer
  :safe #'integerp)

(defcustom ndsl-server-command '("ndsl" "lsp")
  "What starts the language server."
  :type '(repeat string))

;;;; Colours

(defconst ndsl--declarations
  '("model" "Model" "block" "schema" "table" "dataset" "train" "synthesizer" "deploy" "provider" "const")
  "The words that begin what has a name.")

(defconst ndsl--keywords
  (append ndsl--declarations
          '("assert" "use" "from" "using" "as" "input" "output" "share" "check" "repeat" "residual" "branch" "if" "else"
            "correlate" "except" "key" "unique" "length" "matches" "default" "and" "or" "not" "in"))
  "The words of the language.")

(defconst ndsl--types
  '("int" "float" "bool" "string" "activation" "list" "f32" "i64" "u8" "text" "uuid" "date" "time" "datetime" "decimal"
    "enum" "ref")
  "The words that stand for types.")

(defface ndsl-property
  '((t :inherit font-lock-variable-name-face))
  "Settings, columns and fields.")

(defvar ndsl-font-lock-keywords
  `(;; A word before a colon is a setting or a column, whatever else it means; a name after `input' is a value.
    ("\\_<input\\_>[ \t]+\\(\\(?:\\sw\\|\\s_\\)+\\)[ \t]*:"
     (1 font-lock-variable-name-face))
    ("\\_<\\([[:alpha:]_]\\(?:\\sw\\|\\s_\\)*\\)[ \t]*:"
     (1 'ndsl-property))
    (,(concat "^[ \t]*" (regexp-opt ndsl--declarations 'symbols) "[ \t]+\\(\\(?:\\sw\\|\\s_\\)+\\)")
     (1 font-lock-keyword-face)
     (2 font-lock-function-name-face))
    ("\\.\\(\\(?:\\sw\\|\\s_\\)+\\)" (1 'ndsl-property))
    ("\\_<\\(\\(?:\\sw\\|\\s_\\)+\\)[ \t]*=[^=]" (1 font-lock-variable-name-face))
    (,(regexp-opt ndsl--keywords 'symbols) . font-lock-keyword-face)
    (,(regexp-opt ndsl--types 'symbols) . font-lock-type-face)
    (,(regexp-opt '("true" "false" "null" "it") 'symbols) . font-lock-constant-face)
    ("\\_<\\([[:upper:]]\\(?:\\sw\\|\\s_\\)*\\)(" (1 font-lock-type-face))
    ("\\_<\\(\\(?:\\sw\\|\\s_\\)+\\)(" (1 font-lock-function-name-face)))
  "What is coloured in `ndsl-mode'.")

(defvar ndsl-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?\\ "\\" table)
    (modify-syntax-entry ?/ ". 12" table)
    (modify-syntax-entry ?\n ">" table)
    (dolist (mark (string-to-list "+-*%@=<>|~?!.,:;"))
      (modify-syntax-entry mark "." table))
    table)
  "What characters are in `ndsl-mode'.")

(defconst ndsl--syntax-propertize
  (syntax-propertize-rules
   ;; It divides where it touches an operand on both sides.
   ("[[:alnum:]_)]\\(//\\)[^[:space:]/]" (1 "."))
   ("\\]\\(//\\)[^[:space:]/]" (1 ".")))
  "What `//' is that begins no comment.")

;;;; Indentation

(defconst ndsl--continuation
  (concat "\\(?:|>\\|[-+*%@=<>~]\\|!=\\|/[^/]\\|"
          "\\(?:as\\|else\\|and\\|or\\|in\\)\\_>[ \t]*[^: \t\n]\\)")
  "What a line begins with that goes on with the one before.")

(defun ndsl--indentation ()
  "The column that this line begins in."
  (save-excursion
    (back-to-indentation)
    (let* ((bracket (nth 1 (syntax-ppss)))
           (holder (if bracket
                       (save-excursion (goto-char bracket) (current-indentation))
                     0)))
      (cond ((looking-at "[])}]") holder)
            (t (+ holder
                  (if bracket ndsl-indent-offset 0)
                  (if (looking-at ndsl--continuation) ndsl-indent-offset 0)))))))

(defun ndsl-indent-line ()
  "Indent this line: a step deeper than the line whose bracket holds it.
What goes on with the line before stands a step deeper still."
  (interactive)
  (let ((column (ndsl--indentation))
        (behind (- (current-column) (current-indentation))))
    (indent-line-to column)
    (when (> behind 0)
      (forward-char behind))))

;;;; What a file declares

(defvar ndsl-imenu-generic-expression
  (mapcar (lambda (word)
            (list (capitalize word)
                  (concat "^[ \t]*" (if (equal word "model") "[mM]odel" word) "[ \t]+\\(\\(?:\\sw\\|\\s_\\)+\\)")
                  1))
          '("model" "block" "schema" "table" "dataset" "train" "synthesizer" "deploy" "provider" "const"))
  "The index of `ndsl-mode'.")

(defun ndsl--project (folder)
  "The project of FOLDER: the nearest at or above it that holds `ndsl.toml'."
  (when-let ((root (locate-dominating-file folder "ndsl.toml")))
    (cons 'transient root)))

;;;; The mode

;;;###autoload
(define-derived-mode ndsl-mode prog-mode "ndsl"
  "A mode for models and data schemas in ndsl."
  (setq-local comment-start "// ")
  (setq-local comment-start-skip "///?[ \t]*")
  (setq-local comment-end "")
  (setq-local font-lock-defaults '(ndsl-font-lock-keywords))
  (setq-local syntax-propertize-function ndsl--syntax-propertize)
  (setq-local indent-line-function #'ndsl-indent-line)
  (setq-local indent-tabs-mode nil)
  (setq-local electric-indent-chars (append "})]" electric-indent-chars))
  (setq-local imenu-generic-expression ndsl-imenu-generic-expression)
  (add-hook 'project-find-functions #'ndsl--project nil t))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.ndsl\\'" . ndsl-mode))

;;;; The language server

(defvar eglot-server-programs)

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs (cons 'ndsl-mode (lambda (&rest _) ndsl-server-command))))

(provide 'ndsl-mode)
;;; ndsl-mode.el ends here
