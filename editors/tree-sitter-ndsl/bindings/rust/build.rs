//! Compiles the generated parser and its scanner.

fn main() {
    let folder = std::path::Path::new("src");
    let mut build = cc::Build::new();
    build.std("c11").include(folder).flag_if_supported("-Wno-unused-parameter");
    for file in ["parser.c", "scanner.c"] {
        let path = folder.join(file);
        println!("cargo:rerun-if-changed={}", path.display());
        build.file(path);
    }
    build.compile("tree-sitter-ndsl");
}
