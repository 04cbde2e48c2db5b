//! Where a configuration comes from: its text, the folder that its paths start at, and the variables that
//! override it. Knows the line of every key, so that errors can name it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use figment::value::{Dict, Value};
use hearthgate_rules::suggest::did_you_mean;
use toml::de::{DeTable, DeValue};

use super::env::Env;
use super::error::{ConfigError, Place};
use super::{default, file};

/// A configuration's text and surroundings.
pub struct Source {
    name: String,
    /// What is written.
    pub text: String,
    folder: PathBuf,
    home: Option<PathBuf>,
    /// What variables override: sections, their keys, the values.
    pub overrides: Dict,
    /// The variable behind each overridden key.
    variables: BTreeMap<String, String>,
    /// What about this source may not be meant.
    pub warnings: Vec<String>,
}

impl Source {
    /// Reads the file, or writes the default configuration, and collects the overrides.
    pub fn read(file: Option<&Path>, env: &Env) -> Result<Self, ConfigError> {
        let (name, text, folder, warnings) = match file {
            Some(path) => {
                let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
                (path.display().to_string(), read(path)?, folder, Vec::new())
            }
            None => {
                let name = "the default configuration".to_owned();
                let mut warnings = Vec::new();
                (name, default::text(env, &mut warnings), PathBuf::new(), warnings)
            }
        };
        let home = env.filled("HOME").map(PathBuf::from);
        let (overrides, variables) = (Dict::new(), BTreeMap::new());
        let mut source = Self { name, text, folder, home, overrides, variables, warnings };
        env.iter().for_each(|(name, value)| source.override_by(name, value));
        Ok(source)
    }

    /// A path of the configuration: relative ones start at its folder, `~/` at the home directory.
    pub fn path(&self, key: &str, text: &str) -> Result<PathBuf, ConfigError> {
        if text.is_empty() {
            return Err(self.fault(key, "names no file"));
        }
        let Some(below_home) = text.strip_prefix("~/") else { return Ok(self.folder.join(text)) };
        let home = self.home.as_ref().ok_or_else(|| {
            self.fault(key, "`~` needs the variable `HOME`, which is not set; write a full path")
        })?;
        Ok(home.join(below_home))
    }

    /// An error about the value of a key such as `upstream[0].zone`.
    pub fn fault(&self, key: &str, message: impl Into<String>) -> ConfigError {
        let place = match self.variables.get(key) {
            Some(variable) => Place::Variable(variable.clone()),
            None => self.place(self.line_of(key), key),
        };
        ConfigError::Value { place, message: message.into() }
    }

    /// An error at a byte of the text.
    pub fn fault_at(&self, offset: usize, message: impl Into<String>) -> ConfigError {
        let key = DeTable::parse(&self.text).ok().and_then(|table| key_at(table.get_ref(), offset));
        let place = self.place(Some(self.line_at(offset)), &key.unwrap_or_default());
        ConfigError::Value { place, message: message.into() }
    }

    fn place(&self, line: Option<usize>, key: &str) -> Place {
        Place::File { file: self.name.clone(), line, key: key.to_owned() }
    }

    fn line_of(&self, key: &str) -> Option<usize> {
        let table = DeTable::parse(&self.text).ok()?;
        offset_of(table.get_ref(), key).map(|offset| self.line_at(offset))
    }

    fn line_at(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        before.iter().filter(|&&byte| byte == b'\n').count() + 1
    }

    fn override_by(&mut self, variable: &str, value: &str) {
        let path = variable.strip_prefix("HEARTHGATE_").and_then(|rest| rest.split_once("__"));
        let Some((section, key)) = path else { return };
        let (section, key) = (section.to_ascii_lowercase(), key.to_ascii_lowercase());
        if file::LISTS.contains(&section.as_str()) {
            self.warnings.push(format!(
                "variable `{variable}` is not used: `{section}` is a list; write `${{VAR}}` in the file instead"
            ));
        } else if !file::SECTIONS.contains(&section.as_str()) {
            let mend = did_you_mean(&section, file::SECTIONS);
            self.warnings.push(format!("variable `{variable}` is not used: no section `{section}`{mend}"));
        } else {
            self.variables.insert(format!("{section}.{key}"), variable.to_owned());
            let keys = self.overrides.entry(section).or_insert_with(|| Value::from(Dict::new()));
            if let Value::Dict(_, keys) = keys {
                keys.insert(key, typed(value));
            }
        }
    }
}

/// Reads a file of the configuration.
pub fn read(path: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(path).map_err(|error| ConfigError::Read { path: path.to_path_buf(), error })
}

/// A variable's value as the number or truth that it looks like, else as the string that it is.
fn typed(value: &str) -> Value {
    match (value.parse::<u64>(), value.parse::<bool>()) {
        (Ok(number), _) => Value::from(number),
        (_, Ok(truth)) => Value::from(truth),
        _ => Value::from(value),
    }
}

/// Where a key stands, or the innermost table that should have had it.
fn offset_of(table: &DeTable<'_>, key: &str) -> Option<usize> {
    let mut table = table;
    let mut found = None;
    for segment in key.split('.') {
        let (name, index) = match segment.split_once('[') {
            Some((name, index)) => (name, index.trim_end_matches(']').parse::<usize>().ok()),
            None => (segment, None),
        };
        let Some((key, mut value)) = table.iter().find(|(key, _)| key.get_ref() == name) else { break };
        found = Some(key.span().start);
        if let Some(index) = index {
            let Some(item) = value.get_ref().as_array().and_then(|items| items.get(index)) else { break };
            found = Some(item.span().start);
            value = item;
        }
        let Some(inner) = value.get_ref().as_table() else { break };
        table = inner;
    }
    found
}

/// The key that stands, or whose value stands, at a byte of the text.
fn key_at(table: &DeTable<'_>, offset: usize) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        let name = key.get_ref();
        if key.span().contains(&offset) {
            return Some(name.to_string());
        }
        inside(value.get_ref(), offset)
            .map(|rest| format!("{name}{rest}"))
            .or_else(|| value.span().contains(&offset).then(|| name.to_string()))
    })
}

fn inside(value: &DeValue<'_>, offset: usize) -> Option<String> {
    match value {
        DeValue::Table(table) => key_at(table, offset).map(|key| format!(".{key}")),
        DeValue::Array(items) => items.iter().enumerate().find_map(|(index, item)| {
            inside(item.get_ref(), offset)
                .or_else(|| item.span().contains(&offset).then(String::new))
                .map(|rest| format!("[{index}]{rest}"))
        }),
        _ => None,
    }
}
