// Results of several parts, each by what it is.
//
//   {"stdout":"a log of 900 lines","exit_code":1}     the string, as a log
//   <output> ... </output>                            what stands between, as what it is
//   === build === ... === test === ...                each command's output by itself
//   ```\n ... ```                                     what is fenced; the fence as it was
//
// Only bodies of some length are looked at; frames, short bodies and those of which nothing can
// go are joined again byte for byte. A gap has the lines of the whole result; in a JSON string,
// those of the string.
//
// Counter-examples: "=====" rules of a test report are part of it, "##" of a document are
// headings, and "--- a/x" of a diff is a file: headings count where the command prints them.
//
// Cost: O(bytes); bench/line_excerpts.

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "base/bytes.h"
#include "json/document.h"
#include "json/edits.h"
#include "json/strings.h"
#include "text/excerpt.h"
#include "text/line_text.h"
#include "text/parts_excerpt_split.h"

namespace headroom::text {
namespace {

constexpr size_t kMinBodyBytes = 800;
constexpr size_t kMinWrapperBytes = 1'000;
constexpr size_t kMaxWrapperValues = 64;  // a document with more is data, not a wrapper
constexpr size_t kMaxWrapperDepth = 6;
constexpr double kWrapped = 0.6;  // of the document's bytes are in its long strings
constexpr size_t kMinStringLines = 8;
constexpr size_t kMaxNesting = 3;

// What went from which parts; the closing marker counts the unit that most was left out of.
class Omissions {
 public:
  void Add(const Omission& omission) {
    Omission& sum = by_unit_.try_emplace(omission.unit, Omission{omission.unit, 0, 0}).first->second;
    sum.total += omission.total;
    sum.kept += omission.kept;
  }

  Omission Most() const {
    Omission most;
    for (const auto& [unit, sum] : by_unit_) {
      if (most.unit.empty() || sum.total - sum.kept > most.total - most.kept) most = sum;
    }
    return most;
  }

