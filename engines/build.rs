//! Compiles the shim against the sources that llama-cpp-sys-2 was built from.

use std::path::{Path, PathBuf};
use std::{env, fs, process};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for file in ["bounded_grammar.h", "control_words.h", "shim.cpp", "shim.h"] {
        println!("cargo:rerun-if-changed=src/local/{file}");
    }
    let sources = llama_sources().unwrap_or_else(|reason| {
        eprintln!("cannot find the sources of llama.cpp: {reason}");
        process::exit(1)
    });
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .file("src/local/shim.cpp")
        .include(sources.join("common"))
        .include(sources.join("include"))
        .include(sources.join("ggml/include"))
        // For the parser of grammars.
        .include(sources.join("src"))
        .include(sources.join("vendor"))
        .flag_if_supported("-fvisibility=hidden")
        .opt_level(2)
        .warnings(false)
        .compile("hearthgate_shim");
}

/// llama-cpp-sys-2 tells its dependents where it built; the build there names the sources it used.
fn llama_sources() -> Result<PathBuf, String> {
    println!("cargo:rerun-if-env-changed=DEP_LLAMA_ROOT");
    let root = env::var_os("DEP_LLAMA_ROOT").ok_or("llama-cpp-sys-2 names no folder in DEP_LLAMA_ROOT")?;
    let cache = Path::new(&root).join("build/CMakeCache.txt");
    let text = fs::read_to_string(&cache).map_err(|error| format!("{}: {error}", cache.display()))?;
    let home = text.lines().find_map(|line| line.strip_prefix("CMAKE_HOME_DIRECTORY:INTERNAL="));
    let sources = PathBuf::from(home.ok_or(format!("{} names no sources", cache.display()))?);
    let header = sources.join("common/chat.h");
    if header.exists() { Ok(sources) } else { Err(format!("{} is missing", header.display())) }
}
