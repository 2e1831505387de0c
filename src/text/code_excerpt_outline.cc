#include "text/code_excerpt_outline.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "text/line_text.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kPolledNodes = 4096;
constexpr size_t kMaxNameBytes = 200;
constexpr size_t kFirstRows = 8;  // an error that goes on longer is a file that is cut
// A function is a container when this much of it are at least two functions, or one that wraps most of the text.
constexpr double kContainerShare = 0.6;
constexpr double kWrapperShare = 0.5;

struct ParserDeleter {
  void operator()(TSParser* parser) const { ts_parser_delete(parser); }
};
struct TreeDeleter {
  void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};
using Tree = std::unique_ptr<TSTree, TreeDeleter>;

// Asked by the parser every hundred operations: true stops it.
bool IsLate(TSParseState* state) { return static_cast<const ExcerptInput*>(state->payload)->late(); }

struct Chars {
  std::string_view code;
};

// The whole text is one chunk.
const char* Read(void* payload, uint32_t byte, TSPoint, uint32_t* length) {
  const std::string_view code = static_cast<const Chars*>(payload)->code;
  *length = static_cast<uint32_t>(byte < code.size() ? code.size() - byte : 0);
  return code.data() + std::min<size_t>(byte, code.size());
}

Tree Parse(const TSLanguage* grammar, std::string_view code, const ExcerptInput& in) {
  const std::unique_ptr<TSParser, ParserDeleter> parser(ts_parser_new());
  if (!ts_parser_set_language(parser.get(), grammar)) return nullptr;
  Chars chars{code};
  ExcerptInput asked = in;
  const TSInput input{.payload = &chars, .read = Read, .encoding = TSInputEncodingUTF8, .decode = nullptr};
  const TSParseOptions options{.payload = &asked, .progress_callback = IsLate};
  return Tree(ts_parser_parse_with_options(parser.get(), nullptr, input, options));
}

TSNode Field(TSNode node, std::string_view name) {
  return ts_node_child_by_field_name(node, name.data(), static_cast<uint32_t>(name.size()));
}

