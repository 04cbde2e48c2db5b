//! `/openapi.json`: what the public surfaces take and tell, for tools. It holds nothing of a site.

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::body::Body;
use crate::respond;

/// The description, of OpenAPI 3.1.
const DESCRIPTION: &str = include_str!("openapi.json");

/// Tells it.
#[must_use]
pub fn answer() -> Response<Body> {
    respond::json(StatusCode::OK, Bytes::from_static(DESCRIPTION.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_of_this_version_and_names_nothing_that_is_not_there() {
        let whole: serde_json::Value = serde_json::from_str(DESCRIPTION).unwrap();
        assert_eq!(whole["info"]["version"], env!("CARGO_PKG_VERSION"));
        let named = DESCRIPTION.split("\"$ref\": \"#").skip(1).map(|rest| rest.split('"').next().unwrap());
        for place in named {
            assert!(whole.pointer(place).is_some(), "{place}");
        }
    }

    /// The files that read and write them.
    const SPEAKERS: [&str; 4] = [
        include_str!("ask.rs"),
        include_str!("dispatch.rs"),
        include_str!("home.rs"),
        include_str!("record.rs"),
    ];

    #[test]
    fn it_describes_every_header_of_ours() {
        let spoken = SPEAKERS.iter().flat_map(|file| file.split("\"x-hearthgate-").skip(1));
        let mut names = 0;
        for name in spoken.map(|rest| rest.split('"').next().unwrap()) {
            assert!(DESCRIPTION.contains(&format!("\"x-hearthgate-{name}\"")), "{name}");
            names += 1;
        }
        assert!(names > 15, "{names}");
    }
}
