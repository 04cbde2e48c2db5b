// See shim.h. Only this file and its headers include llama.cpp's.

#include "shim.h"

#include "bounded_grammar.h"
#include "control_words.h"

#include "chat-auto-parser.h"
#include "chat.h"
#include "common.h"
#include "ggml-backend.h"
#include "json-schema-to-grammar.h"
#include "json.h"
#include "llama.h"
#include "log.h"
#include "reasoning-budget.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

// Where the error lines of a load on this thread go; null: nowhere.
thread_local std::string * load_log = nullptr;

void sink(ggml_log_level level, const char * text, void *) {
    if (load_log != nullptr && level == GGML_LOG_LEVEL_ERROR && text != nullptr && load_log->size() < 4096) {
        load_log->append(text);
    }
}

// Collects error lines while a model, which is no one's words, is loaded.
struct log_scope {
    std::string lines;
    log_scope() { load_log = &lines; }
    ~log_scope() { load_log = nullptr; }
};

void tell(char * reason, size_t len, const std::string & text) {
    if (reason == nullptr || len == 0) {
        return;
    }
    // The first line names the cause; those after it repeat that the load failed.
    const std::string line = text.substr(0, text.find('\n'));
    const size_t n = std::min(len - 1, line.size());
    std::memcpy(reason, line.data(), n);
    reason[n] = '\0';
}

hg_text view(const std::string & text) { return { text.data(), text.size() }; }

std::string own(hg_text text) { return text.data == nullptr ? std::string() : std::string(text.data, text.len); }

template <typename F> int guarded(F && body) noexcept {
    try {
        return body();
    } catch (const grammar_too_costly &) {
        return HG_TOO_COSTLY;
    } catch (...) {
        return HG_FAILED;
    }
}

// As `guarded`, with the code that says whose fault an exception is.
template <typename F> int guarded_as(int code, F && body) noexcept {
    try {
        body();
        return HG_OK;
    } catch (const grammar_too_costly &) {
        return HG_TOO_COSTLY;
    } catch (...) {
        return code;
    }
}

struct model_free {
    void operator()(llama_model * m) const { llama_model_free(m); }
};
struct context_free {
    void operator()(llama_context * c) const { llama_free(c); }
};
struct sampler_free {
    void operator()(llama_sampler * s) const { llama_sampler_free(s); }
};
using sampler_ptr = std::unique_ptr<llama_sampler, sampler_free>;

} // namespace

// The format of answers: what is known of a rendered chat before its messages are. Working it out means to
// render dozens of trial chats, so it is kept for the sets of tools and switches seen last.
struct format_cache {
    static constexpr size_t entries_max = 16;
    static constexpr size_t key_max = 1 << 16;
    std::mutex mutex;
    std::list<std::pair<std::string, common_chat_params>> entries;

    std::optional<common_chat_params> find(const std::string & key) {
        const std::lock_guard<std::mutex> lock(mutex);
        for (auto it = entries.begin(); it != entries.end(); ++it) {
            if (it->first == key) {
                entries.splice(entries.begin(), entries, it);
                return it->second;
            }
        }
        return std::nullopt;
    }

    void keep(const std::string & key, common_chat_params params) {
        if (key.size() > key_max) {
            return;
        }
        params.prompt.clear();
        const std::lock_guard<std::mutex> lock(mutex);
        entries.emplace_front(key, std::move(params));
        if (entries.size() > entries_max) {
            entries.pop_back();
        }
    }
};

struct hg_model {
    std::unique_ptr<llama_model, model_free> model;
    control_words controls;
    const llama_vocab * vocab = nullptr;
    common_chat_templates_ptr templates;
    // The template without the tokens that begin and end a text: what formats are worked out from. An end token after a
    // call would be taken for a part of it. Null where there is a second template, for tools.
    common_chat_templates_ptr bare_templates;
    std::string template_source;
    bool thinks = false;
    // Whether its template tells of tools, and of calls that were made.
    bool tells_tools = false;
    bool tells_calls = false;
    // Whether llama.cpp puts chats to this family by code of its own, and not by the template alone.
    bool own_format = false;
    mutable format_cache formats;
    // Made for the first grammar.
    mutable std::once_flag texts_made;
    mutable std::shared_ptr<const vocabulary_texts> texts;
};

struct hg_prompt {
    common_chat_params params;
    std::string shown;
    bool has_tools = false;
    bool has_schema = false;
    bool thinks = false;
    std::set<llama_token> preserved;
    // What every call of a tool begins with, where one is demanded.
    std::string call_mark;
};

struct hg_parser {
    common_chat_parser_params params;
    common_chat_msg last;
    std::vector<common_chat_msg_diff> diffs;
    std::vector<hg_delta> deltas;
    bool has_tools = false;
    bool plain = false;
    // Whether the rest can be plain at all: not where a format closes its content, or calls may follow.
    bool may_be_plain = false;
    // The format's marks, which plain text holds as text.
    std::vector<std::string> marks;
    std::vector<std::string> ids;

    // Whether a whole answer that calls nothing ends before its text does: some formats pass over what is no call.
    bool leaves_some(const std::string & text, const common_chat_msg & message) const {
        if (!has_tools || !message.tool_calls.empty()) {
            return false;
        }
        const std::string all = params.generation_prompt + text;
        common_peg_parse_context context(all, COMMON_PEG_PARSE_FLAG_LENIENT);
        std::string rest = all.substr(params.parser.parse(context).end);
        for (const auto & mark : marks) {
            string_replace_all(rest, mark, "");
        }
        return rest.find_first_not_of(" \t\r\n") != std::string::npos;
    }

    // Whether what follows on a text that ends in its own content can only be content.
    bool ends_plainly(const std::string & text, const std::string & content) {
        if (!may_be_plain || content.empty() || text.size() < content.size() ||
            text.compare(text.size() - content.size(), content.size(), content) != 0) {
            return false;
        }
        std::string more = "\n";
        for (const auto & mark : marks) {
            more += mark;
        }
        may_be_plain = common_chat_parse(text + more, true, params).content == content + more;
        return may_be_plain;
    }
};

