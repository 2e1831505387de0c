#include "text/shell_words.h"

#include <algorithm>
#include <array>

#include "text/line_text.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxWords = 4096;

bool IsAssignment(std::string_view word) {
  const size_t equals = word.find('=');
  if (equals == 0 || equals == std::string_view::npos || IsDigit(word[0])) return false;
  return std::all_of(word.begin(), word.begin() + static_cast<ptrdiff_t>(equals),
                     [](char c) { return IsLetter(c) || IsDigit(c) || c == '_'; });
}

// Words in front of a command that do not change what it prints.
bool IsWrapper(std::string_view word) {
  static constexpr std::array<std::string_view, 18> kWrappers = {"then", "do",   "else",  "if",   "while",   "{",
                                                                 "(",    "!",    "time",  "sudo", "command", "env",
                                                                 "nice", "exec", "nohup", "elif", "until",   "stdbuf"};
  return std::find(kWrappers.begin(), kWrappers.end(), word) != kWrappers.end();
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text.substr(0, kMaxCommandBytes)) {}

  std::vector<Pipeline> Parse() {
    while (at_ < text_.size() && words_ < kMaxWords) Step();
    EndPipeline();
    return std::move(pipelines_);
  }

 private:
  void Step() {
    const char c = text_[at_];
    if (c == '\n') {
      ++at_;
      EndPipeline();
      SkipHereDocuments();
    } else if (IsBlank(c) || c == '\r') {
      ++at_;
    } else if (c == ';' || c == ')' || c == '(') {
      ++at_;
      EndPipeline();
    } else if (c == '&' && Next() != '>') {
      at_ += Next() == '&' ? 2 : 1;
      EndPipeline();
    } else if (c == '|') {
      const bool alternative = Next() == '|';
      at_ += alternative || Next() == '&' ? 2 : 1;
      alternative ? EndPipeline() : EndCommand();
    } else if (c == '#') {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    } else if (IsRedirection()) {
      Redirect();
    } else {
      AddWord(Word());
    }
  }

  char Next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }

  bool IsRedirection() const {
    size_t at = at_ + LeadingDigits(text_.substr(at_, 2));
    if (at < text_.size() && text_[at] == '&') ++at;
    return at < text_.size() && (text_[at] == '>' || text_[at] == '<');
  }

  void Redirect() {
    const char descriptor = text_[at_];
    while (text_[at_] != '>' && text_[at_] != '<') ++at_;
    const bool reads = text_[at_] == '<';
    const size_t begin = at_;
    while (at_ < text_.size() && (text_[at_] == text_[begin] || text_[at_] == '|')) ++at_;
    const size_t signs = at_ - begin;
    if (reads && signs == 2 && at_ < text_.size() && text_[at_] == '-') ++at_;
    const bool duplicates = at_ < text_.size() && text_[at_] == '&';
    if (duplicates) ++at_;
    while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
    const std::string target = Word();
    if (reads && signs == 2) here_documents_.push_back(target);
    if (reads && signs == 1) AddWord(target);  // `cat < f` prints f
    if (!reads && !duplicates && descriptor != '2' && target != "/dev/stdout" && target != "/dev/stderr") {
      command_.writes_file = true;
    }
  }

  // One word with its quotes resolved.
  std::string Word() {
    std::string word;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\'' || c == '"') {
        Quoted(c, &word);
      } else if (c == '\\' && at_ + 1 < text_.size()) {
        if (text_[at_ + 1] != '\n') word.push_back(text_[at_ + 1]);
        at_ += 2;
      } else if (c == '$' && Next() == '(') {
        Substitution(&word);
      } else if (IsBlank(c) || std::string_view("\r\n;&|<>()").find(c) != std::string_view::npos) {
        break;
      } else {
        word.push_back(c);
        ++at_;
      }
    }
    return word;
  }

  void Quoted(char quote, std::string* word) {
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      const bool escape = quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() &&
                          std::string_view("\"\\$`").find(text_[at_ + 1]) != std::string_view::npos;
      if (escape) ++at_;
      word->push_back(text_[at_]);
    }
    if (at_ < text_.size()) ++at_;
    quoted_ = true;
  }

  // "$(...)" kept as written, up to its closing bracket.
  void Substitution(std::string* word) {
    size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      word->push_back(c);
      if (c == '(') ++depth;
      if (c == ')' && --depth == 0) {
        ++at_;
        return;
      }
    }
  }

  void AddWord(std::string word) {
    const bool droppable = command_.words.empty() && !quoted_ && (IsWrapper(word) || IsAssignment(word));
    if ((!word.empty() || quoted_) && !droppable) command_.words.push_back(std::move(word));
    quoted_ = false;
    ++words_;
    // A word that starts with a byte Word() cannot take would not move on.
    if (at_ < text_.size() && at_ == last_at_) ++at_;
    last_at_ = at_;
  }

  void EndCommand() {
    if (!command_.words.empty()) pipeline_.push_back(std::move(command_));
    command_ = {};
  }

  void EndPipeline() {
    EndCommand();
    if (!pipeline_.empty()) pipelines_.push_back(std::move(pipeline_));
    pipeline_ = {};
  }

  void SkipHereDocuments() {
    for (const std::string& end : here_documents_) {
      while (at_ < text_.size()) {
        const size_t newline = std::min(text_.find('\n', at_), text_.size());
        const std::string_view line = text_.substr(at_, newline - at_);
        at_ = std::min(newline + 1, text_.size());
        if (Trim(line) == end) break;
      }
    }
    here_documents_.clear();
  }

  const std::string_view text_;
  size_t at_ = 0;
  size_t last_at_ = 0;
  size_t words_ = 0;
  bool quoted_ = false;
  SimpleCommand command_;
  Pipeline pipeline_;
  std::vector<Pipeline> pipelines_;
  std::vector<std::string> here_documents_;
};

}  // namespace

std::vector<Pipeline> ParseShell(std::string_view command) { return Parser(command).Parse(); }

}  // namespace headroom::text
