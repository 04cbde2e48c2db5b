// Holds answers to a grammar, and counts what that costs.
//
// llama.cpp follows every way in which a text can be read, each for itself: a grammar with many ways stalls whoever waits
// behind it, and takes memory without end. Here the sets of ways that a text leads to are states, found when they are first
// needed and known from then on, so that a token costs a look-up for each of its characters; and whatever is worked out anew
// is paid for from an allowance. The grammar's text and its elements are llama.cpp's (`src/llama-grammar.h`).

#pragma once

#include "llama-grammar.h"
#include "llama.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The texts of a vocabulary in the order of their bytes, with what each begins with of the one before.
class vocabulary_texts {
  public:
    explicit vocabulary_texts(const llama_vocab * vocab) {
        const int32_t n = llama_vocab_n_tokens(vocab);
        std::string piece;
        for (llama_token token = 0; token < n; token++) {
            piece.resize(256);
            int32_t size = llama_token_to_piece(vocab, token, piece.data(), static_cast<int32_t>(piece.size()), 0, true);
            if (size < 0) {
                piece.resize(static_cast<size_t>(-size));
                size = llama_token_to_piece(vocab, token, piece.data(), -size, 0, true);
            }
            bytes.append(piece, 0, static_cast<size_t>(std::max(size, 0)));
            ends.push_back(bytes.size());
            ends_turn.push_back(llama_vocab_is_eog(vocab, token));
        }
        order.resize(ends.size());
        std::iota(order.begin(), order.end(), 0);
        std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return of(a) < of(b); });
        common.resize(order.size(), 0);
        for (size_t i = 1; i < order.size(); i++) {
            const auto one = of(order[i - 1]), other = of(order[i]);
            const size_t most = std::min(one.size(), other.size());
            while (common[i] < most && one[common[i]] == other[common[i]]) {
                common[i]++;
            }
        }
    }

    std::string_view of(llama_token token) const {
        const size_t at = static_cast<size_t>(token), begin = at == 0 ? 0 : ends[at - 1];
        return std::string_view(bytes).substr(begin, ends[at] - begin);
    }

    bool knows(llama_token token) const { return token >= 0 && static_cast<size_t>(token) < ends.size(); }

    // Tokens by their texts; how many first bytes each shares with the one before; whether a token ends a turn.
    std::vector<int32_t> order;
    std::vector<uint32_t> common;
    std::vector<bool> ends_turn;

  private:
    std::string bytes;
    std::vector<size_t> ends;
};

// Thrown where a grammar takes more than it may.
struct grammar_too_costly {};

class bounded_grammar {
  public:
    // What waits for a mark of the text before it holds the answer to anything.
    struct triggers {
        bool lazy = false;
        std::vector<std::string> patterns;
        std::vector<llama_token> tokens;
    };

    bounded_grammar(const llama_vocab * vocab, std::shared_ptr<const vocabulary_texts> texts, const std::string & text,
                    const triggers & awaited)
        : texts(std::move(texts)), waits(awaited.lazy), trigger_tokens(awaited.tokens) {
        if (text.size() > TEXT_MAX) {
            throw grammar_too_costly{};
        }
        llama_grammar_parser parser(vocab);
        const bool sound = parser.parse(text.c_str()) && !parser.rules.empty();
        const auto root = parser.symbol_ids.find("root");
        if (!sound || root == parser.symbol_ids.end()) {
            throw std::runtime_error("no grammar");
        }
        rules = std::move(parser.rules);
        for (const auto & pattern : awaited.patterns) {
            auto & trigger = trigger_patterns.emplace_back();
            trigger.pattern = pattern;
            trigger.regex = std::regex(pattern);
        }
        ways first;
        each_alternate(root->second, [&](const element * begin) {
            advance(is_end(begin) ? way{} : way{ begin }, first);
        });
        now = intern(std::move(first));
    }

    // Rules out the tokens that the grammar does not allow next.
    void apply(llama_token_data_array & candidates) {
        if (waits) {
            return;
        }
        std::vector<bool> allowed(texts->order.size(), false);
        const bool may_end = states[now]->may_end;
        std::vector<point> path{ { now, partial } };
        // The first of the bytes shared with the token before that led nowhere; beyond any where all lead somewhere.
        size_t dead = SIZE_MAX;
        for (size_t i = 0; i < texts->order.size(); i++) {
            const auto token = texts->order[i];
            const size_t shared = texts->common[i];
            pay(1);
            if (shared > dead) {
                continue;
            }
            dead = SIZE_MAX;
            path.resize(shared + 1);
            const auto text = texts->of(token);
            for (size_t at = shared; at < text.size() && dead == SIZE_MAX; at++) {
                auto next = path.back();
                if (!step(next, static_cast<uint8_t>(text[at]))) {
                    dead = at;
                }
                path.push_back(next);
            }
            allowed[static_cast<size_t>(token)] = dead == SIZE_MAX && !text.empty() && text[0] != 0 && can_stop(path.back());
        }
        for (size_t i = 0; i < candidates.size; i++) {
            auto & candidate = candidates.data[i];
            const auto id = static_cast<size_t>(candidate.id);
            const bool fits = texts->ends_turn[id] ? may_end : allowed[id] || taken_whole(candidate.id);
            if (!fits) {
                candidate.logit = -INFINITY;
            }
        }
    }

