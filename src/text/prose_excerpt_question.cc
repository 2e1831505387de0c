#include "text/prose_excerpt_question.h"

#include <algorithm>
#include <string>

#include "text/line_text.h"
#include "text/words.h"

namespace headroom::text {

bool IsOfTasks(std::string_view stem) {
  static constexpr std::string_view kStems[] = {
      "able",     "add",       "amount",  "anyth",     "appl",        "ask",     "break",   "broken",     "bug",
      "build",    "carr",      "caus",    "chang",     "check",       "code",    "complet", "continu",    "correct",
      "crash",    "creat",     "current", "debug",     "differ",      "do",      "doc",     "edit",       "ensur",
      "error",    "everyth",   "explain", "fail",      "failur",      "featur",  "file",    "find",       "finish",
      "first",    "fix",       "follow",  "get",       "give",        "go",      "goal",    "good",       "happen",
      "help",     "implement", "improv",  "instruct",  "investigat",  "issu",    "keep",    "kind",       "last",
      "let",      "look",      "make",    "need",      "new",         "next",    "now",     "number",     "oka",
      "open",     "option",    "output",  "pleas",     "problem",     "proceed", "project", "read",       "reason",
      "refactor", "remov",     "repo",    "repositor", "requirement", "resolv",  "rest",    "result",     "review",
      "run",      "see",       "set",     "show",      "solut",       "solv",    "someth",  "start",      "step",
      "sure",     "task",      "tell",    "test",      "thank",       "thing",   "try",     "understand", "updat",
      "use",      "verif",     "want",    "way",       "work",        "writ",    "wrong",   "スク",       "タス",
      "任务",     "修复",      "修正",    "問題",      "完成",        "检查",    "続け",    "继续",       "运行",
      "问题"};
  static_assert(std::is_sorted(std::begin(kStems), std::end(kStems)));
  return std::binary_search(std::begin(kStems), std::end(kStems), stem);
}

bool AsksSomething(std::string_view question) {
  if (question.find("？") != std::string_view::npos) return true;
  for (size_t at = question.find('?'); at != std::string_view::npos; at = question.find('?', at + 1)) {
    if (at + 1 == question.size() || !IsWordByte(question[at + 1])) return true;
  }
  static constexpr std::string_view kStarts[] = {"how", "what", "when", "where", "which", "who", "why"};
  const std::string_view text = Trim(question);
  const std::string first = LowerCase(text.substr(0, text.find(' ')));
  return std::binary_search(std::begin(kStarts), std::end(kStarts), std::string_view(first));
}

size_t CountTellingWords(std::string_view words) {
  size_t count = 0;
  ForEachWord(words, [&](const Word& word) { count += IsStopWord(word.text) || IsOfTasks(StemOf(word.text)) ? 0 : 1; });
  return count;
}

}  // namespace headroom::text
