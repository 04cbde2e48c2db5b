//! A family's file.

use std::path::{Path, PathBuf};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Family {
    #[serde(skip)]
    pub(super) name: String,
    /// The template's file in the folder that `HEARTHGATE_TEMPLATES` names.
    template: String,
    /// Control words of the family's vocabulary that its template or its answers use.
    pub(super) marks: Vec<String>,
    /// Those of them that end a turn.
    pub(super) ends: Vec<String>,
    pub(super) thinking: Told,
    pub(super) tools: Tools,
    /// Whether answers can be held to a schema.
    pub(super) schema: bool,
    /// Whether a part of a call is held to nothing (its id, or all its arguments), so that noise finds no end to it.
    #[serde(default)]
    pub(super) loose: bool,
    pub(super) prompt: Rendered,
    pub(super) answer: Vec<Said>,
}

/// How a family is told whether to think.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub(super) enum Told {
    /// By the template's switch.
    Switch,
    /// By `reasoning_effort`.
    Effort,
    /// It thinks whatever it is told.
    Always,
    /// It never thinks.
    Never,
}

/// What a family's template does with tools.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tools {
    /// It tells of them, and several may be called at once.
    Many,
    /// It tells of them, and one may be called at once.
    One,
    /// It does not tell of them.
    Untold,
}

/// What rendered chats hold, in this order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rendered {
    pub(super) plain: Vec<String>,
    /// How a prompt ends where the model is to think.
    pub(super) on: String,
    /// How it ends where the model is not to.
    pub(super) off: String,
    #[serde(default)]
    pub(super) history: Vec<String>,
    /// Of a history with a thought before its call.
    #[serde(default)]
    pub(super) thought: Vec<String>,
}

/// An answer in the family's syntax, and what it says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    pub(super) name: String,
    pub(super) text: String,
    #[serde(default)]
    pub(super) thinking: bool,
    #[serde(default)]
    pub(super) tools: bool,
    #[serde(default)]
    pub(super) content: String,
    #[serde(default)]
    pub(super) reasoning: String,
    #[serde(default)]
    pub(super) calls: Vec<Call>,
}

#[derive(Deserialize, Debug, Default, PartialEq, Eq, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) arguments: String,
}

/// All families, in the order of their names.
pub(super) fn all() -> Vec<Family> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/local/families");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Family {
    let text = std::fs::read_to_string(path).unwrap();
    let mut family: Family =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    family.name = path.file_stem().unwrap().to_string_lossy().into_owned();
    family
}

impl Family {
    pub(super) fn template(&self) -> String {
        let folder =
            std::env::var("HEARTHGATE_TEMPLATES").expect("deploy/test sets it to the folder of templates");
        std::fs::read_to_string(Path::new(&folder).join(&self.template)).unwrap()
    }

    /// The first control word in a text, the longest where several begin there.
    pub(super) fn first_mark(&self, text: &str) -> Option<(usize, &str)> {
        let found =
            self.marks.iter().filter_map(|mark| text.find(mark.as_str()).map(|at| (at, mark.as_str())));
        found.min_by_key(|(at, mark)| (*at, usize::MAX - mark.len()))
    }
}
