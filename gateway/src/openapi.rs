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
}
