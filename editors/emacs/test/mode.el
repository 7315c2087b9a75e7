;;; mode.el --- What ndsl-mode does without the server  -*- lexical-binding: t; -*-

;;; Code:

(require 'ert)
(require 'imenu)
(require 'ndsl-mode)

(defun ndsl-test--examples ()
  "Every example."
  (directory-files-recursively (getenv "EXAMPLES") "\\.ndsl\\'"))

(defmacro ndsl-test--with (text &rest body)
  "In a buffer of TEXT, run BODY."
  (declare (indent 1))
  `(with-temp-buffer
     (insert ,text)
     (ndsl-mode)
     (font-lock-ensure)
     (goto-char (point-min))
     ,@body))

(defun ndsl-test--face (text)
  "The face of the first place of TEXT."
  (goto-char (point-min))
  (search-forward text)
  (get-text-property (match-beginning 0) 'face))

(ert-deftest ndsl-files-are-of-the-mode ()
  (with-current-buffer (find-file-noselect (car (ndsl-test--examples)))
    (should (eq major-mode 'ndsl-mode))))

(ert-deftest colours ()
  (ndsl-test--with "use Pair from \"parts.ndsl\"
/// What it is.
model Cnn(width: int = 32) {
    input image: f32[8]
    Dense(width//2, activation=relu) as out // note
    x // 2
    \"a // b\"
}//end
train cnn {
    model: Cnn()
    loss: null
}
"
    (should (eq (ndsl-test--face "use") 'font-lock-keyword-face))
    (should (eq (ndsl-test--face "\"parts") 'font-lock-string-face))
    (should (memq (ndsl-test--face "/// What") '(font-lock-comment-face font-lock-comment-delimiter-face)))
    (should (eq (ndsl-test--face "Cnn") 'font-lock-function-name-face))
    (should (eq (ndsl-test--face "image") 'font-lock-variable-name-face))
    (should (eq (ndsl-test--face "f32") 'font-lock-type-face))
    (should (eq (ndsl-test--face "Dense") 'font-lock-type-face))
    (should-not (ndsl-test--face "2, activation"))
    (should (memq (ndsl-test--face "note") '(font-lock-comment-face)))
    (should (eq (ndsl-test--face "2\n    \"") 'font-lock-comment-face))
    (should (eq (ndsl-test--face "b\"") 'font-lock-string-face))
    (should (eq (ndsl-test--face "end") 'font-lock-comment-face))
    (should (eq (ndsl-test--face "model: C") 'ndsl-property))
    (should (eq (ndsl-test--face "null") 'font-lock-constant-face))))

(ert-deftest every-example-is-indented-as-it-is-laid-out ()
  (let ((count 0))
    (dolist (file (ndsl-test--examples))
      (when (zerop (call-process (getenv "NDSL") nil nil nil "fmt" "--check" file))
        (with-temp-buffer
          (insert-file-contents file)
          (ndsl-mode)
          (let ((before (split-string (buffer-string) "\n")))
            (indent-region (point-min) (point-max))
            (should (equal (split-string (buffer-string) "\n") before))
            (setq count (1+ count))))))
    (should (> count 10))))

(ert-deftest a-new-line-stands-where-it-belongs ()
  (ndsl-test--with "model A {\nDense(\n3,\n)\n|> relu()\n}\n"
    (indent-region (point-min) (point-max))
    (should (equal (buffer-string) "model A {\n    Dense(\n        3,\n    )\n        |> relu()\n}\n"))))

(ert-deftest the-index-has-what-is-declared ()
  (ndsl-test--with "const a = 1\nmodel Cnn { Dense(1) }\nschema Shop {\n    table Customer { id: int }\n}\ntrain cnn { model: Cnn }\n"
    (should (equal (mapcar (lambda (group) (cons (car group) (mapcar #'car (cdr group))))
                           (cdr (imenu--make-index-alist)))
                   '(("Const" "a") ("Train" "cnn") ("Table" "Customer") ("Schema" "Shop") ("Model" "Cnn"))))))

(ert-deftest comments-are-put-before-lines-and-taken-away ()
  (ndsl-test--with "const a = 1\n"
    (comment-region (point-min) (point-max))
    (should (equal (buffer-string) "// const a = 1\n"))
    (uncomment-region (point-min) (point-max))
    (should (equal (buffer-string) "const a = 1\n"))))

(provide 'mode)
;;; mode.el ends here