struct hg_sampler {
    std::unique_ptr<bounded_grammar> grammar;
    bool lazy = false;
    sampler_ptr budget;
    // Makes the call that was demanded begin.
    sampler_ptr lead;
    // The same without waiting for a thought to end, and the token that opens one: the first token tells which it is.
    sampler_ptr lead_at_once;
    bool first = false;
    llama_token thought = LLAMA_TOKEN_NULL;
    sampler_ptr chain;
    std::vector<llama_token_data> candidates;
    int32_t n_vocab = 0;

    // A lazy grammar waits for the thought to end: thinking may say what it likes.
    bool bound() const {
        if (!grammar || !lazy || !budget) {
            return grammar != nullptr;
        }
        const auto state = common_reasoning_budget_get_state(budget.get());
        return state == REASONING_BUDGET_IDLE || state == REASONING_BUDGET_DONE;
    }

    void accept(llama_token token) {
        llama_sampler_accept(chain.get(), token);
        const bool was_bound = bound();
        if (budget) {
            llama_sampler_accept(budget.get(), token);
            // The mark that ends the thought may be what the grammar waits for.
            const auto * mark = common_reasoning_budget_get_state(budget.get()) == REASONING_BUDGET_DONE
                                    ? common_reasoning_budget_get_end_match(budget.get())
                                    : nullptr;
            if (grammar && !was_bound && mark != nullptr) {
                for (const auto end : *mark) {
                    grammar->accept(end);
                }
            }
        }
        if (lead) {
            llama_sampler_accept(lead.get(), token);
        }
        if (was_bound) {
            grammar->accept(token);
        }
    }
};

struct hg_embedder {
    std::unique_ptr<llama_context, context_free> context;
    const llama_model * model = nullptr;
    llama_batch batch{};
    int32_t batch_max = 0;
    ~hg_embedder() {
        if (batch.token != nullptr) {
            llama_batch_free(batch);
        }
    }
};

struct hg_context {
    std::unique_ptr<llama_context, context_free> context;
    llama_batch batch{};
    int32_t batch_max = 0;
    ~hg_context() {
        if (batch.token != nullptr) {
            llama_batch_free(batch);
        }
    }
};

// Whether a template is of a family that llama.cpp has code of its own for.
static bool has_own_format(const std::string & source) {
    const common_chat_template probe(source, "", "");
    autoparser::generation_params params;
    params.messages = common_json::array({ common_json{ { "role", "user" }, { "content", "x" } } });
    params.add_generation_prompt = true;
    try {
        return common_chat_try_specialized_template(probe, source, params).has_value();
    } catch (...) {
        // Only such code renders here, and can fail.
        return true;
    }
}

