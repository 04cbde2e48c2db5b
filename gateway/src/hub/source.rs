//! Which file of which repository: `hf:OWNER/REPO/FILE.gguf`, or `hf:OWNER/REPO@REVISION/FOLDER/FILE.gguf`.
//!
//! A revision is one name, but for the hub's own references, which hold slashes: `@refs/pr/7` and `@refs/convert/NAME`. Its
//! own tools read them so, too (`huggingface_hub`, `hf_file_system.py`, `SPECIAL_REFS_REVISION_REGEX`).

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Parts that a split file may have.
const PARTS_MAX: u32 = 512;
/// Letters of a name, and folders above a file.
const NAME_LEN_MAX: usize = 200;
const FOLDERS_MAX: usize = 8;

const SUCH_AS: &str = "write one such as `hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf`";

/// A model file of a hub. Its names hold nothing that could lead a path astray.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HubSource {
    owner: String,
    repository: String,
    revision: Option<String>,
    /// Folders and name within the repository; of a split file, its first part.
    file: String,
}

impl HubSource {
    /// What every such source begins with.
    pub const PREFIX: &str = "hf:";

    /// `OWNER/REPO`.
    #[must_use]
    pub fn repository(&self) -> String {
        format!("{}/{}", self.owner, self.repository)
    }

    /// The branch, tag or commit, or one of the hub's own references.
    #[must_use]
    pub fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or("main")
    }

    /// Every file of it within the repository: of a split one, all parts.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        match split(&self.file) {
            Some((stem, _, count)) => {
                (1..=count).map(|part| format!("{stem}-{part:05}-of-{count:05}.gguf")).collect()
            }
            None => vec![self.file.clone()],
        }
    }

    /// Where it lies below the folder of models: one folder for each source.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        let revision = self.revision.as_ref().map(|revision| format!("@{revision}")).unwrap_or_default();
        let repository = format!("{}{revision}", self.repository);
        let names =
            [self.owner.as_str()].into_iter().chain(repository.split('/')).chain(self.file.split('/'));
        names.collect()
    }

    /// The name of a file of it, without the repository's folders.
    #[must_use]
    pub fn file_name(file: &str) -> &str {
        file.rsplit('/').next().unwrap_or(file)
    }
}

impl fmt::Display for HubSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}/{}", Self::PREFIX, self.owner, self.repository)?;
        if let Some(revision) = &self.revision {
            write!(f, "@{revision}")?;
        }
        write!(f, "/{}", self.file)
    }
}

impl FromStr for HubSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = |what: &str| Err(format!("`{text}` {what}; {SUCH_AS}"));
        let Some(rest) = text.strip_prefix(Self::PREFIX) else {
            return refuse("does not begin with `hf:`");
        };
        let segments: Vec<&str> = rest.split('/').collect();
        let [owner, repository, rest @ ..] = segments.as_slice() else {
            return refuse("names no repository");
        };
        let (repository, revision) = match repository.split_once('@') {
            Some((repository, revision)) => (repository, Some(revision)),
            None => (*repository, None),
        };
        let (revision, file) = match (revision, rest) {
            (Some("refs"), [kind @ ("pr" | "convert"), name, file @ ..]) => {
                (vec!["refs", *kind, *name], file)
            }
            (revision, file) => (revision.into_iter().collect(), file),
        };
        if file.is_empty() {
            return refuse("names no file of the repository");
        }
        let names =
            [*owner, repository].into_iter().chain(revision.iter().copied()).chain(file.iter().copied());
        if let Some(odd) = names.into_iter().find(|name| !is_plain(name)) {
            return Err(format!("`{text}`: `{odd}` is not a name of a hub; {SUCH_AS}"));
        }
        if file.len() > FOLDERS_MAX {
            return refuse("has too many folders");
        }
        let file = file.join("/");
        if !file.ends_with(".gguf") {
            return refuse("is not a GGUF file");
        }
        if let Some((stem, part, count)) = split(&file)
            && part != 1
        {
            let first = Self::file_name(stem);
            return Err(format!(
                "`{text}` is part {part} of a split file; name the first, `{first}-00001-of-{count:05}.gguf`, and all are pulled"
            ));
        }
        Ok(Self {
            owner: (*owner).to_owned(),
            repository: repository.to_owned(),
            revision: (!revision.is_empty()).then(|| revision.join("/")),
            file,
        })
    }
}

fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.+=~".contains(c);
    !name.is_empty() && name.len() <= NAME_LEN_MAX && !name.starts_with('.') && name.chars().all(plain)
}

/// The stem, part and number of parts of a split file, as llama.cpp names them.
fn split(file: &str) -> Option<(&str, u32, u32)> {
    let (rest, count) = file.strip_suffix(".gguf")?.rsplit_once("-of-")?;
    let (stem, part) = rest.rsplit_once('-')?;
    let number = |digits: &str| digits.parse::<u32>().ok().filter(|_| digits.len() == 5);
    let (part, count) = (number(part)?, number(count)?);
    ((1..=count).contains(&part) && count <= PARTS_MAX).then_some((stem, part, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> HubSource {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn what_is_written_is_read_and_written_again() {
        for text in [
            "hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf",
            "hf:o/r@v1.0/Q4_K_M/x.gguf",
            "hf:o/r@refs/pr/7/Q8_0/x.gguf",
        ] {
            assert_eq!(parsed(text).to_string(), text);
        }
        let source = parsed("hf:o/r@v1/a/x.gguf");
        assert_eq!((source.repository().as_str(), source.revision()), ("o/r", "v1"));
        assert_eq!(source.folder(), PathBuf::from("o/r@v1/a/x.gguf"));
        assert_eq!(parsed("hf:o/r/x.gguf").revision(), "main");
    }

    #[test]
    fn the_hubs_own_references_are_one_revision() {
        for (text, revision, file) in [
            ("hf:o/r@refs/pr/7/q/x.gguf", "refs/pr/7", "q/x.gguf"),
            ("hf:o/r@refs/convert/gguf/x.gguf", "refs/convert/gguf", "x.gguf"),
            ("hf:o/r@refs/x.gguf", "refs", "x.gguf"),
            ("hf:o/r@main/pr/7/x.gguf", "main", "pr/7/x.gguf"),
        ] {
            let source = parsed(text);
            assert_eq!((source.revision(), source.files()), (revision, vec![file.to_owned()]), "{text}");
            assert_eq!(source.folder(), PathBuf::from(text.trim_start_matches("hf:")));
        }
        for text in ["hf:o/r@refs/pr/7", "hf:o/r@refs/pr/x.gguf", "hf:o/r@refs/pr/../x.gguf"] {
            assert!(text.parse::<HubSource>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_split_file_has_all_its_parts() {
        let source = parsed("hf:o/r/q/x-00001-of-00003.gguf");
        let parts = ["q/x-00001-of-00003.gguf", "q/x-00002-of-00003.gguf", "q/x-00003-of-00003.gguf"];
        assert_eq!(source.files(), parts);
        assert_eq!(parsed("hf:o/r/x-1-of-3.gguf").files(), ["x-1-of-3.gguf"]);
        let error = "hf:o/r/x-00002-of-00003.gguf".parse::<HubSource>().unwrap_err();
        assert!(error.contains("`x-00001-of-00003.gguf`"), "{error}");
    }

    #[test]
    fn what_could_lead_astray_is_refused() {
        for text in [
            "hf:",
            "hf:o",
            "hf:o/r",
            "hf:o/r/",
            "hf:/r/x.gguf",
            "hf:o//x.gguf",
            "hf:o/../x.gguf",
            "hf:o/r/../x.gguf",
            "hf:o/r/.x.gguf",
            "hf:o/r/x.bin",
            "hf:o/r/a b.gguf",
            "hf:o/r/x.gguf?y=.gguf",
            "hf:o/r@/x.gguf",
            "hf:o/r@a@b/x.gguf",
            "hf:o/r/a\\b.gguf",
            "hf:o/r/%2e%2e/x.gguf",
            "hf:o/r/a/b/c/d/e/f/g/h/x.gguf",
            "https://huggingface.co/o/r/x.gguf",
        ] {
            let error = text.parse::<HubSource>().unwrap_err();
            assert!(error.contains("write one such as"), "{text}: {error}");
        }
    }
}
