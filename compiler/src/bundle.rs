//! A program of several files as one folder that holds all of it.

use ndsl_grammar::ast::DeclarationKind;

use crate::check::Analysis;
use crate::diagnostics::Edit;
use crate::source::Source;
use crate::sources::{Sources, Texts};

/// The main text of a bundle.
pub const MAIN: &str = "model.ndsl";

/// The folder of the files it uses: each at its place in the project.
pub const USED: &str = "sources/";

/// The folder of what it needs of the standard library.
pub const STANDARD: &str = "std/";

impl Analysis {
    /// The program as texts that can stand in one folder and be checked there to the same meaning: the main text as
    /// [`MAIN`], those it uses under [`USED`], and what it needs of the standard library under [`STANDARD`]. The paths that the
    /// main text writes follow; the others keep theirs, as they keep their places to one another.
    pub fn bundled(&self) -> Sources {
        let used = || self.sources.others().iter().filter(|source| !source.standard);
        let main = self.sources.main();
        let bundled = *main.path == *MAIN && used().all(|source| source.path.starts_with(USED));
        if bundled {
            return self.sources.clone();
        }
        let uses = self.file.declarations.iter().filter_map(|declaration| match &declaration.kind {
            DeclarationKind::Use(import) => Some(import.path_span),
            _ => None,
        });
        let edit = |(span, target)| {
            let target: &Source = self.sources.source(target);
            Edit { span, text: format!("\"{USED}{}\"", target.path) }
        };
        let edits: Vec<Edit> =
            uses.zip(self.used_files()).filter_map(|(span, to)| Some((span, to?))).map(edit).collect();
        let edited = self.sources.edited(&edits);
        let others = edited.others().iter().map(|source| match source.standard {
            true => source.clone(),
            false => source.clone().at(format!("{USED}{}", source.path)),
        });
        Sources::new(edited.main().clone().at(MAIN), others.collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Files, Memory};
    use crate::{analyze_sources, analyze_with};

    const MAIN_TEXT: &str = "use Net from \"../parts/net.ndsl\"\nuse Rows from \"rows.ndsl\"\n\
        train t { model: Net, dataset: Rows, loss: mse(out, y) }\n";

    fn project() -> Memory {
        Memory::new([
            (
                "parts/net.ndsl",
                "use width from \"sizes.ndsl\"\nmodel Net { input columns: f32[width]; Dense(1) as out }",
            ),
            ("parts/sizes.ndsl", "const width = 2"),
            ("runs/rows.ndsl", "dataset Rows = csv(\"rows.csv\", columns=[a, b], target=y)"),
        ])
    }

    #[test]
    fn a_bundle_holds_everything_and_means_the_same() {
        let given = analyze_with(&Source::new("runs/main.ndsl", MAIN_TEXT).at("runs/main.ndsl"), &project());
        assert!(given.diagnostics.is_empty(), "{:?}", given.diagnostics);
        let bundle = given.bundled();
        let paths: Vec<&str> = bundle.iter().map(|source| &*source.path).collect();
        assert_eq!(
            paths,
            ["model.ndsl", "sources/parts/net.ndsl", "sources/parts/sizes.ndsl", "sources/runs/rows.ndsl"]
        );
        assert!(bundle.main().text.starts_with("use Net from \"sources/parts/net.ndsl\"\n"), "{}", bundle.main().text);
        let again = analyze_sources(&bundle);
        assert!(again.diagnostics.is_empty(), "{:?}", again.diagnostics);
        let graph =
            |analysis: &Analysis| analysis.trains()[0].graph.as_ref().map(|graph| format!("{:?}", graph.outputs));
        assert_eq!(graph(&again), graph(&given));
        // It is a program of its own: bundled again, it stays as it is.
        let twice = again.bundled();
        assert!(twice.iter().zip(bundle.iter()).all(|(a, b)| a.path == b.path && a.text == b.text));
    }

    #[test]
    fn a_bundle_keeps_the_library_it_was_made_with() {
        struct Older;
        impl Files for Older {
            fn read(&self, _: &str) -> Result<std::sync::Arc<str>, crate::FileError> {
                Err(crate::FileError::None)
            }
            fn standard(&self) -> Option<Vec<Source>> {
                let file = |path: &str, text: &str| Source::new(path, text).at(path).of_the_library();
                Some(vec![
                    file("std/wide.ndsl", "const Wide = Half * 2"),
                    file("std/half.ndsl", "const Half = 8"),
                    file("std/other.ndsl", "const Other = 1"),
                ])
            }
        }
        let text = "model M { input x: f32[2]; Dense(Wide) }";
        let given = analyze_with(&Source::new("main.ndsl", text), &Older);
        assert!(given.diagnostics.is_empty(), "{:?}", given.diagnostics);
        let bundle = given.bundled();
        let paths: Vec<&str> = bundle.iter().map(|source| &*source.path).collect();
        assert_eq!(paths, ["model.ndsl", "std/wide.ndsl", "std/half.ndsl"]);
        let again = analyze_sources(&bundle);
        assert!(again.diagnostics.is_empty(), "{:?}", again.diagnostics);
        assert_eq!(again.models()[0].graph.parameter_counts().0, 2 * 16 + 16);

        let shadowing = analyze_with(&Source::new("main.ndsl", "const Wide = 1\nconst a = [Wide]"), &Older);
        let fault = &shadowing.diagnostics[0];
        assert_eq!(fault.code, crate::diagnostics::Code::Shadowing);
        assert_eq!(shadowing.sources.source(fault.related[0].span.file).name, "std/wide.ndsl");
    }
}