extern "C" {

void hg_init(void) {
    static std::once_flag once;
    guarded([&] {
        std::call_once(once, [] {
            llama_log_set(sink, nullptr);
            // The helpers have a log of their own, which would print prompts and answers.
            common_log_set_verbosity_thold(-1);
            common_log_pause(common_log_main());
            llama_backend_init();
        });
        return HG_OK;
    });
}

size_t hg_cards(hg_card * out, size_t cap) {
    size_t count = 0;
    guarded([&] {
        // As llama.cpp chooses them: one that two backends show counts once, and those without memory of their own only
        // where there are no others.
        std::vector<ggml_backend_dev_t> own;
        std::vector<ggml_backend_dev_t> shared;
        std::set<std::string> ids;
        for (size_t i = 0; i < ggml_backend_dev_count(); i++) {
            auto * device = ggml_backend_dev_get(i);
            ggml_backend_dev_props props;
            ggml_backend_dev_get_props(device, &props);
            if (props.type == GGML_BACKEND_DEVICE_TYPE_GPU) {
                if (props.device_id == nullptr || ids.insert(props.device_id).second) {
                    own.push_back(device);
                }
            } else if (props.type == GGML_BACKEND_DEVICE_TYPE_IGPU) {
                if (shared.empty() ||
                    ggml_backend_dev_backend_reg(device) == ggml_backend_dev_backend_reg(shared.back())) {
                    shared.push_back(device);
                }
            }
        }
        for (auto * device : own.empty() ? shared : own) {
            if (count < cap) {
                const char * name = ggml_backend_dev_name(device);
                const char * title = ggml_backend_dev_description(device);
                size_t free_bytes = 0;
                size_t memory_bytes = 0;
                ggml_backend_dev_memory(device, &free_bytes, &memory_bytes);
                out[count] = { { name, std::strlen(name) }, { title, std::strlen(title) }, free_bytes, memory_bytes, own.empty() };
            }
            count++;
        }
        return HG_OK;
    });
    return count;
}

int hg_model_load(const char * path, int32_t gpu_layers, int words_only, hg_model ** out, char * reason, size_t reason_len) {
    log_scope log;
    const int code = guarded([&] {
        auto params = llama_model_default_params();
        params.n_gpu_layers = gpu_layers;
        // Without any, a card would still be handed large products.
        ggml_backend_dev_t no_card[] = { nullptr };
        if (gpu_layers <= 0) {
            params.devices = no_card;
        }
        params.check_tensors = true;
        params.vocab_only = words_only != 0;
        // A file that is cut off while it is mapped would end the process.
        params.load_mode = LLAMA_LOAD_MODE_NONE;
        auto loaded = std::make_unique<hg_model>();
        loaded->model.reset(llama_model_load_from_file(path, params));
        if (!loaded->model) {
            return HG_FAILED;
        }
        loaded->vocab = llama_model_get_vocab(loaded->model.get());
        loaded->controls.add(loaded->vocab);
        try {
            loaded->templates = common_chat_templates_init(loaded->model.get(), "");
            loaded->template_source = common_chat_templates_source(loaded->templates.get());
            loaded->thinks = common_chat_templates_support_enable_thinking(loaded->templates.get());
            const auto caps = common_chat_templates_get_caps(loaded->templates.get());
            loaded->tells_tools = caps.at("supports_tools");
            loaded->tells_calls = caps.at("supports_tool_calls");
            const auto for_tools = common_chat_templates_source(loaded->templates.get(), "tool_use");
            if (for_tools.empty()) {
                loaded->bare_templates = common_chat_templates_init(nullptr, loaded->template_source);
            }
            loaded->own_format =
                has_own_format(loaded->template_source) || (!for_tools.empty() && has_own_format(for_tools));
        } catch (...) {
            log.lines = "its chat template cannot be read\n";
            return HG_FAILED;
        }
        *out = loaded.release();
        return HG_OK;
    });
    if (code != HG_OK) {
        tell(reason, reason_len, log.lines);
    }
    return code;
}

void hg_model_free(hg_model * model) { delete model; }

int32_t hg_model_vocab(const hg_model * model) { return llama_vocab_n_tokens(model->vocab); }

int hg_model_can_generate(const hg_model * model) {
    return llama_model_has_decoder(model->model.get()) && !llama_model_has_encoder(model->model.get()) &&
           llama_vocab_type(model->vocab) != LLAMA_VOCAB_TYPE_NONE;
}

int hg_model_rewinds(const hg_model * model) {
    return !llama_model_is_recurrent(model->model.get()) && !llama_model_is_hybrid(model->model.get());
}

int32_t hg_model_window(const hg_model * model) { return llama_model_n_swa(model->model.get()); }

hg_text hg_model_template(const hg_model * model) { return view(model->template_source); }

int hg_model_thinks(const hg_model * model) { return model->thinks; }
int hg_model_tells_tools(const hg_model * model) { return model->tells_tools && model->tells_calls; }

int hg_token_ends_turn(const hg_model * model, int32_t token) { return llama_vocab_is_eog(model->vocab, token); }

static int64_t give(const std::vector<llama_token> & tokens, int32_t * out, size_t cap) {
    if (tokens.size() > cap) {
        return -static_cast<int64_t>(tokens.size()) - 1000;
    }
    std::copy(tokens.begin(), tokens.end(), out);
    return static_cast<int64_t>(tokens.size());
}

int64_t hg_tokenize(const hg_model * model, hg_text text, int32_t * out, size_t cap) {
    try {
        return give(common_tokenize(model->vocab, own(text), false, false), out, cap);
    } catch (...) {
        return HG_FAILED;
    }
}

int64_t hg_prompt_tokenize(const hg_prompt * prompt, const hg_model * model, int32_t * out, size_t cap) {
    try {
        std::vector<llama_token> all;
        bool first = true;
        model->controls.each(prompt->params.prompt, [&](const std::string & part, bool said) {
            const auto tokens = said ? control_words::spell(model->vocab, part)
                                     : common_tokenize(model->vocab, part, first, true);
            all.insert(all.end(), tokens.begin(), tokens.end());
            first = false;
        });
        return give(all, out, cap);
    } catch (...) {
        return HG_FAILED;
    }
}

static void hide_controls(const control_words & controls, common_chat_templates_inputs & inputs) {
    for (auto & message : inputs.messages) {
        for (auto * text : { &message.role, &message.content, &message.reasoning_content, &message.tool_name,
                             &message.tool_call_id }) {
            controls.hide(*text);
        }
        for (auto & part : message.content_parts) {
            controls.hide(part.text);
        }
        // Some templates take results apart as they do arguments.
        if (message.role == "tool") {
            controls.hide_in_json(message.content);
            for (auto & part : message.content_parts) {
                controls.hide_in_json(part.text);
            }
        }
        for (auto & call : message.tool_calls) {
            controls.hide(call.name);
            controls.hide_in_json(call.arguments);
            controls.hide(call.id);
        }
    }
    for (auto & tool : inputs.tools) {
        controls.hide(tool.name);
        controls.hide(tool.description);
        controls.hide_in_json(tool.parameters);
    }
}

static std::string format_key(const hg_chat & chat) {
    // Sizes first, so that no two sets of parts give one key.
    return std::to_string(chat.tools.len) + ' ' + std::to_string(chat.thinking) +
           std::to_string(chat.parallel_tool_calls) + own(chat.tool_choice) + ' ' + own(chat.effort) + ' ' + own(chat.tools) +
           own(chat.schema);
}

// Whether a grammar can say the pattern. Those that it cannot would be told on the standard error output, and a pattern is
// the caller's own text: so the question ends before the telling.
static bool says(const std::string & pattern) {
    bool said = false;
    // A repeated group can be nothing in so many ways that a grammar never ends counting them.
    for (size_t at = pattern.find(')'); at != std::string::npos; at = pattern.find(')', at + 1)) {
        if (at + 1 < pattern.size() && std::strchr("*+?{", pattern[at + 1]) != nullptr) {
            return false;
        }
    }
    try {
        build_grammar([&](const common_grammar_builder & builder) {
            const auto schema = common_chat_schema_from_json(common_json{ { "type", "string" }, { "pattern", pattern } });
            const auto rule = builder.add_schema("asked", *schema.root);
            // A pattern that cannot be said has become any string at all.
            said = builder.add_rule(rule, "string") != rule;
            throw said;
        });
    } catch (...) {
    }
    return said;
}

// What the optional members of a schema's objects cost: llama.cpp's grammar of an object takes a time that grows with the
// third power of them.
static double optional_cost(const common_json & schema) {
    double cost = 0.0;
    if (schema.is_object() && schema.contains("properties") && schema.at("properties").is_object()) {
        std::set<std::string> needed;
        if (schema.contains("required") && schema.at("required").is_array()) {
            for (const auto & name : schema.at("required")) {
                if (name.is_string()) {
                    needed.insert(name.get<std::string>());
                }
            }
        }
        double optional = 0.0;
        for (const auto & [name, member] : schema.at("properties").items()) {
            optional += needed.count(name) == 0 ? 1.0 : 0.0;
        }
        cost += optional * optional * optional;
    }
    if (schema.is_object() || schema.is_array()) {
        for (const auto & inner : schema) {
            cost += optional_cost(inner);
        }
    }
    return cost;
}

// Eight hundred in one object take half a second.
static void check_cost(double cost) {
    if (cost > 800.0 * 800.0 * 800.0) {
        throw grammar_too_costly{};
    }
}

// Takes the patterns out that a grammar cannot say. Whether there were any.
static bool forget_patterns(common_json & schema) {
    bool some = false;
    if (schema.is_object() && schema.contains("pattern") && schema.at("pattern").is_string() &&
        !says(schema.at("pattern").get<std::string>())) {
        schema.erase("pattern");
        some = true;
    }
    if (schema.is_object() || schema.is_array()) {
        for (auto & inner : schema) {
            some = forget_patterns(inner) || some;
        }
    }
    return some;
}

static void forget_tool_patterns(std::vector<common_chat_tool> & tools) {
    for (auto & tool : tools) {
        auto parameters = common_json::parse(tool.parameters.empty() ? "{}" : tool.parameters);
        if (forget_patterns(parameters)) {
            tool.parameters = parameters.dump();
        }
    }
}

// Gives calls ids of nine letters and digits, which some templates ask for and no client writes. False where they have
// such ids, or there are none.
static bool shorten_ids(std::vector<common_chat_msg> & messages) {
    std::unordered_map<std::string, std::string> known;
    bool some = false;
    const auto shorten = [&](std::string & id) {
        if (id.empty()) {
            return;
        }
        const auto digits = std::to_string(known.size());
        auto & short_id = known.try_emplace(id, "call" + std::string(5 - std::min<size_t>(5, digits.size()), '0') + digits)
                              .first->second;
        some = some || id != short_id;
        id = short_id;
    };
    for (auto & message : messages) {
        shorten(message.tool_call_id);
        for (auto & call : message.tool_calls) {
            shorten(call.id);
        }
    }
    return some;
}

static common_chat_params rendered(const hg_model & model, common_chat_templates_inputs & inputs, const std::string & key) {
    if (model.own_format) {
        forget_tool_patterns(inputs.tools);
        return common_chat_templates_apply(model.templates.get(), inputs);
    }
    // With pure content a template is only rendered, and its format is not worked out.
    inputs.force_pure_content = true;
    auto plain = common_chat_templates_apply(model.templates.get(), inputs);
    auto known = model.formats.find(key);
    if (known && known->generation_prompt == plain.generation_prompt) {
        known->prompt = std::move(plain.prompt);
        return std::move(*known);
    }
    inputs.force_pure_content = false;
    forget_tool_patterns(inputs.tools);
    const auto * source = model.bare_templates ? model.bare_templates.get() : model.templates.get();
    auto params = common_chat_templates_apply(source, inputs);
    if (params.generation_prompt != plain.generation_prompt) {
        params = common_chat_templates_apply(model.templates.get(), inputs);
    }
    params.prompt = std::move(plain.prompt);
    model.formats.keep(key, params);
    return params;
}

// What a call begins with: of its own will a model's call is told by it.
static std::string call_mark(const hg_model & model, common_chat_templates_inputs inputs, const std::string & key) {
    inputs.tool_choice = COMMON_CHAT_TOOL_CHOICE_AUTO;
    const auto params = rendered(model, inputs, "of its own will " + key);
    for (const auto & trigger : params.grammar_triggers) {
        if (trigger.type == COMMON_GRAMMAR_TRIGGER_TYPE_WORD) {
            return trigger.value;
        }
    }
    // Without a mark a call is an object and nothing else.
    return model.own_format ? "" : "{";
}

int hg_render(const hg_model * model, const hg_chat * chat, hg_prompt ** out) {
    common_chat_templates_inputs inputs;
    auto prompt = std::unique_ptr<hg_prompt>();
    int code = guarded_as(HG_BAD_MESSAGES, [&] {
        inputs.messages = common_chat_msgs_parse_oaicompat(common_json::parse(own(chat->messages)));
    });
    if (code == HG_OK && chat->tools.data != nullptr) {
        code = guarded_as(HG_BAD_TOOLS, [&] {
            const auto tools = common_json::parse(own(chat->tools));
            check_cost(optional_cost(tools));
            inputs.tools = common_chat_tools_parse_oaicompat(tools);
        });
    }
    if (code == HG_OK && chat->tool_choice.data != nullptr) {
        code = guarded_as(HG_BAD_CHOICE, [&] {
            inputs.tool_choice = common_chat_tool_choice_parse_oaicompat(own(chat->tool_choice));
        });
    }
    if (code == HG_OK && chat->schema.data != nullptr) {
        code = guarded_as(HG_BAD_SCHEMA, [&] {
            inputs.json_schema = own(chat->schema);
            auto schema = common_json::parse(inputs.json_schema);
            check_cost(optional_cost(schema));
            if (forget_patterns(schema)) {
                throw std::invalid_argument("pattern");
            }
            json_schema_to_grammar(schema);
        });
    }
    if (code != HG_OK) {
        return code;
    }
    if (inputs.tool_choice == COMMON_CHAT_TOOL_CHOICE_NONE && !model->tells_tools) {
        inputs.tools.clear();
    }
    const auto calls = [](const common_chat_msg & message) { return !message.tool_calls.empty(); };
    const bool called = std::any_of(inputs.messages.begin(), inputs.messages.end(), calls);
    // Such a template leaves them out without a word.
    if ((!inputs.tools.empty() && !model->tells_tools) || (called && !model->tells_calls)) {
        return HG_NO_TOOLS;
    }
    code = guarded_as(HG_BAD_RENDER, [&] {
        hide_controls(model->controls, inputs);
        inputs.parallel_tool_calls = chat->parallel_tool_calls != 0;
        inputs.reasoning_format = COMMON_REASONING_FORMAT_DEEPSEEK;
        inputs.enable_thinking = chat->thinking != 0;
        if (chat->effort.data != nullptr) {
            inputs.chat_template_kwargs["reasoning_effort"] = '"' + own(chat->effort) + '"';
        }
        prompt = std::make_unique<hg_prompt>();
        prompt->has_tools = !inputs.tools.empty() && inputs.tool_choice != COMMON_CHAT_TOOL_CHOICE_NONE;
        try {
            prompt->params = rendered(*model, inputs, format_key(*chat));
        } catch (...) {
            if (!shorten_ids(inputs.messages)) {
                throw;
            }
            prompt->params = rendered(*model, inputs, format_key(*chat));
        }
        prompt->has_schema = !inputs.json_schema.empty();
        prompt->thinks = inputs.enable_thinking;
        if (prompt->has_tools && inputs.tool_choice == COMMON_CHAT_TOOL_CHOICE_REQUIRED) {
            prompt->call_mark = call_mark(*model, inputs, format_key(*chat));
        }
        for (const auto & word : prompt->params.preserved_tokens) {
            const auto ids = common_tokenize(model->vocab, word, false, true);
            if (ids.size() == 1) {
                prompt->preserved.insert(ids.front());
            }
        }
        model->controls.each(prompt->params.prompt,
                             [&](const std::string & part, bool) { prompt->shown += part; });
    });
    // Some formats are read by code of their own, which knows no schemas.
    if (code == HG_OK && prompt->has_schema && (prompt->params.grammar.empty() || prompt->params.grammar_lazy)) {
        code = HG_NO_SCHEMA;
    }
    if (code == HG_OK) {
        *out = prompt.release();
    }
    return code;
}

int hg_prompt_plain(const hg_model * model, hg_text text, hg_prompt ** out) {
    (void) model;
    return guarded([&] {
        auto prompt = std::make_unique<hg_prompt>();
        prompt->params.prompt = own(text);
        prompt->shown = prompt->params.prompt;
        *out = prompt.release();
        return HG_OK;
    });
}

void hg_prompt_free(hg_prompt * prompt) { delete prompt; }

hg_text hg_prompt_text(const hg_prompt * prompt) { return view(prompt->shown); }

size_t hg_prompt_stops(const hg_prompt * prompt) { return prompt->params.additional_stops.size(); }

hg_text hg_prompt_stop(const hg_prompt * prompt, size_t index) {
    const auto & stops = prompt->params.additional_stops;
    return index < stops.size() ? view(stops[index]) : hg_text{ nullptr, 0 };
}

int64_t hg_piece(const hg_prompt * prompt, const hg_model * model, int32_t token, char * out, size_t cap) {
    try {
        const bool special = prompt->preserved.count(token) != 0;
        const int32_t room = static_cast<int32_t>(std::min<size_t>(cap, 1 << 20));
        return llama_token_to_piece(model->vocab, token, out, room, 0, special);
    } catch (...) {
        return 0;
    }
}

int hg_parser_new(const hg_prompt * prompt, hg_parser ** out) {
    return guarded([&] {
        auto parser = std::make_unique<hg_parser>();
        parser->params = common_chat_parser_params(prompt->params);
        parser->params.reasoning_format = COMMON_REASONING_FORMAT_DEEPSEEK;
        parser->params.parse_tool_calls = prompt->has_tools;
        parser->has_tools = prompt->has_tools;
        parser->may_be_plain = !prompt->has_tools && !prompt->has_schema;
        parser->marks = prompt->params.preserved_tokens;
        if (!prompt->params.parser.empty()) {
            parser->params.parser.load(prompt->params.parser);
        }
        *out = parser.release();
        return HG_OK;
    });
}

void hg_parser_free(hg_parser * parser) { delete parser; }

int hg_parser_read(hg_parser * parser, hg_text answer, int partial) {
    parser->deltas.clear();
    return guarded([&] {
        const std::string text = own(answer);
        auto message = common_chat_parse(text, partial != 0, parser->params);
        if (partial == 0 && parser->leaves_some(text, message)) {
            return HG_FAILED;
        }
        message.set_tool_call_ids(parser->ids, [&] { return "call_" + std::to_string(parser->ids.size()); });
        // A partial reading can be overturned by the next bytes; what was said stays said.
        parser->diffs = common_chat_msg_diff::compute_diffs(parser->last, message);
        for (const auto & diff : parser->diffs) {
            if (!diff.reasoning_content_delta.empty()) {
                parser->deltas.push_back({ HG_REASONING, 0, view(diff.reasoning_content_delta), {}, {} });
            }
            if (!diff.content_delta.empty()) {
                parser->deltas.push_back({ HG_CONTENT, 0, view(diff.content_delta), {}, {} });
            }
            if (diff.tool_call_index != std::string::npos) {
                const auto & call = diff.tool_call_delta;
                parser->deltas.push_back(
                    { HG_TOOL_CALL, diff.tool_call_index, view(call.arguments), view(call.id), view(call.name) });
            }
        }
        parser->plain = parser->ends_plainly(text, message.content);
        parser->last = std::move(message);
        return HG_OK;
    });
}

size_t hg_parser_deltas(const hg_parser * parser) { return parser->deltas.size(); }

hg_delta hg_parser_delta(const hg_parser * parser, size_t index) {
    return index < parser->deltas.size() ? parser->deltas[index] : hg_delta{ HG_CONTENT, 0, {}, {}, {} };
}

int hg_parser_plain(const hg_parser * parser) { return parser->plain; }

// The grammar of a prompt's format; a lazy one binds from the first of its marks on.
static std::unique_ptr<bounded_grammar> grammar_of(const hg_prompt & prompt, const hg_model & model) {
    const auto & params = prompt.params;
    const auto * vocab = model.vocab;
    bounded_grammar::triggers awaited{ params.grammar_lazy, {}, {} };
    auto & patterns = awaited.patterns;
    auto & marks = awaited.tokens;
    // One that holds from the beginning waits for nothing.
    for (const auto & trigger : params.grammar_lazy ? params.grammar_triggers : decltype(params.grammar_triggers){}) {
        switch (trigger.type) {
            case COMMON_GRAMMAR_TRIGGER_TYPE_TOKEN:
                marks.push_back(trigger.token);
                break;
            case COMMON_GRAMMAR_TRIGGER_TYPE_WORD: {
                const auto ids = common_tokenize(vocab, trigger.value, false, true);
                if (ids.size() == 1 && prompt.preserved.count(ids.front()) != 0) {
                    marks.push_back(ids.front());
                } else {
                    patterns.push_back(regex_escape(trigger.value));
                }
                break;
            }
            case COMMON_GRAMMAR_TRIGGER_TYPE_PATTERN:
                patterns.push_back(trigger.value);
                break;
            case COMMON_GRAMMAR_TRIGGER_TYPE_PATTERN_FULL:
                patterns.push_back("^" + trigger.value + "$");
                break;
        }
    }
    std::call_once(model.texts_made, [&] { model.texts = std::make_shared<const vocabulary_texts>(vocab); });
    return std::make_unique<bounded_grammar>(vocab, model.texts, params.grammar, awaited);
}

// Whether the answer begins within a thought.
static bool thought_is_open(const common_chat_params & params) {
    const auto & opening = params.generation_prompt;
    const size_t start =
        params.thinking_start_tag.empty() ? std::string::npos : opening.rfind(params.thinking_start_tag);
    const auto & ends = params.thinking_end_tags;
    return start != std::string::npos && std::none_of(ends.begin(), ends.end(), [&](const std::string & tag) {
        return opening.find(tag, start) != std::string::npos;
    });
}

int hg_sampler_new(const hg_model * model, const hg_prompt * prompt, const hg_sampling * sampling, hg_sampler ** out) {
    return guarded([&] {
        auto sampler = std::make_unique<hg_sampler>();
        const auto * vocab = model->vocab;
        const auto & params = prompt->params;
        sampler->n_vocab = llama_vocab_n_tokens(vocab);
        sampler->candidates.reserve(sampler->n_vocab);

        const auto opening = common_tokenize(vocab, params.generation_prompt, false, true);
        sampler->lazy = params.grammar_lazy;
        if (!params.grammar.empty()) {
            sampler->grammar = grammar_of(*prompt, *model);
            for (const auto token : opening) {
                if (!sampler->lazy) {
                    sampler->grammar->accept(token);
                }
            }
        }
        // A lazy grammar has to know when the thought ends, whatever its length.
        const bool watched = sampling->thinking_budget >= 0 || (sampler->grammar && sampler->lazy);
        if (watched && !params.thinking_start_tag.empty() && !params.thinking_end_tags.empty()) {
            const auto start = common_tokenize(vocab, params.thinking_start_tag, false, true);
            std::vector<llama_tokens> ends;
            for (const auto & tag : params.thinking_end_tags) {
                ends.push_back(common_tokenize(vocab, tag, false, true));
            }
            sampler->budget.reset(
                common_reasoning_budget_init(vocab, { start }, ends, ends.front(),
                                             sampling->thinking_budget < 0 ? INT32_MAX : sampling->thinking_budget));
            for (const auto token : opening) {
                llama_sampler_accept(sampler->budget.get(), token);
            }
        }

        if (!prompt->call_mark.empty()) {
            const auto mark = common_tokenize(vocab, prompt->call_mark, false, true);
            std::vector<llama_tokens> ends;
            for (const auto & tag : params.thinking_end_tags) {
                ends.push_back(common_tokenize(vocab, tag, false, true));
            }
            sampler->lead_at_once.reset(
                common_reasoning_budget_init(vocab, ends, { mark }, mark, 0, REASONING_BUDGET_COUNTING));
            // A thought that is open, or that the model opens by itself, goes before.
            sampler->lead.reset(common_reasoning_budget_init(vocab, ends, { mark }, mark, 0, REASONING_BUDGET_IDLE));
            if (!thought_is_open(params)) {
                const auto start = common_tokenize(vocab, prompt->thinks ? params.thinking_start_tag : "", false, true);
                sampler->first = true;
                sampler->thought = start.empty() ? LLAMA_TOKEN_NULL : start.front();
            }
        }

        sampler->chain.reset(llama_sampler_chain_init(llama_sampler_chain_default_params()));
        auto * chain = sampler->chain.get();
        std::vector<llama_logit_bias> biases;
        for (size_t i = 0; i < sampling->n_biases; i++) {
            biases.push_back({ sampling->biases[i].token, sampling->biases[i].bias });
        }
        int32_t n_suppressed = 0;
        const auto * suppressed = llama_vocab_get_suppress_tokens(vocab, &n_suppressed);
        for (int32_t i = 0; i < n_suppressed; i++) {
            biases.push_back({ suppressed[i], -INFINITY });
        }
        if (!biases.empty()) {
            llama_sampler_chain_add(
                chain, llama_sampler_init_logit_bias(sampler->n_vocab, static_cast<int32_t>(biases.size()), biases.data()));
        }
        llama_sampler_chain_add(chain, llama_sampler_init_penalties(
            sampler->n_vocab, sampling->penalty_window, sampling->repeat_penalty, sampling->frequency_penalty,
            sampling->presence_penalty));
        if (sampling->temperature <= 0.0f) {
            llama_sampler_chain_add(chain, llama_sampler_init_greedy());
        } else {
            llama_sampler_chain_add(chain, llama_sampler_init_top_k(sampling->top_k));
            llama_sampler_chain_add(chain, llama_sampler_init_top_p(sampling->top_p, 1));
            llama_sampler_chain_add(chain, llama_sampler_init_min_p(sampling->min_p, 1));
            llama_sampler_chain_add(chain, llama_sampler_init_temp(sampling->temperature));
            llama_sampler_chain_add(chain, llama_sampler_init_dist(sampling->seed));
        }
        *out = sampler.release();
        return HG_OK;
    });
}

void hg_sampler_free(hg_sampler * sampler) { delete sampler; }

// Fills the candidates from the logits. False where a logit is no number.
static bool fill(hg_sampler & sampler, const float * logits) {
    auto & candidates = sampler.candidates;
    candidates.resize(sampler.n_vocab);
    bool sound = true;
    for (int32_t i = 0; i < sampler.n_vocab; i++) {
        sound = sound && !std::isnan(logits[i]) && logits[i] != INFINITY;
        candidates[i] = { i, logits[i], 0.0f };
    }
    return sound;
}

// Chooses from the candidates; -1 where there is nothing to choose from.
static llama_token choose(hg_sampler & sampler, llama_token_data_array & array) {
    // The samplers assert, and an assert ends the process: hand them only what they can choose from.
    const bool any = std::any_of(array.data, array.data + array.size,
                                 [](const llama_token_data & c) { return c.logit > -INFINITY; });
    if (!any) {
        return -1;
    }
    llama_sampler_apply(sampler.chain.get(), &array);
    return array.selected < 0 || static_cast<size_t>(array.selected) >= array.size ? -1 : array.data[array.selected].id;
}

int hg_sample(hg_sampler * sampler, hg_context * context, int32_t output, int32_t * token) {
    return guarded([&] {
        const float * logits = llama_get_logits_ith(context->context.get(), output);
        if (logits == nullptr || !fill(*sampler, logits)) {
            return HG_NO_CHOICE;
        }
        llama_token_data_array array{ sampler->candidates.data(), sampler->candidates.size(), -1, false };
        llama_sampler_apply(sampler->budget.get(), &array);
        llama_sampler_apply(sampler->lead.get(), &array);
        llama_token chosen = choose(*sampler, array);
        if (sampler->first && chosen != sampler->thought) {
            sampler->lead = std::move(sampler->lead_at_once);
            fill(*sampler, logits);
            array = { sampler->candidates.data(), sampler->candidates.size(), -1, false };
            llama_sampler_apply(sampler->budget.get(), &array);
            llama_sampler_apply(sampler->lead.get(), &array);
            chosen = choose(*sampler, array);
        }
        sampler->first = false;
        if (chosen >= 0 && sampler->bound()) {
            // To ask a grammar about one token is cheap, about all of them is not.
            if (!sampler->grammar->allows(chosen)) {
                fill(*sampler, logits);
                array = { sampler->candidates.data(), sampler->candidates.size(), -1, false };
                llama_sampler_apply(sampler->budget.get(), &array);
                llama_sampler_apply(sampler->lead.get(), &array);
                sampler->grammar->apply(array);
                chosen = choose(*sampler, array);
            }
        }
        if (chosen < 0) {
            return HG_NO_CHOICE;
        }
        sampler->accept(chosen);
        *token = chosen;
        return HG_OK;
    });
}

int hg_logprobs(const hg_context * context, int32_t output, int32_t token, float * chosen, int32_t * ids, float * values,
                size_t n) {
    return guarded([&] {
        const float * logits = llama_get_logits_ith(context->context.get(), output);
        const auto * vocab = llama_model_get_vocab(llama_get_model(context->context.get()));
        const size_t n_vocab = static_cast<size_t>(llama_vocab_n_tokens(vocab));
        if (logits == nullptr || token < 0 || static_cast<size_t>(token) >= n_vocab || n > n_vocab) {
            return HG_FAILED;
        }
        const float greatest = *std::max_element(logits, logits + n_vocab);
        double sum = 0.0;
        for (size_t i = 0; i < n_vocab; i++) {
            sum += std::exp(static_cast<double>(logits[i] - greatest));
        }
        const double whole = greatest + std::log(sum);
        const auto value = [&](size_t id) { return static_cast<float>(logits[id] - whole); };
        *chosen = value(static_cast<size_t>(token));
        std::vector<int32_t> order(n_vocab);
        std::iota(order.begin(), order.end(), 0);
        // Equals in the order of their ids, so that the same logits read the same everywhere.
        const auto likelier = [&](int32_t a, int32_t b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; };
        std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(n), order.end(), likelier);
        for (size_t i = 0; i < n; i++) {
            ids[i] = order[i];
            values[i] = value(static_cast<size_t>(order[i]));
        }
        return HG_OK;
    });
}

