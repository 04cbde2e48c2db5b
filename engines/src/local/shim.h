// The whole of llama.cpp that the engine uses, as C functions that cannot throw.
//
// Every function catches every C++ exception and answers with a code. Texts of exceptions are kept only
// while a model is loaded; afterwards they may hold words of a request and are dropped.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum hg_code {
    HG_OK = 0,
    HG_FAILED = -1,       // an exception whose text is not passed on
    HG_BAD_MESSAGES = -2, // the messages are no chat
    HG_BAD_TOOLS = -3,    // the tools are no list of functions
    HG_BAD_CHOICE = -4,   // tool_choice is no known word
    HG_BAD_RENDER = -5,   // the template refused
    HG_NO_ROOM = -6,      // the context has no room for the batch
    HG_NO_CHOICE = -7,    // no token is possible: a dead end of a grammar, or weights that give no number
    HG_BAD_SCHEMA = -8,   // the schema of the answer is none that a grammar can be made of
    HG_NO_SCHEMA = -9,    // the model's chat format has no place for a schema
    HG_ABORTED = -10,     // the caller did not want the batch any more
    HG_NO_TOOLS = -11,    // the model's template does not tell it of tools
    HG_TOO_COSTLY = -12,  // a grammar that is too large, or has too many ways to be read
};

struct hg_model;
struct hg_context;
struct hg_prompt;
struct hg_parser;
struct hg_sampler;

struct hg_text {
    const char * data;
    size_t len;
};

// Loads nothing; sends the logs of llama.cpp and of its helpers to nowhere. Safe to call again.
void hg_init(void);

// A graphics card that this build computes on.
struct hg_card {
    struct hg_text name;  // as llama.cpp counts them
    struct hg_text title; // as its driver calls it
    uint64_t free_bytes;
    uint64_t memory_bytes;
    int integrated; // its memory is the machine's own
};

// The cards that a model is put on, of which `out` has room for `cap`; gives the number of all. Their texts stay.
size_t hg_cards(struct hg_card * out, size_t cap);

// Layers beyond those that there are count for nothing; without any, no card is used for anything. With `words_only` it has a vocabulary and a template and can compute nothing.
int hg_model_load(const char * path, int32_t gpu_layers, int words_only, struct hg_model ** out, char * reason,
                  size_t reason_len);
void hg_model_free(struct hg_model * model);
int32_t hg_model_vocab(const struct hg_model * model);
int hg_model_can_generate(const struct hg_model * model);
// Whether a slot can forget its last tokens and keep those before them.
int hg_model_rewinds(const struct hg_model * model);
// Tokens that some of its layers look back on at most; 0: all layers look back on all.
int32_t hg_model_window(const struct hg_model * model);
struct hg_text hg_model_template(const struct hg_model * model);
int hg_model_thinks(const struct hg_model * model);
// Whether its template tells it of tools, and of the calls that it made.
int hg_model_tells_tools(const struct hg_model * model);
int hg_token_ends_turn(const struct hg_model * model, int32_t token);

// The number of tokens, or of those that would be needed as -(n + 1000) when they do not fit `cap`.
// A text is split as plain text, whatever it says.
int64_t hg_tokenize(const struct hg_model * model, struct hg_text text, int32_t * out, size_t cap);

struct hg_chat {
    struct hg_text messages;
    struct hg_text tools;       // data NULL: none
    struct hg_text tool_choice; // data NULL: auto
    struct hg_text schema;      // JSON schema of the answer; data NULL: free text
    struct hg_text effort;      // what templates that know `reasoning_effort` are told; data NULL: nothing
    int parallel_tool_calls;
    int thinking; // -1: the template's default
};

int hg_render(const struct hg_model * model, const struct hg_chat * chat, struct hg_prompt ** out);
// A prompt that is a text as it stands: no template, and an answer that is text alone.
int hg_prompt_plain(const struct hg_model * model, struct hg_text text, struct hg_prompt ** out);
void hg_prompt_free(struct hg_prompt * prompt);
struct hg_text hg_prompt_text(const struct hg_prompt * prompt);
// As `hg_tokenize`: the template's words are control tokens where they are such, and those of the chat never are.
int64_t hg_prompt_tokenize(const struct hg_prompt * prompt, const struct hg_model * model, int32_t * out, size_t cap);
size_t hg_prompt_stops(const struct hg_prompt * prompt);
struct hg_text hg_prompt_stop(const struct hg_prompt * prompt, size_t index);
// The bytes of a token as the answer shows them: none for a control token, unless the format needs it.
int64_t hg_piece(const struct hg_prompt * prompt, const struct hg_model * model, int32_t token, char * out, size_t cap);

enum hg_delta_kind { HG_CONTENT = 0, HG_REASONING = 1, HG_TOOL_CALL = 2 };

