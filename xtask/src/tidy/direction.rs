//! `grammar -> compiler -> generate -> runtime -> server, command`, `kernels -> runtime`, and `compiler -> lsp`; never backwards.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::{Finding, Tree};

/// A package of ours: its manifest, its name and those of ours it may depend on.
struct Room {
    manifest: &'static str,
    name: &'static str,
    may: &'static [&'static str],
    /// What must not be reached, directly or through others.
    never: &'static [&'static str],
}

const ENGINES: [&str; 6] = ["burn", "burn-*", "cubecl*", "tch", "torch-sys", "onnx-ir"];
const PURE: [&str; 16] = [
    ENGINES[0], ENGINES[1], ENGINES[2], ENGINES[3], ENGINES[4], ENGINES[5], "tokio", "mio", "socket2", "hyper",
    "reqwest", "axum", "rustls", "ureq", "curl", "sqlx",
];

const ROOMS: [Room; 12] = [
    Room { manifest: "grammar/Cargo.toml", name: "ndsl-grammar", may: &[], never: &PURE },
    Room { manifest: "compiler/Cargo.toml", name: "ndsl-compiler", may: &["ndsl-grammar"], never: &PURE },
    Room { manifest: "kernels/Cargo.toml", name: "ndsl-kernels", may: &[], never: &PURE },
    Room {
        manifest: "generate/Cargo.toml",
        name: "ndsl-generate",
        may: &["ndsl-grammar", "ndsl-compiler"],
        never: &PURE,
    },
    Room {
        manifest: "runtime/Cargo.toml",
        name: "ndsl-runtime",
        may: &["ndsl-grammar", "ndsl-compiler", "ndsl-kernels", "ndsl-generate"],
        never: &["axum", "tower-http", "utoipa", "sqlx"],
    },
    Room {
        manifest: "server/Cargo.toml",
        name: "ndsl-server",
        may: &["ndsl-grammar", "ndsl-compiler", "ndsl-runtime"],
        never: &[],
    },
    Room { manifest: "lsp/Cargo.toml", name: "ndsl-lsp", may: &["ndsl-grammar", "ndsl-compiler"], never: &ENGINES },
    Room {
        manifest: "Cargo.toml",
        name: "ndsl",
        may: &["ndsl-grammar", "ndsl-compiler", "ndsl-runtime", "ndsl-server", "ndsl-lsp"],
        never: &[],
    },
    Room { manifest: "xtask/Cargo.toml", name: "xtask", may: &[], never: &[] },
    Room {
        manifest: "fuzz/Cargo.toml",
        name: "ndsl-fuzz",
        may: &["ndsl-grammar", "ndsl-compiler", "ndsl-generate"],
        never: &[],
    },
    Room {
        manifest: "editors/tree-sitter-ndsl/Cargo.toml",
        name: "tree-sitter-ndsl",
        may: &["ndsl-grammar"],
        never: &PURE,
    },
    Room { manifest: "editors/zed/Cargo.toml", name: "ndsl-zed", may: &[], never: &PURE },
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let lock = Lock::read(tree.get("Cargo.lock").unwrap_or_default());
    tree.ending("Cargo.toml").flat_map(|(path, text)| check_manifest(path, text, &lock)).collect()
}

fn check_manifest(path: &str, text: &str, lock: &Lock) -> Vec<Finding> {
    if path != "Cargo.toml" && !path.ends_with("/Cargo.toml") {
        return Vec::new();
    }
    let Some(room) = ROOMS.iter().find(|room| room.manifest == path) else {
        return vec![Finding::new(
            path,
            1,
            "a package no rule knows: say in xtask's tidy/direction.rs what it may import",
        )];
    };
    let dependencies = match dependencies(text) {
        Ok(dependencies) => dependencies,
        Err(error) => return vec![Finding::new(path, 1, error)],
    };
    let mut findings = Vec::new();
    for (name, line) in dependencies {
        let ours = ROOMS.iter().any(|other| other.name == name);
        if ours && !room.may.contains(&name.as_str()) {
            findings.push(Finding::new(path, line, format!("{} may not depend on {name}", room.name)));
        }
        // What one of ours reaches is held against its own manifest.
        let reached = if ours { None } else { lock.first_reached(&name, room.never) };
        if let Some(chain) = reached {
            let message = format!("{} may not reach {}: {}", room.name, chain[chain.len() - 1], chain.join(" -> "));
            findings.push(Finding::new(path, line, message));
        }
    }
    findings
}

