//! AWS Bedrock's own API: Converse and ConverseStream. No client speaks it here, so a request is always written anew and an
//! answer always translated.

pub mod answer;
mod cache;
pub mod frames;
pub mod write;

#[cfg(test)]
mod tests;