int hg_context_new(const hg_model * model, const hg_context_params * wanted, hg_context ** out, char * reason,
                   size_t reason_len) {
    log_scope log;
    const int code = guarded([&] {
        auto params = llama_context_default_params();
        params.n_ctx = wanted->context_per_slot * wanted->slots;
        params.n_seq_max = wanted->slots;
        params.n_batch = wanted->batch;
        params.n_ubatch = wanted->batch;
        params.n_threads = wanted->threads;
        params.n_threads_batch = wanted->threads;
        static const ggml_type types[] = { GGML_TYPE_F16, GGML_TYPE_Q8_0, GGML_TYPE_Q4_0 };
        if (wanted->cache < 0 || wanted->cache > 2) {
            return HG_FAILED;
        }
        params.type_k = params.type_v = types[wanted->cache];
        // Without flash attention the same tokens come whatever the neighbours, the threads and the chunks of a prompt;
        // with it they come sooner.
        params.flash_attn_type = wanted->exact != 0    ? LLAMA_FLASH_ATTN_TYPE_DISABLED
                                 : wanted->cache == 0 ? LLAMA_FLASH_ATTN_TYPE_AUTO
                                                      : LLAMA_FLASH_ATTN_TYPE_ENABLED;
        params.kv_unified = false;
        params.no_perf = true;
        auto made = std::make_unique<hg_context>();
        made->context.reset(llama_init_from_model(model->model.get(), params));
        if (!made->context) {
            return HG_FAILED;
        }
        made->batch_max = static_cast<int32_t>(wanted->batch);
        made->batch = llama_batch_init(made->batch_max, 0, 1);
        *out = made.release();
        return HG_OK;
    });
    if (code != HG_OK) {
        tell(reason, reason_len, log.lines);
    }
    return code;
}