struct hg_delta {
    int kind;
    size_t index;
    struct hg_text text; // content, reasoning, or arguments
    struct hg_text id;
    struct hg_text name;
};

int hg_parser_new(const struct hg_prompt * prompt, struct hg_parser ** out);
void hg_parser_free(struct hg_parser * parser);
// Reads the whole answer so far; `partial` while more may come. Fails where it does not read in its format. Deltas hold until the next call.
int hg_parser_read(struct hg_parser * parser, struct hg_text answer, int partial);
size_t hg_parser_deltas(const struct hg_parser * parser);
struct hg_delta hg_parser_delta(const struct hg_parser * parser, size_t index);
// Whether the rest of the answer is content, whatever it says: its bytes from here on need no parser.
int hg_parser_plain(const struct hg_parser * parser);

struct hg_bias {
    int32_t token;
    float bias;
};

struct hg_sampling {
    uint32_t seed;
    int32_t top_k;
    float temperature;
    float top_p;
    float min_p;
    float repeat_penalty;
    float frequency_penalty;
    float presence_penalty;
    int32_t penalty_window;
    int32_t thinking_budget; // -1: none
    const struct hg_bias * biases;
    size_t n_biases;
};

int hg_sampler_new(const struct hg_model * model, const struct hg_prompt * prompt, const struct hg_sampling * sampling,
                   struct hg_sampler ** out);
void hg_sampler_free(struct hg_sampler * sampler);
// Chooses a token from the logits of one output of the last batch, and takes it as chosen.
int hg_sample(struct hg_sampler * sampler, struct hg_context * context, int32_t output, int32_t * token);
// Natural logarithms of the probabilities that the model itself gives to `token`, in `chosen`, and to the `n` likeliest,
// before anything is biased, cut off or cooled.
int hg_logprobs(const struct hg_context * context, int32_t output, int32_t token, float * chosen, int32_t * ids,
                float * values, size_t n);

struct hg_context_params {
    uint32_t slots;
    uint32_t context_per_slot;
    uint32_t batch;
    int32_t threads;
    // How keys and values are kept: 0 f16, 1 q8_0, 2 q4_0. All but the first need flash attention.
    int32_t cache;
    int32_t exact; // the same tokens whatever the neighbours
};

int hg_context_new(const struct hg_model * model, const struct hg_context_params * params, struct hg_context ** out,
                   char * reason, size_t reason_len);
void hg_context_free(struct hg_context * context);
// Tokens that one slot can hold in truth.
uint32_t hg_context_per_slot(const struct hg_context * context);

struct hg_batch_token {
    int32_t token;
    int32_t position;
    int32_t slot;
    int32_t output; // whether logits are wanted
};

// All tokens must belong to slots of the context and be at most its batch. `unwanted` is asked many times on the way,
// and ends the work when it says so; the slots in the batch then hold nothing sure. NULL: nobody is asked.
int hg_decode(struct hg_context * context, const struct hg_batch_token * tokens, size_t n, bool (*unwanted)(void *),
              void * asked);
// Forgets what a slot holds from this position on. Fails where the model cannot, having forgotten nothing.
int hg_keep_slot(struct hg_context * context, int32_t slot, int32_t tokens);
// Makes a slot hold what another holds, all of it: the bytes move with the next batch.
int hg_copy_slot(struct hg_context * context, int32_t from, int32_t to);
// What a slot holds, as bytes: their number, and the bytes themselves where `cap` has room for them. Of layers with a window
// only what is in it. With `state` only what those layers and layers without attention keep; to load that leaves the others'
// keys and values as they are.
int64_t hg_save_slot(struct hg_context * context, int32_t slot, int state, uint8_t * out, size_t cap);
int hg_load_slot(struct hg_context * context, int32_t slot, int state, const uint8_t * data, size_t len);

struct hg_embedder;

// How many numbers an embedding has; 0: as many as the pooling gives.
int32_t hg_model_embedding_size(const struct hg_model * model);
int hg_embedder_new(const struct hg_model * model, uint32_t context, int32_t threads, struct hg_embedder ** out,
                    char * reason, size_t reason_len);
void hg_embedder_free(struct hg_embedder * embedder);
// The tokens of a text with the marks that the model was trained with, as `hg_tokenize` counts them.
int64_t hg_embedder_tokenize(const struct hg_model * model, struct hg_text text, int32_t * out, size_t cap);
// One text's embedding: pooled, of length one. The tokens must be the model's and fit its context.
int hg_embed(struct hg_embedder * embedder, const int32_t * tokens, size_t n, float * out, size_t size,
             bool (*unwanted)(void *), void * asked);

#ifdef __cplusplus
}
#endif