    // Whether a token may come next.
    bool allows(llama_token token) {
        if (waits) {
            return true;
        }
        if (!texts->knows(token)) {
            return false;
        }
        if (texts->ends_turn[static_cast<size_t>(token)]) {
            return states[now]->may_end;
        }
        const auto text = texts->of(token);
        point at{ now, partial };
        const bool read = !text.empty() && text[0] != 0 && std::all_of(text.begin(), text.end(), [&](char byte) {
            return step(at, static_cast<uint8_t>(byte));
        });
        return (read && can_stop(at)) || taken_whole(token);
    }

    // Goes on behind a token.
    void accept(llama_token token) {
        allowance = std::min(allowance + PER_TOKEN, ALLOWANCE_MAX);
        if (!texts->knows(token)) {
            throw std::runtime_error("no token");
        }
        if (!waits) {
            if (!texts->ends_turn[static_cast<size_t>(token)]) {
                read(token, texts->of(token));
            } else if (!states[now]->may_end) {
                throw std::runtime_error("an end too early");
            }
            return;
        }
        const auto text = texts->of(token);
        if (std::find(trigger_tokens.begin(), trigger_tokens.end(), token) != trigger_tokens.end()) {
            waits = false;
            read(token, text);
            return;
        }
        unbound.push_back({ token, seen.size() });
        seen += text;
        for (const auto & pattern : trigger_patterns) {
            const size_t start = pattern.find(seen);
            if (start == std::string::npos) {
                continue;
            }
            waits = false;
            for (size_t i = 0; i < unbound.size(); i++) {
                const size_t end = i + 1 < unbound.size() ? unbound[i + 1].second : seen.size();
                const size_t begin = std::max(unbound[i].second, start);
                if (begin < end) {
                    read(unbound[i].first, std::string_view(seen).substr(begin, end - begin));
                }
            }
            return;
        }
    }

  private:
    using element = llama_grammar_element;
    // What is still to come of one way, the next thing last.
    using way = std::vector<const element *>;
    using ways = std::set<way>;

    // Of the grammar's text, and of what one set of ways holds.
    static constexpr size_t TEXT_MAX = 512 << 10;
    static constexpr size_t WAYS_MAX = 4096;
    static constexpr size_t DEPTH_MAX = 1024;
    // Steps that a grammar may take: at once, and for each token on the way. A million take some five milliseconds.
    static constexpr int64_t ALLOWANCE_MAX = 24 << 20;
    static constexpr int64_t PER_TOKEN = 2 << 20;
    // Words of memory in all states that are kept; twice as many while one token is looked for.
    static constexpr size_t KEPT_MAX = 1 << 20;
    static constexpr int32_t UNKNOWN = -2, DEAD = -1;

    struct state {
        std::vector<way> all;
        bool may_end = false;
        // Whether a token as such is one of the next things.
        bool takes_tokens = false;
        std::array<int32_t, 128> ascii;
        // Where among further characters another begins to matter, and what follows on those between.
        std::vector<uint32_t> bounds;
        std::vector<int32_t> others;
    };
    struct utf8 {
        uint32_t value = 0;
        int remain = 0;
    };
    struct point {
        int32_t state;
        utf8 partial;
    };

    std::shared_ptr<const vocabulary_texts> texts;
    llama_grammar_rules rules;
    std::vector<std::unique_ptr<state>> states;
    std::map<std::vector<way>, int32_t> known;
    size_t kept = 0;
    int32_t now = DEAD;
    utf8 partial;
    int64_t allowance = ALLOWANCE_MAX;

    bool waits;
    std::vector<llama_token> trigger_tokens;
    std::vector<llama_grammar_trigger_pattern> trigger_patterns;
    std::string seen;
    std::vector<std::pair<llama_token, size_t>> unbound;

    void pay(size_t steps) {
        allowance -= static_cast<int64_t>(steps);
        if (allowance < 0) {
            throw grammar_too_costly{};
        }
    }

