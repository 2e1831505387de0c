#include "text/lines_rendition_reader_test.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <map>

namespace headroom::text {
namespace {

bool IsBlockMark(const std::string& line, int* lines, int* times) {
  static const RE2 kMark(R"(\[the next (\d+) lines came (\d+) times in a row:\])", RE2::Latin1);
  return RE2::FullMatch(line, kMark, lines, times);
}

bool IsBlankMark(const std::string& line, int* count) {
  static const RE2 kMark(R"(\[(\d+) blank lines\])", RE2::Latin1);
  return RE2::FullMatch(line, kMark, count);
}

bool IsDefinition(const std::string& line, int* number, int* lines) {
  static const RE2 kMark(R"(\[block (\d+), (\d+) lines, comes again below:\])", RE2::Latin1);
  return RE2::FullMatch(line, kMark, number, lines);
}

bool IsAgain(const std::string& line, int* number, int* lines) {
  static const RE2 kMark(R"(\[block (\d+) again, (\d+) lines\])", RE2::Latin1);
  return RE2::FullMatch(line, kMark, number, lines);
}

bool IsMarkOfLines(const std::string& line) {
  int a = 0;
  int b = 0;
  return IsBlockMark(line, &a, &b) || IsBlankMark(line, &a) || IsDefinition(line, &a, &b) || IsAgain(line, &a, &b);
}

std::vector<std::string> WithPrefixes(const std::vector<std::string>& lines) {
  static const RE2 kEach(R"re(\[each line below starts with "([^"]*)"\])re", RE2::Latin1);
  static const RE2 kSign(R"re(\[~ at the start of a line below stands for "([^"]*)"\])re", RE2::Latin1);
  std::vector<std::string> whole;
  std::string each;
  std::string sign;
  for (const std::string& line : lines) {
    std::string prefix;
    if (RE2::FullMatch(line, kEach, &prefix)) {
      each = prefix;
    } else if (RE2::FullMatch(line, kSign, &prefix)) {
      each.clear();
      sign = prefix;
    } else if (line == "[end of these lines]") {
      each.clear();
    } else if (line.empty() || IsMarkOfLines(line)) {
      whole.push_back(line);
    } else if (!sign.empty() && each.empty() && line[0] == '~') {
      whole.push_back(sign + line.substr(1));
    } else {
      whole.push_back(each + line);
    }
  }
  return whole;
}

std::vector<std::string> WithNamedBlocks(const std::vector<std::string>& lines) {
  std::vector<std::string> whole;
  std::map<int, std::vector<std::string>> named;
  int number = 0;
  int length = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (IsDefinition(lines[i], &number, &length)) {
      const auto first = lines.begin() + static_cast<ptrdiff_t>(i) + 1;
      named[number].assign(first, first + length);
    } else if (IsAgain(lines[i], &number, &length)) {
      EXPECT_EQ(named[number].size(), static_cast<size_t>(length));
      whole.insert(whole.end(), named[number].begin(), named[number].end());
    } else {
      whole.push_back(lines[i]);
    }
  }
  return whole;
}

std::vector<std::string> WithBlocks(const std::vector<std::string>& lines) {
  std::vector<std::string> whole;
  for (size_t i = 0; i < lines.size(); ++i) {
    int length = 0;
    int times = 0;
    if (!IsBlockMark(lines[i], &length, &times)) {
      whole.push_back(lines[i]);
      continue;
    }
    const auto first = lines.begin() + static_cast<ptrdiff_t>(i) + 1;
    for (int k = 0; k < times; ++k) whole.insert(whole.end(), first, first + length);
    i += static_cast<size_t>(length);
  }
  return whole;
}

std::vector<std::string> WithRuns(const std::vector<std::string>& lines) {
  static const RE2 kRun(R"((.*)  \[(\d+) identical lines\])", RE2::Latin1);
  std::vector<std::string> whole;
  for (const std::string& line : lines) {
    std::string text = line;
    int count = 1;
    if (IsBlankMark(line, &count)) text.clear();
    if (!RE2::FullMatch(line, kRun, &text, &count) && !text.empty()) count = 1;
    whole.insert(whole.end(), static_cast<size_t>(count), text);
  }
  return whole;
}

bool IsNumbered(const std::string& line) {
  static const RE2 kNumbered(R"((?s)\d+[:=-].*)", RE2::Latin1);
  return RE2::FullMatch(line, kNumbered);
}

}  // namespace

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::vector<std::string> ReadFoldedLines(std::string_view rendition) {
  return WithRuns(WithBlocks(WithNamedBlocks(WithPrefixes(LinesOf(rendition)))));
}

std::vector<std::string> ReadGroupedHits(std::string_view rendition) {
  const std::vector<std::string> lines = LinesOf(rendition);
  std::vector<std::string> source;
  std::string path;
  for (size_t i = 0; i < lines.size(); ++i) {
    const bool starts_group = i == 0 || lines[i - 1].empty();
    const bool hit_follows = i + 1 < lines.size() && IsNumbered(lines[i + 1]);
    if (starts_group && hit_follows && !lines[i].empty()) {
      if (i > 0) source.pop_back();  // the empty line in front of a path is the group's own
      path = lines[i];
    } else if (!path.empty() && IsNumbered(lines[i])) {
      source.push_back(path + lines[i][lines[i].find_first_not_of("0123456789")] + lines[i]);
    } else {
      if (lines[i].empty()) path.clear();
      source.push_back(lines[i]);
    }
  }
  return source;
}

std::vector<std::string> ReadShortenedContext(std::string_view rendition) {
  static const RE2 kHit(R"((.+?):\d+:)", RE2::Latin1);
  const std::vector<std::string> lines = LinesOf(rendition);
  // The path of the nearest hit in one direction, with nothing but numbered lines in between.
  const auto nearest = [&](size_t i, int step) {
    std::string path;
    while (i < lines.size() && IsNumbered(lines[i])) i += static_cast<size_t>(step);
    if (i < lines.size()) RE2::PartialMatch(lines[i], RE2("^" + kHit.pattern(), RE2::Latin1), &path);
    return path;
  };
  std::vector<std::string> source;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!IsNumbered(lines[i])) {
      source.push_back(lines[i]);
      continue;
    }
    std::string path = nearest(i, 1);
    if (path.empty()) path = nearest(i, -1);
    source.push_back(path + lines[i][lines[i].find_first_not_of("0123456789")] + lines[i]);
  }
  return source;
}

std::vector<std::string> ReadGroupedPaths(std::string_view rendition) {
  std::vector<std::string> paths;
  std::string folder;
  for (const std::string& line : LinesOf(rendition)) {
    if (line.ends_with("/:") || line.ends_with("\\:")) {
      folder = line.substr(0, line.size() - 1);
    } else if (line.starts_with(" ")) {
      paths.push_back(folder + line.substr(1));
    } else {
      paths.push_back(line);
    }
  }
  return paths;
}

TEST(LinesRenditionReaderTest, WritesOutWhatTheMarksSay) {
  const std::vector<std::string> expected = {"d 1", "d 2", "d 2", "", "d 1", "d 2", "d 2", "", "x", "p y"};
  EXPECT_EQ(ReadFoldedLines("[each line below starts with \"d \"]\n[the next 3 lines came 2 times in a row:]\n1\n"
                            "2  [2 identical lines]\n\n[end of these lines]\nx\n"
                            "[~ at the start of a line below stands for \"p \"]\n~y\n"),
            expected);
}

}  // namespace headroom::text
