//! OpenAI's chat completions on the wire: answers, requests passed on, refusals, headers, models.

mod answers;
mod headers;
mod models;
mod passthrough;
mod refusals;
mod relayed;