    static bool is_end(const element * at) { return at->type == LLAMA_GRETYPE_END || at->type == LLAMA_GRETYPE_ALT; }

    static bool is_token(const element * at) {
        return at->type == LLAMA_GRETYPE_TOKEN || at->type == LLAMA_GRETYPE_TOKEN_NOT;
    }

    template <typename F> void each_alternate(uint32_t rule, F && body) {
        const element * at = rules.at(rule).data();
        for (;; at++) {
            body(at);
            while (!is_end(at)) {
                at++;
                pay(1);
            }
            if (at->type == LLAMA_GRETYPE_END) {
                return;
            }
        }
    }

    // The ways on which the next thing is a character or a token, or nothing.
    void advance(way first, ways & out) {
        std::vector<way> todo;
        ways been;
        todo.push_back(std::move(first));
        while (!todo.empty()) {
            way top = std::move(todo.back());
            todo.pop_back();
            pay(1 + top.size());
            if (top.size() > DEPTH_MAX || out.size() > WAYS_MAX || been.size() + todo.size() > 8 * WAYS_MAX) {
                throw grammar_too_costly{};
            }
            if (top.empty() || top.back()->type != LLAMA_GRETYPE_RULE_REF) {
                out.insert(std::move(top));
                continue;
            }
            if (!been.insert(top).second) {
                continue;
            }
            const element * at = top.back();
            top.pop_back();
            if (!is_end(at + 1)) {
                top.push_back(at + 1);
            }
            each_alternate(at->value, [&](const element * begin) {
                pay(1 + top.size());
                todo.push_back(top);
                if (!is_end(begin)) {
                    todo.back().push_back(begin);
                }
                if (todo.size() > 8 * WAYS_MAX) {
                    throw grammar_too_costly{};
                }
            });
        }
    }

    int32_t intern(ways && all) {
        if (all.empty()) {
            return DEAD;
        }
        if (all.size() > WAYS_MAX) {
            throw grammar_too_costly{};
        }
        std::vector<way> list(all.begin(), all.end());
        const auto found = known.find(list);
        if (found != known.end()) {
            return found->second;
        }
        kept += 128;
        for (const auto & one : list) {
            kept += 10 + 2 * one.size();
        }
        if (kept > 2 * KEPT_MAX) {
            throw grammar_too_costly{};
        }
        pay(64);
        auto made = std::make_unique<state>();
        made->may_end = list.front().empty();
        made->takes_tokens = std::any_of(list.begin(), list.end(), [](const way & one) {
            return !one.empty() && is_token(one.back());
        });
        made->ascii.fill(UNKNOWN);
        made->all = list;
        find_bounds(*made);
        states.push_back(std::move(made));
        const auto id = static_cast<int32_t>(states.size() - 1);
        known.emplace(std::move(list), id);
        return id;
    }

    void find_bounds(state & of) {
        std::set<uint32_t> bounds;
        for (const auto & one : of.all) {
            if (one.empty() || is_token(one.back())) {
                continue;
            }
            const element * at = one.back();
            do {
                pay(1);
                const bool range = at[1].type == LLAMA_GRETYPE_CHAR_RNG_UPPER;
                const uint32_t last = range ? at[1].value : at->value;
                if (at->type != LLAMA_GRETYPE_CHAR_ANY && last >= of.ascii.size()) {
                    bounds.insert(at->value);
                    bounds.insert(last + 1);
                }
                at += range ? 2 : 1;
            } while (at->type == LLAMA_GRETYPE_CHAR_ALT);
        }
        kept += bounds.size();
        of.bounds.assign(bounds.begin(), bounds.end());
        of.others.assign(bounds.size() + 1, UNKNOWN);
    }

    // Whether a character fits an element, and what comes after it.
    std::pair<bool, const element *> match(const element * at, uint32_t character) {
        const bool positive = at->type != LLAMA_GRETYPE_CHAR_NOT;
        bool found = false;
        do {
            pay(1);
            if (at->type == LLAMA_GRETYPE_CHAR_ANY) {
                found = true;
                at += 1;
            } else if (at[1].type == LLAMA_GRETYPE_CHAR_RNG_UPPER) {
                found = found || (at->value <= character && character <= at[1].value);
                at += 2;
            } else {
                found = found || at->value == character;
                at += 1;
            }
        } while (at->type == LLAMA_GRETYPE_CHAR_ALT);
        return { found == positive, at };
    }

