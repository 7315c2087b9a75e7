//! The grammar of ndsl for [tree-sitter](https://tree-sitter.github.io), compiled from `src/parser.c`.

use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_ndsl() -> *const ();
}

/// The language, for `tree_sitter::Parser::set_language`.
// SAFETY: the function is the generated one, which answers a pointer to a static.
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_ndsl) };
