//! Writes JSON member by member.

use hearthgate_rules::json::quote;

/// An object that is being written.
pub struct Object(String);

impl Object {
    /// An empty one.
    pub fn new() -> Self {
        Self("{".to_owned())
    }

    /// With a member of this JSON text.
    pub fn json(mut self, key: &str, json: &str) -> Self {
        self.add(key, json);
        self
    }

    /// With a member that is a string.
    pub fn text(self, key: &str, text: &str) -> Self {
        self.json(key, &quote(text))
    }

    /// With a member where there is a JSON text.
    pub fn json_if(self, key: &str, json: Option<&str>) -> Self {
        match json {
            Some(json) => self.json(key, json),
            None => self,
        }
    }

    /// With a member where there is a string.
    pub fn text_if(self, key: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(key, text),
            None => self,
        }
    }

    /// Its JSON text.
    pub fn done(self) -> String {
        self.0 + "}"
    }

    fn add(&mut self, key: &str, json: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&quote(key));
        self.0.push(':');
        self.0.push_str(json);
    }
}

/// An array of JSON texts.
pub fn array(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

/// An array of strings.
pub fn texts(items: &[&str]) -> String {
    array(&items.iter().map(|item| quote(item)).collect::<Vec<_>>())
}