// Nothing, or blanks and the carriage return of a line's end.
bool IsBlankText(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

class Walk {
 public:
  Walk(const CodeLanguage& language, const CodeSource& source, const ExcerptInput& in)
      : language_(language), source_(source), in_(in) {
    outline_.is_comment.resize(source.rows());
  }

  // False when the deadline passed.
  bool Run(TSNode root) {
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    const bool done = Visit(&cursor);
    ts_tree_cursor_delete(&cursor);
    if (!done) return false;
    outline_.error_share = static_cast<double>(error_bytes_) / static_cast<double>(source_.code.size());
    FindContainers();
    for (CodeFunction& function : outline_.functions) function.doc_row = DocRow(function.row);
    for (CodeType& type : outline_.types) type.doc_row = DocRow(type.row);
    return true;
  }

  CodeOutline Take() { return std::move(outline_); }

 private:
  struct Open {
    size_t depth;
    size_t function = kNoIndex;  // or
    size_t type = kNoIndex;
  };

  bool Visit(TSTreeCursor* cursor) {
    for (size_t visited = 1;; ++visited) {
      if (visited % kPolledNodes == 0 && in_.late()) return false;
      const TSNode node = ts_tree_cursor_current_node(cursor);
      path_.push_back(node);
      Enter(node);
      if (ts_tree_cursor_goto_first_child(cursor)) continue;
      Leave();
      while (!ts_tree_cursor_goto_next_sibling(cursor)) {
        if (!ts_tree_cursor_goto_parent(cursor)) return true;
        Leave();
      }
    }
  }

  void Leave() {
    path_.pop_back();
    if (!open_.empty() && open_.back().depth > path_.size()) open_.pop_back();
  }

  void Enter(TSNode node) {
    if (ts_node_is_error(node)) AddError(node);
    switch (language_.role(ts_node_symbol(node))) {
      case CodeRole::kFunction:
        AddFunction(node);
        break;
      case CodeRole::kType:
        AddType(node);
        break;
      case CodeRole::kTable:
        AddTable(node);
        break;
      case CodeRole::kComment:
        MarkComment(node, &outline_.is_comment);
        break;
      case CodeRole::kAttribute:
        attributes_.emplace_back(ts_node_start_point(node).row, ts_node_end_point(node).row + 1);
        break;
      default:
        break;
    }
  }

  // The bytes of an error that are in no part of it which parses: an open bracket at the end of a cut file makes one
  // error of everything in it.
  void AddError(TSNode node) {
    size_t bytes = ts_node_end_byte(node) - ts_node_start_byte(node);
    const uint32_t children = ts_node_child_count(node);
    TSTreeCursor cursor = ts_tree_cursor_new(node);
    for (bool more = children > 0 && ts_tree_cursor_goto_first_child(&cursor); more;
         more = ts_tree_cursor_goto_next_sibling(&cursor)) {
      const TSNode child = ts_tree_cursor_current_node(&cursor);
      if (ts_node_child_count(child) > 0) bytes -= ts_node_end_byte(child) - ts_node_start_byte(child);
    }
    ts_tree_cursor_delete(&cursor);
    error_bytes_ += bytes;
    if (ts_node_start_point(node).row == 0 && ts_node_end_point(node).row < kFirstRows) outline_.starts_in_error = true;
  }

  // False for what error recovery takes for a function: `class EXPORT Reader final : Base {` has a type, a name and a
  // body, too. A header that does not parse must have parameters and no word of a type or namespace before them.
  bool HeadsFunction(TSNode node, TSNode body) const {
    const size_t begin = ts_node_start_byte(node);
    const size_t end = ts_node_start_byte(body);
    if (end > source_.code.size() || begin >= end || !HeaderHasError(node, body)) return true;
    const std::string_view header = source_.code.substr(begin, end - begin);
    const size_t open = header.find('(');
    if (open == std::string_view::npos || header.find(')', open) == std::string_view::npos) return false;
    static constexpr std::string_view kNoFunctions[] = {"class",     "struct", "union", "enum", "namespace",
                                                        "interface", "trait",  "impl",  "mod",  "extern"};
    bool is_type = false;
    ForEachWord(header.substr(0, open), [&](const Word& word) {
      is_type =
          is_type || std::find(std::begin(kNoFunctions), std::end(kNoFunctions), word.text) != std::end(kNoFunctions);
    });
    return !is_type;
  }

  static bool HeaderHasError(TSNode node, TSNode body) {
    if (!ts_node_has_error(node)) return false;
    const uint32_t children = ts_node_child_count(node);
    for (uint32_t i = 0; i < children; ++i) {
      const TSNode child = ts_node_child(node, i);
      if (!ts_node_eq(child, body) && (ts_node_has_error(child) || ts_node_is_missing(child))) return true;
    }
    return false;
  }

  std::string_view Text(TSNode node) const {
    if (ts_node_is_null(node)) return {};
    const size_t begin = std::min<size_t>(ts_node_start_byte(node), source_.code.size());
    const size_t end = std::min<size_t>(ts_node_end_byte(node), source_.code.size());
    return source_.code.substr(begin, std::min(end - begin, kMaxNameBytes));
  }

  // The last identifier in the text of a node: "cookie" of `res.cookie`.
  std::string_view LastIdentifier(TSNode node) const {
    const std::string_view text = Text(node);
    size_t end = text.size();
    while (end > 0 && !IsWordByte(text[end - 1]) && text[end - 1] != '$') --end;
    size_t begin = end;
    while (begin > 0 && (IsWordByte(text[begin - 1]) || text[begin - 1] == '$')) --begin;
    return text.substr(begin, end - begin);
  }

  // C and C++ name a function deep in its declarator: `int *Reader::next(void) {`.
  std::string_view DeclaratorName(TSNode node, std::string_view* owner) const {
    TSNode at = Field(node, "declarator");
    for (size_t steps = 0; steps < 16 && !ts_node_is_null(at); ++steps) {
      TSNode inner = Field(at, "declarator");
      if (ts_node_is_null(inner)) {
        inner = Field(at, "name");
        if (!ts_node_is_null(inner)) *owner = Text(Field(at, "scope"));
      }
      if (ts_node_is_null(inner)) break;
      at = inner;
    }
    return Text(at);
  }

  std::string_view NameOf(TSNode node, std::string_view* owner) const {
    const TSNode name = Field(node, "name");
    if (!ts_node_is_null(name)) return Text(name);
    if (const std::string_view declared = DeclaratorName(node, owner); !declared.empty()) return declared;
    // const f = () => {}, res.cookie = function () {}, { on: function () {} }
    for (size_t up = 1; up <= 2 && up < path_.size(); ++up) {
      const TSNode around = path_[path_.size() - 1 - up];
      for (const std::string_view field : {"name", "left", "key", "property"}) {
        if (language_.role(ts_node_symbol(around)) != CodeRole::kWrapper) continue;
        const TSNode named = Field(around, field);
        if (!ts_node_is_null(named)) return LastIdentifier(named);
      }
    }
    return {};
  }

  // The first row of the declaration that `node` is the last part of.
  size_t DeclarationRow(TSNode node) const {
    size_t row = ts_node_start_point(node).row;
    for (size_t i = path_.size() - 1; i > 0; --i) {
      if (language_.role(ts_node_symbol(path_[i - 1])) != CodeRole::kWrapper) break;
      row = ts_node_start_point(path_[i - 1]).row;
    }
    return row;
  }

  size_t Innermost(size_t Open::*index) const {
    for (size_t i = open_.size(); i-- > 0;) {
      if (open_[i].*index != kNoIndex) return open_[i].*index;
    }
    return kNoIndex;
  }

  void AddFunction(TSNode node) {
    const TSNode body = Field(node, "body");
    if (ts_node_is_null(body)) return;
    CodeFunction function;
    function.name = NameOf(node, &function.owner);
    if (const size_t type = Innermost(&Open::type); function.owner.empty() && type != kNoIndex) {
      function.owner = outline_.types[type].name;
    }
    function.parent = Innermost(&Open::function);
    function.row = DeclarationRow(node);
    function.end_row = std::min<size_t>(ts_node_end_point(node).row + 1, source_.rows());
    if (!ts_node_has_error(body) && HeadsFunction(node, body)) SetFold(node, body, &function);
    sizes_.push_back(ts_node_end_byte(node) - ts_node_start_byte(node));
    open_.push_back({path_.size(), outline_.functions.size(), kNoIndex});
    outline_.functions.push_back(function);
  }

  void SetFold(TSNode node, TSNode body, CodeFunction* function) const {
    size_t begin = ts_node_start_byte(body);
    size_t end = ts_node_end_byte(body);
    const std::string_view code = source_.code;
    if (end > code.size() || begin >= end) return;
    if (code[begin] == '{' && code[end - 1] == '}') ++begin, --end;
    if (begin >= end) return;
    function->fold_begin = ts_node_start_point(body).row;
    const size_t line = source_.starts[function->fold_begin];
    if (!IsBlankText(code.substr(line, begin - line))) ++function->fold_begin;
    const size_t last = ts_node_end_point(body).row;
    function->fold_end = RowOf(end);
    const size_t line_end = std::min(code.find('\n', end), code.size());
    if (function->fold_end <= last && IsBlankText(code.substr(end, line_end - end))) ++function->fold_end;
    if (language_.has_docstrings) function->fold_begin = std::max(function->fold_begin, DocstringSummaryEnd(body));
    // A signature never goes, whatever the tree says of where the body starts.
    function->fold_begin = std::max<size_t>(function->fold_begin, ts_node_start_point(node).row + 1);
    function->fold_end = std::max(function->fold_begin, std::min(function->fold_end, source_.rows()));
    SetOuter(node, function);
  }

  void SetOuter(TSNode node, CodeFunction* function) const {
    function->outer_begin = function->fold_begin;
    const uint32_t children = ts_node_child_count(node);
    for (uint32_t i = 0; i < children; ++i) {
      const TSNode child = ts_node_child(node, i);
      if (language_.role(ts_node_symbol(child)) != CodeRole::kInitializers) continue;
      const size_t row = ts_node_start_point(child).row;
      const size_t before = source_.starts[row];
      const bool own_row = IsBlankText(source_.code.substr(before, ts_node_start_byte(child) - before));
      if (own_row && row < function->outer_begin && row > ts_node_start_point(node).row) function->outer_begin = row;
    }
    function->outer_end = function->fold_end;
    const size_t end = ts_node_end_byte(node);
    const size_t line_end = std::min(source_.code.find_first_of("\r\n", end), source_.code.size());
    // Nothing but what closes the function may stand on the rows behind its body.
    const std::string_view rest = source_.code.substr(std::min(end, line_end), line_end - std::min(end, line_end));
    if (rest.find_first_not_of("})];, \t") == std::string_view::npos) {
      function->outer_end = std::max(function->outer_end, function->end_row);
    }
  }

  void AddTable(TSNode node) {
    if (Innermost(&Open::function) != kNoIndex || ts_node_has_error(node)) return;
    const CodeTable table{ts_node_start_point(node).row,
                          std::min<size_t>(ts_node_end_point(node).row + 1, source_.rows())};
    if (outline_.tables.empty() || outline_.tables.back().end_row < table.end_row) outline_.tables.push_back(table);
  }

  size_t RowOf(size_t byte) const {
    const auto after = std::upper_bound(source_.starts.begin(), source_.starts.end(), byte);
    return static_cast<size_t>(after - source_.starts.begin()) - 1;
  }

  // The docstring that a Python body starts with.
  TSNode Docstring(TSNode body) const {
    TSNode first = ts_node_named_child(body, 0);
    if (ts_node_is_null(first) || std::strcmp(ts_node_type(first), "expression_statement") != 0) return TSNode{};
    first = ts_node_named_child(first, 0);
    return !ts_node_is_null(first) && std::strcmp(ts_node_type(first), "string") == 0 ? first : TSNode{};
  }

  // One past the row with the first words of the docstring; 0 where there is none.
  size_t DocstringSummaryEnd(TSNode body) const {
    const TSNode docstring = Docstring(body);
    if (ts_node_is_null(docstring)) return 0;
    const size_t last = ts_node_end_point(docstring).row;
    for (size_t row = ts_node_start_point(docstring).row; row < last; ++row) {
      if (HasWord(source_.row(row))) return row + 1;
    }
    return last + 1;
  }

  static bool HasWord(std::string_view line) {
    return std::any_of(line.begin(), line.end(), [](char c) { return IsLetter(c) || static_cast<signed char>(c) < 0; });
  }

  void AddType(TSNode node) {
    const TSNode body = Field(node, "body");
    if (ts_node_is_null(body) && ts_node_is_null(Field(node, "type"))) return;  // `struct point p`
    CodeType type;
    type.name = Text(Field(node, "name"));
    if (type.name.empty()) type.name = LastIdentifier(Field(node, "type"));  // impl Trait for Type
    type.row = DeclarationRow(node);
    type.end_row = std::min<size_t>(ts_node_end_point(node).row + 1, source_.rows());
    if (language_.has_docstrings && !ts_node_is_null(body)) {
      const TSNode docstring = Docstring(body);
      type.docstring_begin = DocstringSummaryEnd(body);
      type.docstring_end = ts_node_is_null(docstring) ? 0 : ts_node_end_point(docstring).row + 1;
    }
    open_.push_back({path_.size(), kNoIndex, outline_.types.size()});
    outline_.types.push_back(type);
  }

  void MarkComment(TSNode node, std::vector<bool>* marks) const {
    const std::string_view code = source_.code;
    size_t end = std::min<size_t>(ts_node_end_byte(node), code.size());
    const size_t begin = std::min<size_t>(ts_node_start_byte(node), end);
    while (end > begin && (code[end - 1] == '\n' || code[end - 1] == '\r')) --end;  // some grammars take the line end
    if (begin == end) return;
    const size_t first = RowOf(begin);
    const size_t last = RowOf(end - 1);
    const size_t line_end = std::min(code.find('\n', end), code.size());
    if (!IsBlankText(code.substr(source_.starts[first], begin - source_.starts[first]))) return;
    if (!IsBlankText(code.substr(end, line_end - end))) return;
    for (size_t row = first; row <= last; ++row) (*marks)[row] = true;
  }

  void FindContainers() {
    std::vector<CodeFunction>& functions = outline_.functions;
    std::vector<size_t> inside(functions.size());
    std::vector<size_t> children(functions.size());
    for (size_t i = 0; i < functions.size(); ++i) {
      if (functions[i].parent == kNoIndex) continue;
      inside[functions[i].parent] += sizes_[i];
      ++children[functions[i].parent];
    }
    for (size_t i = 0; i < functions.size(); ++i) {
      const auto size = static_cast<double>(sizes_[i]);
      const bool mostly = static_cast<double>(inside[i]) >= kContainerShare * size;
      const bool wraps = size >= kWrapperShare * static_cast<double>(source_.code.size());
      const bool outer = functions[i].parent == kNoIndex || functions[functions[i].parent].is_container;
      functions[i].is_container = outer && ((mostly && children[i] >= 2) || (wraps && children[i] >= 1 && mostly));
    }
  }

  // The first row of the comment that stands right before `row`, attributes between them included.
  size_t DocRow(size_t row) const {
    size_t doc = row;
    for (size_t r = row; r > 0; --r) {
      if (outline_.is_comment[r - 1]) {
        doc = r - 1;
        continue;
      }
      // A block comment may stand a blank line away.
      if (r == row && r >= 2 && outline_.is_comment[r - 2] && IsBlankText(source_.row(r - 1)) &&
          TrimRight(source_.row(r - 2)).ends_with("*/")) {
        continue;
      }
      const auto attribute = std::lower_bound(attributes_.begin(), attributes_.end(), r,
                                              [](const auto& span, size_t value) { return span.second < value; });
      if (attribute == attributes_.end() || attribute->first >= r) break;
    }
    return doc;
  }

  const CodeLanguage& language_;
  const CodeSource& source_;
  const ExcerptInput& in_;
  CodeOutline outline_;
  std::vector<TSNode> path_;
  std::vector<Open> open_;
  std::vector<size_t> sizes_;                          // of the functions, in bytes
  std::vector<std::pair<size_t, size_t>> attributes_;  // rows
  size_t error_bytes_ = 0;
};

}  // namespace

std::optional<CodeOutline> OutlineCode(const CodeLanguage& language, const CodeSource& source, const ExcerptInput& in) {
  if (source.code.empty() || source.code.size() > kMaxCodeBytes) return std::nullopt;
  const Tree tree = Parse(language.grammar, source.code, in);
  if (tree == nullptr) return std::nullopt;
  Walk walk(language, source, in);
  if (!walk.Run(ts_tree_root_node(tree.get()))) return std::nullopt;
  return walk.Take();
}

}  // namespace headroom::text