void hg_context_free(hg_context * context) { delete context; }

uint32_t hg_context_per_slot(const hg_context * context) {
    return llama_n_ctx_seq(context->context.get());
}

int hg_decode(hg_context * context, const hg_batch_token * tokens, size_t n, bool (*unwanted)(void *), void * asked) {
    return guarded([&] {
        auto & batch = context->batch;
        if (n == 0 || n > static_cast<size_t>(context->batch_max)) {
            return HG_FAILED;
        }
        batch.n_tokens = static_cast<int32_t>(n);
        for (size_t i = 0; i < n; i++) {
            batch.token[i] = tokens[i].token;
            batch.pos[i] = tokens[i].position;
            batch.n_seq_id[i] = 1;
            batch.seq_id[i][0] = tokens[i].slot;
            batch.logits[i] = tokens[i].output != 0;
        }
        llama_set_abort_callback(context->context.get(), unwanted, asked);
        const int code = llama_decode(context->context.get(), batch);
        llama_set_abort_callback(context->context.get(), nullptr, nullptr);
        return code == 0 ? HG_OK : code == 1 ? HG_NO_ROOM : code == 2 ? HG_ABORTED : HG_FAILED;
    });
}

int hg_keep_slot(hg_context * context, int32_t slot, int32_t tokens) {
    return guarded([&] {
        auto * memory = llama_get_memory(context->context.get());
        return llama_memory_seq_rm(memory, slot, tokens, -1) ? HG_OK : HG_FAILED;
    });
}