/// The packages a manifest names, each with its line.
fn dependencies(text: &str) -> Result<Vec<(String, usize)>, String> {
    let manifest = DeTable::parse(text).map_err(|error| error.to_string())?;
    let mut tables = vec![manifest.get_ref()];
    if let Some(DeValue::Table(targets)) = manifest.get_ref().get("target").map(|target| target.get_ref()) {
        tables.extend(targets.values().filter_map(|target| match target.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => None,
        }));
    }
    let mut found = Vec::new();
    for table in tables {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(DeValue::Table(section)) = table.get(section).map(|value| value.get_ref()) else { continue };
            for (key, value) in section.iter() {
                let renamed = match value.get_ref() {
                    DeValue::Table(table) => table.get("package").and_then(|package| match package.get_ref() {
                        DeValue::String(package) => Some(package.to_string()),
                        _ => None,
                    }),
                    _ => None,
                };
                found.push((renamed.unwrap_or_else(|| key.get_ref().to_string()), line(text, key.span())));
            }
        }
    }
    Ok(found)
}

fn line(text: &str, span: Range<usize>) -> usize {
    text[..span.start].matches('\n').count() + 1
}

/// What Cargo.lock says of who needs whom, every feature that any package turns on counted in.
struct Lock(BTreeMap<String, BTreeSet<String>>);

impl Lock {
    fn read(text: &str) -> Self {
        let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let Ok(lock) = DeTable::parse(text) else { return Self(needs) };
        let Some(DeValue::Array(packages)) = lock.get_ref().get("package").map(|packages| packages.get_ref()) else {
            return Self(needs);
        };
        for package in packages.iter() {
            let DeValue::Table(package) = package.get_ref() else { continue };
            let Some(DeValue::String(name)) = package.get("name").map(|name| name.get_ref()) else { continue };
            let entry = needs.entry(name.to_string()).or_default();
            let Some(DeValue::Array(list)) = package.get("dependencies").map(|list| list.get_ref()) else { continue };
            // Several versions of a package are taken as one, so nothing is missed.
            entry.extend(list.iter().filter_map(|need| match need.get_ref() {
                DeValue::String(need) => need.split(' ').next().map(str::to_owned),
                _ => None,
            }));
        }
        Self(needs)
    }

    /// The shortest way from `start` to a package that matches one of `never`.
    fn first_reached(&self, start: &str, never: &[&str]) -> Option<Vec<String>> {
        let mut ways = VecDeque::from([vec![start.to_owned()]]);
        let mut seen = BTreeSet::from([start.to_owned()]);
        while let Some(way) = ways.pop_front() {
            let last = &way[way.len() - 1];
            if never.iter().any(|pattern| matches(pattern, last)) {
                return Some(way);
            }
            for next in self.0.get(last).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    ways.push_back(way.iter().cloned().chain([next.clone()]).collect());
                }
            }
        }
        None
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(tree: &Tree) -> Vec<String> {
        check(tree).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn imports_that_run_backwards_are_found() {
        let tree = Tree::from([
            (
                "grammar/Cargo.toml",
                "[package]\nname = \"ndsl-grammar\"\n[dev-dependencies]\nndsl-compiler.workspace = true",
            ),
            (
                "lsp/Cargo.toml",
                "[dependencies]\nndsl-compiler.workspace = true\nroot = { package = \"ndsl\", path = \"..\" }",
            ),
        ]);
        assert_eq!(
            findings(&tree),
            [
                "grammar/Cargo.toml:4: ndsl-grammar may not depend on ndsl-compiler",
                "lsp/Cargo.toml:3: ndsl-lsp may not depend on ndsl",
            ]
        );
    }

    #[test]
    fn an_engine_is_found_even_behind_another_package() {
        let lock = "[[package]]\nname = \"reader\"\ndependencies = [\n \"shapes\",\n \"onnx-ir 0.22.0\",\n]\n";
        let manifest =
            "[dependencies]\nserde = \"1\"\n\n[target.'cfg(unix)'.dependencies]\nreader = \"1\"\nburn-flex = \"1\"\n";
        let tree = Tree::from([("Cargo.lock", lock), ("compiler/Cargo.toml", manifest)]);
        assert_eq!(
            findings(&tree),
            [
                "compiler/Cargo.toml:6: ndsl-compiler may not reach burn-flex: burn-flex",
                "compiler/Cargo.toml:5: ndsl-compiler may not reach onnx-ir: reader -> onnx-ir",
            ]
        );
    }

    #[test]
    fn a_package_without_a_rule_is_found() {
        let tree = Tree::from([("plugin/Cargo.toml", "[package]\nname = \"plugin\"")]);
        assert_eq!(findings(&tree).len(), 1);
    }
}
