//! OpenAI's responses: a surface in. No upstream is spoken to in it, so that what is asked is always read into a chat, and
//! nothing of it is stored.

pub mod head;
pub mod read;

#[cfg(test)]
mod tests;