 private:
  std::map<std::string_view, Omission> by_unit_;
};

// Of lines, all that the text has, those of its frames and whole parts too.
Omission OfAllLines(Omission omission, std::string_view text) {
  if (omission.unit != "lines") return omission;
  const size_t left_out = omission.total - omission.kept;
  omission.total = SplitLines(text).lines.size();
  omission.kept = omission.total - std::min(left_out, omission.total);
  return omission;
}

std::optional<Excerpt> ExcerptNested(const ExcerptInput& in, size_t nesting);

// A body by its own kind, the call and question as for the whole.
std::optional<Excerpt> ExcerptBody(const ExcerptInput& in, std::string_view text, size_t first_line, size_t nesting) {
  if (text.size() < kMinBodyBytes || in.late()) return std::nullopt;
  Input input = in.input;
  input.text = text;
  input.kind = std::nullopt;
  const ExcerptInput body{.input = input,
                          .text = text,
                          .first_line = first_line,
                          .is_part = true,
                          .query = in.query,
                          .share = in.share,
                          .expired = in.expired};
  std::optional<Excerpt> excerpt = ExcerptNested(body, nesting + 1);
  if (!excerpt.has_value()) excerpt = ExcerptKind(body, DetectKind(input));
  if (!excerpt.has_value() || EstimateTokens(excerpt->text) >= EstimateTokens(text)) return std::nullopt;
  // The lines around it stay on lines of their own.
  const std::string_view end = text.substr(text.find_last_not_of("\r\n") + 1);
  while (!excerpt->text.empty() && (excerpt->text.back() == '\n' || excerpt->text.back() == '\r'))
    excerpt->text.pop_back();
  excerpt->text.append(end);
  return excerpt;
}

std::optional<Excerpt> ExcerptLines(const ExcerptInput& in, size_t nesting) {
  const std::vector<Part> parts = SplitParts(in.text, in.input.tool_arguments);
  if (parts.size() < 2) return std::nullopt;
  std::string out;
  Omissions omissions;
  bool any = false;
  for (const Part& part : parts) {
    std::optional<Excerpt> excerpt;
    if (part.is_body) excerpt = ExcerptBody(in, part.text, in.first_line + part.first_line, nesting);
    if (in.late()) return std::nullopt;
    if (excerpt.has_value()) omissions.Add(excerpt->omitted);
    any = any || excerpt.has_value();
    out.append(excerpt.has_value() ? std::string_view(excerpt->text) : part.text);
  }
  if (!any) return std::nullopt;
  return Excerpt{std::move(out), Kind::kPlain, "parts_excerpt", OfAllLines(omissions.Most(), in.text)};
}

// The long strings of a document of few values; false when there are too many.
bool FindStrings(const json::Document& document, const json::Token& token, size_t depth, size_t* values,
                 std::vector<json::Token>* strings) {
  if (++*values > kMaxWrapperValues || depth > kMaxWrapperDepth) return false;
  if (token.type == json::Type::kString && token.span.size() >= kMinBodyBytes) strings->push_back(token);
  if (token.type == json::Type::kObject) {
    const std::vector<json::Member> members = document.Members(token);
    return std::all_of(members.begin(), members.end(), [&](const json::Member& member) {
      return FindStrings(document, member.value, depth + 1, values, strings);
    });
  }
  if (token.type == json::Type::kArray) {
    const std::vector<json::Token> elements = document.Elements(token);
    return std::all_of(elements.begin(), elements.end(), [&](const json::Token& element) {
      return FindStrings(document, element, depth + 1, values, strings);
    });
  }
  return true;
}

std::optional<Excerpt> ExcerptWrapper(const ExcerptInput& in, size_t nesting) {
  const std::string_view trimmed = Trim(in.text.substr(0, std::min<size_t>(in.text.size(), 64)));
  if (in.text.size() < kMinWrapperBytes || (!trimmed.starts_with('{') && !trimmed.starts_with('[')))
    return std::nullopt;
  const PaddedBytes body(in.text);
  json::Document document;
  if (!document.Parse(body).ok()) return std::nullopt;
  std::vector<json::Token> strings;
  size_t values = 0;
  size_t wrapped = 0;
  if (!FindStrings(document, document.root(), 0, &values, &strings)) return std::nullopt;
  for (const json::Token& string : strings) wrapped += string.span.size();
  if (static_cast<double>(wrapped) < kWrapped * static_cast<double>(in.text.size())) return std::nullopt;
  json::EditList edits(static_cast<uint32_t>(in.text.size()));
  Omissions omissions;
  for (const json::Token& string : strings) {
    const std::optional<std::string> text = document.Text(string);
    if (!text.has_value() || text->find('\0') != std::string::npos) continue;
    if (static_cast<size_t>(std::count(text->begin(), text->end(), '\n')) < kMinStringLines) continue;
    const std::optional<Excerpt> excerpt = ExcerptBody(in, *text, 1, nesting);
    if (in.late()) return std::nullopt;
    if (!excerpt.has_value() || !edits.Replace(string.span, json::Quote(excerpt->text)).ok()) continue;
    omissions.Add(excerpt->omitted);
  }
  if (edits.empty()) return std::nullopt;
  return Excerpt{edits.Splice(document.body()), Kind::kJson, "parts_excerpt", omissions.Most()};
}

std::optional<Excerpt> ExcerptNested(const ExcerptInput& in, size_t nesting) {
  if (nesting >= kMaxNesting) return std::nullopt;
  if (std::optional<Excerpt> excerpt = ExcerptWrapper(in, nesting); excerpt.has_value()) return excerpt;
  return ExcerptLines(in, nesting);
}

}  // namespace

std::optional<Excerpt> ExcerptParts(const ExcerptInput& in) { return ExcerptNested(in, 0); }

}  // namespace headroom::text
