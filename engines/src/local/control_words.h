// Keeps what a chat says from controlling the model.

#pragma once

#include "common.h"
#include "json.h"
#include "llama.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

// Texts of control tokens. Where a chat says one, it is said, and controls nothing: before the template is rendered each
// is exchanged for a number between two characters of private use, and after it for its letters, split as plain text.
struct control_words {
    static constexpr const char * open = "\xEE\x83\xB8";  // U+E0F8
    static constexpr const char * close = "\xEE\x83\xB9"; // U+E0F9
    static constexpr size_t edge = 3;                     // bytes of either, and of the shortest word
    static constexpr size_t depth_max = 64;               // nesting of JSON within a string

    std::vector<std::string> words;
    // By their first bytes, the longest first.
    std::unordered_map<std::string, std::vector<size_t>> by_head;

    void add(const llama_vocab * vocab) {
        for (llama_token id = 0; id < llama_vocab_n_tokens(vocab); id++) {
            const char * text = llama_vocab_get_text(vocab, id);
            if (text != nullptr && std::strlen(text) >= edge && controls(vocab, id, text)) {
                words.emplace_back(text);
            }
        }
        for (size_t i = 0; i < words.size(); i++) {
            by_head[words[i].substr(0, edge)].push_back(i);
        }
        for (auto & [head, known] : by_head) {
            std::sort(known.begin(), known.end(), [&](size_t a, size_t b) { return words[a].size() > words[b].size(); });
        }
    }

    // llama.cpp keeps some families' control tokens as words, so that answers show them. They are told by their pipes.
    static bool controls(const llama_vocab * vocab, llama_token id, const std::string & text) {
        const auto begins = [&](const std::string & head) { return text.compare(0, head.size(), head) == 0; };
        const auto ends = [&](const std::string & tail) {
            return text.size() >= tail.size() && text.compare(text.size() - tail.size(), tail.size(), tail) == 0;
        };
        return llama_vocab_is_control(vocab, id) ||
               ((llama_vocab_get_attr(vocab, id) & LLAMA_TOKEN_ATTR_USER_DEFINED) != 0 &&
                ((begins("<|") && ends(">")) || (begins("<") && ends("|>"))));
    }

    // A word that was said, letter by letter: its first apart, so that the rest is not taken for the word either.
    static std::vector<llama_token> spell(const llama_vocab * vocab, const std::string & word) {
        size_t first = 1;
        while (first < word.size() && (static_cast<unsigned char>(word[first]) & 0xC0) == 0x80) {
            first++;
        }
        auto tokens = common_tokenize(vocab, word.substr(0, first), false, false);
        const auto rest = common_tokenize(vocab, word.substr(first), false, false);
        tokens.insert(tokens.end(), rest.begin(), rest.end());
        return tokens;
    }

    const size_t * at(const std::string & text, size_t place) const {
        if (by_head.empty() || place + edge > text.size()) {
            return nullptr;
        }
        const auto found = by_head.find(text.substr(place, edge));
        if (found == by_head.end()) {
            return nullptr;
        }
        for (const auto & index : found->second) {
            if (text.compare(place, words[index].size(), words[index]) == 0) {
                return &index;
            }
        }
        return nullptr;
    }

    void hide(std::string & text) const {
        std::string out;
        size_t copied = 0;
        for (size_t place = 0; place < text.size(); place++) {
            const size_t * index = at(text, place);
            if (index == nullptr) {
                continue;
            }
            out.append(text, copied, place - copied).append(open).append(std::to_string(*index)).append(close);
            place += words[*index].size() - 1;
            copied = place + 1;
        }
        if (copied > 0) {
            text = out.append(text, copied);
        }
    }

    // Words in JSON may be spelled in escapes, which a template that takes the JSON apart undoes.
    void hide_in_json(std::string & text) const {
        auto value = common_json::parse_no_throw(text);
        if (value.is_discarded()) {
            hide(text);
        } else if (nesting(text) > depth_max) {
            // What takes it apart recurses.
            throw std::invalid_argument("depth");
        } else if (hide_inside(value)) {
            text = value.dump();
        }
    }

    bool hide_inside(common_json & value) const {
        bool some = false;
        if (value.is_string()) {
            auto text = value.get<std::string>();
            hide(text);
            some = text != value.get<std::string>();
            if (some) {
                value = text;
            }
        } else if (value.is_array()) {
            for (auto & inner : value) {
                some = hide_inside(inner) || some;
            }
        } else if (value.is_object()) {
            bool renamed = false;
            for (const auto & [key, inner] : value.items()) {
                some = hide_inside(inner) || some;
                auto name = key;
                hide(name);
                renamed = renamed || name != key;
            }
            if (renamed) {
                auto hidden = common_json::object();
                for (const auto & [key, inner] : value.items()) {
                    auto name = key;
                    hide(name);
                    hidden[name] = inner;
                }
                value = std::move(hidden);
                some = true;
            }
        }
        return some;
    }

    // How deep the brackets of a JSON text nest.
    static size_t nesting(const std::string & text) {
        size_t depth = 0;
        size_t deepest = 0;
        bool quoted = false;
        for (size_t i = 0; i < text.size(); i++) {
            const char c = text[i];
            if (quoted) {
                i += c == '\\';
                quoted = c != '"';
            } else if (c == '"') {
                quoted = true;
            } else if (c == '[' || c == '{') {
                deepest = std::max(deepest, ++depth);
            } else if (c == ']' || c == '}') {
                depth--;
            }
        }
        return deepest;
    }

    // The text in parts: those that the template may speak with, and words that were said.
    template <typename F> void each(const std::string & text, F && part) const {
        size_t from = 0;
        for (size_t at = text.find(open); at != std::string::npos; at = text.find(open, at + edge)) {
            const size_t end = text.find(close, at);
            const size_t digits = end == std::string::npos ? 0 : end - at - edge;
            if (digits == 0 || digits > 6 || text.find_first_not_of("0123456789", at + edge) != end) {
                continue;
            }
            const size_t index = std::stoul(text.substr(at + edge, digits));
            if (index >= words.size()) {
                continue;
            }
            part(text.substr(from, at - from), false);
            part(words[index], true);
            from = end + edge;
        }
        part(text.substr(from), false);
    }
};
