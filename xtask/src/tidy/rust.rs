//! What Rust sources may name, and where.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, UseTree};

use super::{Finding, Tree, names};

/// Paths and macros that a part of the tree may not use outside its tests.
struct Ban {
    /// Where it holds.
    within: &'static [&'static str],
    /// Where it does not hold.
    except: &'static [&'static str],
    paths: &'static [&'static str],
    macros: &'static [&'static str],
    why: &'static str,
}

const BANS: [Ban; 3] = [
    Ban {
        within: &["grammar/src/", "compiler/src/", "lsp/src/ide/", "lsp/src/ide.rs"],
        except: &[],
        paths: &[
            "std::fs",
            "std::net",
            "std::process",
            "std::env",
            "std::io::stdin",
            "std::io::stdout",
            "std::io::stderr",
            "tokio",
        ],
        macros: &["print", "println", "eprint", "eprintln"],
        why: "this room does no input or output",
    },
    Ban {
        within: &[""],
        except: &["runtime/src/engine/burn/", "runtime/src/engine/burn.rs"],
        paths: &["burn", "burn_*"],
        macros: &[],
        why: "only runtime/src/engine/burn names Burn",
    },
    Ban {
        within: &["lsp/src/ide/", "lsp/src/ide.rs"],
        except: &[],
        paths: &["tower_lsp_server"],
        macros: &[],
        why: "lsp/src/ide answers plain data and knows no protocol",
    },
];

/// Macros that leave something undone, in tests as well.
const UNFINISHED: [&str; 3] = ["todo", "unimplemented", "dbg"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending(".rs").flat_map(|(path, text)| check_file(path, text)).collect()
}

fn check_file(path: &str, text: &str) -> Vec<Finding> {
    let file = match syn::parse_file(text) {
        Ok(file) => file,
        Err(error) => return vec![Finding::new(path, error.span().start().line, format!("cannot be read: {error}"))],
    };
    let mut uses = Uses { in_test: is_test_file(path), ..Uses::default() };
    uses.visit_file(&file);

    let mut findings = Vec::new();
    for name in &uses.modules {
        if names::is_empty(&name.text) {
            findings.push(Finding::new(path, name.line, names::says_nothing(&name.text)));
        }
    }
    for name in &uses.macros {
        if UNFINISHED.contains(&name.text.as_str()) {
            findings.push(Finding::new(path, name.line, format!("`{}!` is unfinished work", name.text)));
        }
    }
    for ban in &BANS {
        let within = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
        if !within(ban.within) || within(ban.except) {
            continue;
        }
        let paths = uses.paths.iter().filter(|name| ban.paths.iter().any(|banned| leads_to(&name.text, banned)));
        let macros = uses.macros.iter().filter(|name| ban.macros.contains(&name.text.as_str()));
        for name in paths.chain(macros).filter(|name| !name.in_test) {
            findings.push(Finding::new(path, name.line, format!("`{}`: {}", name.text, ban.why)));
        }
    }
    findings.sort();
    findings.dedup();
    findings
}

/// Whether a whole file is compiled only for tests, or is not shipped.
fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || ["/tests/", "/examples/", "/benches/"].iter().any(|folder| path.contains(folder))
}

/// Whether `path` is `banned` or something in it; `*` at the end of a part stands for anything.
fn leads_to(path: &str, banned: &str) -> bool {
    let mut parts = path.split("::");
    banned.split("::").all(|wanted| {
        parts.next().is_some_and(|part| match wanted.strip_suffix('*') {
            Some(start) => part.starts_with(start),
            None => part == wanted,
        })
    })
}

/// A name in a source.
struct Name {
    text: String,
    line: usize,
    in_test: bool,
}

/// Every path, macro and module a source names.
#[derive(Default)]
struct Uses {
    paths: Vec<Name>,
    macros: Vec<Name>,
    modules: Vec<Name>,
    in_test: bool,
}

impl Uses {
    fn name(&self, text: String, ident: &Ident) -> Name {
        Name { text, line: ident.span().start().line, in_test: self.in_test }
    }

    fn use_tree(&mut self, prefix: &str, tree: &UseTree) {
        let joined = |ident: &Ident| if prefix.is_empty() { ident.to_string() } else { format!("{prefix}::{ident}") };
        match tree {
            UseTree::Path(path) => self.use_tree(&joined(&path.ident), &path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.use_tree(prefix, item)),
            UseTree::Name(name) => self.paths.push(self.name(joined(&name.ident), &name.ident)),
            UseTree::Rename(rename) => self.paths.push(self.name(joined(&rename.ident), &rename.ident)),
            UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                self.paths.push(Name { text: prefix.to_owned(), line, in_test: self.in_test });
            }
        }
    }

    /// The paths and macros among tokens that are not parsed, such as a macro's arguments.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is = |index: usize, wanted: char| matches!(tokens.get(index), Some(TokenTree::Punct(punct)) if punct.as_char() == wanted);
        let mut index = 0;
        while index < tokens.len() {
            match &tokens[index] {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(first) => {
                    let mut path = first.to_string();
                    while is(index + 1, ':')
                        && is(index + 2, ':')
                        && let Some(TokenTree::Ident(next)) = tokens.get(index + 3)
                    {
                        path = format!("{path}::{next}");
                        index += 3;
                    }
                    let called = is(index + 1, '!') && matches!(tokens.get(index + 2), Some(TokenTree::Group(_)));
                    if called {
                        let last = path.rsplit("::").next().unwrap_or_default().to_owned();
                        self.macros.push(self.name(last, first));
                    } else if path.contains("::") {
                        self.paths.push(self.name(path, first));
                    }
                }
                _ => {}
            }
            index += 1;
        }
    }

    fn within<T>(&mut self, attributes: &[Attribute], item: &T, visit: impl FnOnce(&mut Self, &T)) {
        let outside = self.in_test;
        self.in_test |= attributes.iter().any(is_for_tests);
        visit(self, item);
        self.in_test = outside;
    }
}