    int32_t next(int32_t from, uint32_t character) {
        auto & origin = *states[static_cast<size_t>(from)];
        const auto between = [&] {
            return std::upper_bound(origin.bounds.begin(), origin.bounds.end(), character) - origin.bounds.begin();
        };
        int32_t * place = character < origin.ascii.size() ? &origin.ascii[character]
                                                          : &origin.others[static_cast<size_t>(between())];
        if (*place == UNKNOWN) {
            ways after;
            for (const auto & one : origin.all) {
                pay(1);
                if (one.empty() || is_token(one.back())) {
                    continue;
                }
                const auto [fits, rest] = match(one.back(), character);
                if (fits) {
                    way left(one.begin(), one.end() - 1);
                    if (!is_end(rest)) {
                        left.push_back(rest);
                    }
                    advance(std::move(left), after);
                }
            }
            *place = intern(std::move(after));
        }
        return *place;
    }

    // Goes one byte on. False where nothing begins so.
    bool step(point & at, uint8_t byte) {
        pay(1);
        auto & [value, remain] = at.partial;
        if (remain > 0) {
            if ((byte & 0xC0) != 0x80) {
                return false;
            }
            value = value << 6 | (byte & 0x3F);
            remain--;
        } else if (byte < 0x80) {
            value = byte;
        } else if (byte >= 0xC2 && byte < 0xF5) {
            remain = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
            value = byte & (0x3F >> remain);
        } else {
            return false;
        }
        if (remain > 0) {
            return true;
        }
        at.state = next(at.state, value);
        at.partial = {};
        return at.state != DEAD;
    }

    // Whether a text may end here, for another token to go on: what is begun of a character can become one that fits.
    bool can_stop(const point & at) {
        const auto & [value, remain] = at.partial;
        if (remain == 0) {
            return true;
        }
        uint32_t low = value << (6 * remain);
        const uint32_t high = low | ((1U << (6 * remain)) - 1);
        low = std::max(low, remain == 3 ? 0x10000U : remain == 2 ? 0x800U : 0x80U);
        const auto & all = states[static_cast<size_t>(at.state)]->all;
        return std::any_of(all.begin(), all.end(), [&](const way & one) {
            return !one.empty() && !is_token(one.back()) && matches_some(one.back(), low, high);
        });
    }

    bool matches_some(const element * at, uint32_t low, uint32_t high) {
        if (at->type != LLAMA_GRETYPE_CHAR) {
            // What is left out of all characters is seldom all that a beginning can become.
            return true;
        }
        do {
            pay(1);
            const bool range = at[1].type == LLAMA_GRETYPE_CHAR_RNG_UPPER;
            if (at->value <= high && low <= (range ? at[1].value : at->value)) {
                return true;
            }
            at += range ? 2 : 1;
        } while (at->type == LLAMA_GRETYPE_CHAR_ALT);
        return false;
    }

    static bool is_meant(const element * at, llama_token token) {
        const bool same = at->value == static_cast<uint32_t>(token);
        return at->type == LLAMA_GRETYPE_TOKEN ? same : at->type == LLAMA_GRETYPE_TOKEN_NOT && !same;
    }

    // Whether the grammar asks for a token as such.
    bool taken_whole(llama_token token) {
        const auto & at = *states[static_cast<size_t>(now)];
        return at.takes_tokens && std::any_of(at.all.begin(), at.all.end(), [&](const way & one) {
            return !one.empty() && is_meant(one.back(), token);
        });
    }

    void read(llama_token token, std::string_view text) {
        forget();
        ways after;
        const bool as_such = taken_whole(token);
        for (const auto & one : as_such ? states[static_cast<size_t>(now)]->all : std::vector<way>()) {
            if (!one.empty() && is_meant(one.back(), token)) {
                way left(one.begin(), one.end() - 1);
                if (!is_end(one.back() + 1)) {
                    left.push_back(one.back() + 1);
                }
                advance(std::move(left), after);
            }
        }
        point at{ now, partial };
        const bool fits = std::all_of(text.begin(), text.end(), [&](char byte) {
            return step(at, static_cast<uint8_t>(byte));
        });
        if (after.empty()) {
            now = fits ? at.state : DEAD;
            partial = at.partial;
        } else {
            if (fits) {
                const auto & all = states[static_cast<size_t>(at.state)]->all;
                after.insert(all.begin(), all.end());
            }
            now = intern(std::move(after));
            partial = {};
        }
        if (now == DEAD) {
            // What was read is not what the grammar asks for, and nobody may go on from there.
            now = intern(ways{ way{} });
            throw std::runtime_error("a token that the grammar does not allow");
        }
    }

    // Forgets all states but the one that it is in, where they have become many.
    void forget() {
        if (kept <= KEPT_MAX) {
            return;
        }
        ways all(states[static_cast<size_t>(now)]->all.begin(), states[static_cast<size_t>(now)]->all.end());
        states.clear();
        known.clear();
        kept = 0;
        now = intern(std::move(all));
    }
};