int hg_copy_slot(hg_context * context, int32_t from, int32_t to) {
    return guarded([&] {
        llama_memory_seq_cp(llama_get_memory(context->context.get()), from, to, -1, -1);
        return HG_OK;
    });
}

static llama_state_seq_flags flags_of(int state) {
    return state != 0 ? LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY : LLAMA_STATE_SEQ_FLAGS_NONE;
}

int64_t hg_save_slot(hg_context * context, int32_t slot, int state, uint8_t * out, size_t cap) {
    try {
        auto * raw = context->context.get();
        const size_t size = llama_state_seq_get_size_ext(raw, slot, flags_of(state));
        if (size > cap) {
            return static_cast<int64_t>(size);
        }
        return static_cast<int64_t>(llama_state_seq_get_data_ext(raw, out, cap, slot, flags_of(state)));
    } catch (...) {
        return HG_FAILED;
    }
}

int hg_load_slot(hg_context * context, int32_t slot, int state, const uint8_t * data, size_t len) {
    return guarded([&] {
        auto * raw = context->context.get();
        return llama_state_seq_set_data_ext(raw, data, len, slot, flags_of(state)) == len ? HG_OK : HG_FAILED;
    });
}

int32_t hg_model_embedding_size(const hg_model * model) { return llama_model_n_embd_out(model->model.get()); }

