// Whether what the user wrote asks about a text at all.
//
//   "Which option limits the rate?"                       a question; option, limits and rate tell
//   "Please continue with the task and fix the problem."  a task; no word of it tells anything
//
// Thread-safe.

#pragma once

#include <cstddef>
#include <string_view>

namespace headroom::text {

// True for a question, false for a task ("Refactor the client and add a test"). Cost: O(bytes).
bool AsksSomething(std::string_view question);

// Words that tasks of any kind are given in ("fix", "continue", "problem"), by their stems or pairs of
// characters: no part of a text is asked for by them. Cost: O(bytes).
bool IsOfTasks(std::string_view stem);

// Words of a heading or name that say what it is about. Requires lower case. Cost: O(bytes).
size_t CountTellingWords(std::string_view words);

}  // namespace headroom::text
