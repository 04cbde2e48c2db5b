//! Every client's dialect in, every provider's out.

mod anthropic_in;
mod azure;
mod bedrock;
mod cases;
mod faults;
mod gemini;
mod judged;
mod ollama_in;
mod pairs;
mod quirks;
mod refusals;
mod responses_in;
mod stored;
