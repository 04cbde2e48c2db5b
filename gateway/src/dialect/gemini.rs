//! Gemini's own API: `generateContent` and `streamGenerateContent`. No client speaks it here, so a request is always written
//! anew and an answer always translated.

pub mod answer;
pub mod write;

#[cfg(test)]
mod tests;
