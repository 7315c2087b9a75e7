//! Every diagnostic code has its page, and every page its code.

use super::{Finding, Tree};

const CODES: &str = "compiler/src/diagnostics/code.rs";
const PAGES: &str = "docs/errors/";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let codes: Vec<(usize, &str)> = tree
        .get(CODES)
        .unwrap_or_default()
        .lines()
        .enumerate()
        .filter_map(|(index, line)| {
            let (_, rest) = line.split_once(" = \"")?;
            let (code, _) = rest.split_once('"')?;
            is_code(code).then_some((index + 1, code))
        })
        .collect();
    let page = |code: &str| format!("{PAGES}{code}.md");
    let missing = codes.iter().filter(|(_, code)| tree.get(&page(code)).is_none_or(|text| text.trim().is_empty()));
    let missing = missing.map(|(line, code)| Finding::new(CODES, *line, format!("{} is missing or empty", page(code))));
    let pages = tree.ending(".md").filter_map(|(path, _)| Some((path, path.strip_prefix(PAGES)?)));
    let stray = pages.filter(|(_, name)| !codes.iter().any(|(_, code)| name.strip_suffix(".md") == Some(code)));
    let stray = stray.map(|(path, _)| Finding::new(path, 1, format!("explains a code that {CODES} does not have")));
    missing.chain(stray).collect()
}

/// A severity's letter and four digits.
fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix(['E', 'W', 'N']).unwrap_or_default();
    digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_without_a_page_and_a_page_without_a_code_are_found() {
        let codes = "codes! {\n    Rank = \"E0401\" Error;\n    Cycle = \"E0206\" Error;\n}";
        let tree = Tree::from([(CODES, codes), ("docs/errors/E0401.md", "# Rank"), ("docs/errors/E0999.md", "# ?")]);
        let findings: Vec<String> = check(&tree).iter().map(Finding::to_string).collect();
        assert_eq!(
            findings,
            [
                "compiler/src/diagnostics/code.rs:3: docs/errors/E0206.md is missing or empty",
                "docs/errors/E0999.md:1: explains a code that compiler/src/diagnostics/code.rs does not have",
            ]
        );
    }
}