int hg_embedder_new(const hg_model * model, uint32_t tokens, int32_t threads, hg_embedder ** out, char * reason,
                    size_t reason_len) {
    log_scope log;
    const int code = guarded([&] {
        auto params = llama_context_default_params();
        // A text is read in one piece: what reads in both directions cannot be cut.
        params.n_ctx = params.n_batch = params.n_ubatch = tokens;
        params.n_seq_max = 1;
        params.n_threads = params.n_threads_batch = threads;
        params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
        params.embeddings = true;
        params.no_perf = true;
        auto made = std::make_unique<hg_embedder>();
        made->context.reset(llama_init_from_model(model->model.get(), params));
        if (made->context && llama_pooling_type(made->context.get()) == LLAMA_POOLING_TYPE_NONE) {
            // A model that does not say how gets the mean.
            params.pooling_type = LLAMA_POOLING_TYPE_MEAN;
            made->context.reset(llama_init_from_model(model->model.get(), params));
        }
        if (!made->context || llama_pooling_type(made->context.get()) == LLAMA_POOLING_TYPE_RANK) {
            return HG_FAILED;
        }
        made->model = model->model.get();
        made->batch_max = static_cast<int32_t>(tokens);
        made->batch = llama_batch_init(made->batch_max, 0, 1);
        *out = made.release();
        return HG_OK;
    });
    if (code != HG_OK) {
        tell(reason, reason_len, log.lines);
    }
    return code;
}