/// `#[test]`, or a `cfg` that asks for `test`.
fn is_for_tests(attribute: &Attribute) -> bool {
    if attribute.path().is_ident("cfg") {
        let words = attribute.meta.require_list().map(|list| list.tokens.to_string()).unwrap_or_default();
        let mut words = words.split(|c: char| !c.is_alphanumeric() && c != '_');
        return words.clone().any(|word| word == "test") && !words.any(|word| word == "not");
    }
    attribute.path().is_ident("test")
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item(&mut self, item: &'ast Item) {
        self.within(attributes(item), &item, |uses, item| visit::visit_item(uses, item));
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes: &[Attribute] = if let ImplItem::Fn(function) = item { &function.attrs } else { &[] };
        self.within(attributes, &item, |uses, item| visit::visit_impl_item(uses, item));
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.modules.push(self.name(item.ident.to_string(), &item.ident));
        visit::visit_item_mod(self, item);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        self.paths.push(self.name(item.ident.to_string(), &item.ident));
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree("", &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if let Some(first) = path.segments.first().filter(|_| path.segments.len() > 1) {
            let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.paths.push(self.name(parts.join("::"), &first.ident));
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let Some(last) = call.path.segments.last() {
            self.macros.push(self.name(last.ident.to_string(), &last.ident));
        }
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        check_file(path, text).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn io_is_found_in_rooms_that_do_none() {
        let text = "use std::{fmt, fs};\nfn f() {\n    let _ = vec![std::net::Ipv4Addr::LOCALHOST];\n    println!(\"x\");\n}\n";
        let no_io = "this room does no input or output";
        assert_eq!(
            findings("grammar/src/lib.rs", text),
            [
                format!("grammar/src/lib.rs:1: `std::fs`: {no_io}"),
                format!("grammar/src/lib.rs:3: `std::net::Ipv4Addr::LOCALHOST`: {no_io}"),
                format!("grammar/src/lib.rs:4: `println`: {no_io}"),
            ]
        );
        assert_eq!(findings("runtime/src/lib.rs", text), [""; 0]);
    }

    #[test]
    fn tests_may_read_and_print() {
        let text = "#[cfg(test)]\nmod tests {\n    use std::fs;\n    #[test]\n    fn f() { println!(\"x\") }\n}\n";
        assert_eq!(findings("compiler/src/a.rs", text), [""; 0]);
        let not_a_test = "#[cfg(not(test))]\nuse std::fs;\n";
        assert_eq!(findings("compiler/src/a.rs", not_a_test).len(), 1);
        assert_eq!(findings("compiler/tests/a.rs", "use std::fs;"), [""; 0]);
    }

    #[test]
    fn burn_is_named_in_its_engine_alone() {
        let text = "use burn::tensor::Tensor;\nfn f() { burn_flex::init() }\n";
        assert_eq!(findings("runtime/src/engine/burn/mod.rs", text), [""; 0]);
        assert_eq!(findings("runtime/src/engine/mod.rs", text).len(), 2);
        assert_eq!(findings("runtime/src/engine/mod.rs", "mod burn;\npub use self::burn::Engine;"), [""; 0]);
    }

    #[test]
    fn unfinished_work_is_found_in_tests_too_but_not_in_texts() {
        let text =
            "/// dbg!(1)\n#[test]\nfn f() { assert_eq!(dbg!(1), 1); let _ = \"todo!()\"; }\nfn g() { todo!() }\n";
        assert_eq!(
            findings("server/src/a.rs", text),
            ["server/src/a.rs:3: `dbg!` is unfinished work", "server/src/a.rs:4: `todo!` is unfinished work"]
        );
    }

    #[test]
    fn a_module_within_a_file_must_say_what_it_holds() {
        assert_eq!(findings("server/src/a.rs", "fn f() {}\nmod utils {}").len(), 1);
    }

    #[test]
    fn a_source_that_cannot_be_read_is_found() {
        assert!(
            findings("server/src/a.rs", "fn f() {\n    let = 1;\n}")[0]
                .starts_with("server/src/a.rs:2: cannot be read")
        );
    }
}
