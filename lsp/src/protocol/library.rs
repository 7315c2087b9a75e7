//! The standard library, the reference and the pages of the diagnostics as files on disk, where any editor can open them.
//!
//! They are part of the compiler, not of a project, so they are written to the user's cache when something first leads there:
//! a folder for each version of the texts, written once and only to be read.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ndsl_compiler::diagnostics::Code;
use ndsl_compiler::docs::{self, Page};
use ndsl_compiler::signature::Signature;
use ndsl_compiler::standard;
use tower_lsp_server::ls_types::Uri;

/// The file of the standard library with that path: `std/transformer.ndsl`.
pub fn standard_file(path: &str) -> Option<Uri> {
    let file = standard::FILES.iter().find(|file| file.path == path)?;
    written(path, file.text)
}

/// The page that explains a diagnostic.
pub fn page(code: &str) -> Option<Uri> {
    let known = Code::ALL.iter().find(|known| known.as_str() == code)?;
    written(&format!("errors/{code}.md"), known.page())
}

/// The page of the reference on a definition of the language, and the line of its heading.
pub fn reference(signature: &Signature) -> Option<(Uri, usize, usize)> {
    let (page, line) = docs::place(pages(), signature)?;
    let heading = page.markdown.lines().nth(line)?.chars().count();
    Some((written(&format!("reference/{}.md", page.name), &page.markdown)?, line, heading))
}

fn pages() -> &'static [Page] {
    static PAGES: OnceLock<Vec<Page>> = OnceLock::new();
    PAGES.get_or_init(docs::pages)
}

fn written(path: &str, text: &str) -> Option<Uri> {
    let file = folder()?.join(path);
    write_once(&file, text)?;
    Uri::from_file_path(file)
}

/// Writes a file whole or not at all, unless it is there.
fn write_once(file: &Path, text: &str) -> Option<()> {
    if fs::read_to_string(file).is_ok_and(|known| known == text) {
        return Some(());
    }
    let failed = |error: std::io::Error| tracing::warn!("{} cannot be written: {error}", file.display());
    let folder = file.parent()?;
    fs::create_dir_all(folder).map_err(failed).ok()?;
    let beside = folder.join(format!(".{}-{}", std::process::id(), file.file_name()?.to_string_lossy()));
    fs::write(&beside, text).map_err(failed).ok()?;
    if let Ok(metadata) = fs::metadata(&beside) {
        let mut permissions = metadata.permissions();
        permissions.set_readonly(true);
        let _ = fs::set_permissions(&beside, permissions);
    }
    fs::rename(&beside, file).map_err(failed).ok()
}

/// Where they are written; nothing where there is no such place.
fn folder() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let mut hasher = DefaultHasher::new();
        standard::FILES.iter().for_each(|file| (file.path, file.text).hash(&mut hasher));
        Code::ALL.iter().for_each(|code| code.page().hash(&mut hasher));
        pages().iter().for_each(|page| page.markdown.hash(&mut hasher));
        let version = format!("{}-{:016x}", env!("CARGO_PKG_VERSION"), hasher.finish());
        let root = cache()?.join("ndsl").join(version);
        // Marks the root, so that a file of the library has the same path there as in the compiler.
        write_once(&root.join("ndsl.toml"), "")?;
        Some(root)
    });
    folder.as_deref()
}

/// The user's folder for what can be made again.
fn cache() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    set("XDG_CACHE_HOME")
        .or_else(|| set("LOCALAPPDATA"))
        .or_else(|| {
            set("HOME").map(|home| home.join(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" }))
        })
        .or_else(|| Some(std::env::temp_dir()))
}