void hg_embedder_free(hg_embedder * embedder) { delete embedder; }

int64_t hg_embedder_tokenize(const hg_model * model, hg_text text, int32_t * out, size_t cap) {
    try {
        return give(common_tokenize(model->vocab, own(text), true, false), out, cap);
    } catch (...) {
        return HG_FAILED;
    }
}

int hg_embed(hg_embedder * embedder, const int32_t * tokens, size_t n, float * out, size_t size,
             bool (*unwanted)(void *), void * asked) {
    return guarded([&] {
        auto * context = embedder->context.get();
        auto & batch = embedder->batch;
        if (n == 0 || n > static_cast<size_t>(embedder->batch_max) ||
            size != static_cast<size_t>(llama_model_n_embd_out(embedder->model))) {
            return HG_FAILED;
        }
        batch.n_tokens = static_cast<int32_t>(n);
        for (size_t i = 0; i < n; i++) {
            batch.token[i] = tokens[i];
            batch.pos[i] = static_cast<llama_pos>(i);
            batch.n_seq_id[i] = 1;
            batch.seq_id[i][0] = 0;
            batch.logits[i] = true;
        }
        if (auto * memory = llama_get_memory(context)) {
            llama_memory_clear(memory, true);
        }
        llama_set_abort_callback(context, unwanted, asked);
        const bool reads = llama_model_has_encoder(embedder->model) && !llama_model_has_decoder(embedder->model);
        const int code = reads ? llama_encode(context, batch) : llama_decode(context, batch);
        llama_set_abort_callback(context, nullptr, nullptr);
        if (code != 0) {
            return code == 2 ? HG_ABORTED : HG_FAILED;
        }
        const float * pooled = llama_get_embeddings_seq(context, 0);
        double sum = 0.0;
        for (size_t i = 0; pooled != nullptr && i < size; i++) {
            sum += static_cast<double>(pooled[i]) * pooled[i];
        }
        if (!(sum > 0.0) || !std::isfinite(sum)) {
            return HG_FAILED;
        }
        const double length = std::sqrt(sum);
        for (size_t i = 0; i < size; i++) {
            out[i] = static_cast<float>(pooled[i] / length);
        }
        return HG_OK;
    });
}

} // extern "C"
