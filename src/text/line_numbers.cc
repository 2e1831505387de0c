#include "text/line_numbers.h"

#include <algorithm>
#include <string>

#include "text/line_text.h"

namespace headroom::text {
namespace {

constexpr std::string_view kSeparators[] = {"→", "\t", "|", ": ", ":"};
constexpr size_t kMaxDigits = 9;

// Bytes of the number field and the separator of `line`, 0 if it has another number.
size_t PrefixBytes(std::string_view line, size_t number, size_t width, std::string_view separator) {
  const std::string digits = std::to_string(number);
  const size_t padding = digits.size() < width ? width - digits.size() : 0;
  if (line.size() < padding + digits.size() + separator.size()) return 0;
  if (line.find_first_not_of(' ') != padding) return 0;
  if (line.compare(padding, digits.size(), digits) != 0) return 0;
  if (line.compare(padding + digits.size(), separator.size(), separator) != 0) return 0;
  return padding + digits.size() + separator.size();
}

std::optional<LineNumbers> RunAt(const std::vector<std::string_view>& lines, size_t begin) {
  const std::string_view line = lines[begin];
  const size_t padding = std::min(line.find_first_not_of(' '), line.size());
  const size_t digits = LeadingDigits(line.substr(padding));
  if (digits == 0 || digits > kMaxDigits || line[padding] == '0') return std::nullopt;
  LineNumbers run{
      begin, begin, static_cast<size_t>(std::stoul(std::string(line.substr(padding, digits)))), padding + digits, {}};
  for (const std::string_view separator : kSeparators) {
    size_t end = begin;
    while (end < lines.size() && PrefixBytes(lines[end], run.first + end - begin, run.width, separator) > 0) ++end;
    if (end <= run.end) continue;
    run.end = end;
    run.separator = separator;
  }
  if (run.end < begin + 2) return std::nullopt;
  return run;
}

}  // namespace

std::optional<LineNumbers> FindLineNumbers(const std::vector<std::string_view>& lines) {
  for (size_t i = 0; i < lines.size() && i <= kMaxUnnumberedHead; ++i) {
    if (std::optional<LineNumbers> run = RunAt(lines, i); run.has_value()) return run;
  }
  return std::nullopt;
}

std::vector<std::string_view> WithoutNumbers(const std::vector<std::string_view>& lines, const LineNumbers& numbers) {
  std::vector<std::string_view> bare;
  bare.reserve(numbers.end - numbers.begin);
  for (size_t i = numbers.begin; i < numbers.end; ++i) {
    const size_t number = numbers.first + i - numbers.begin;
    bare.push_back(lines[i].substr(PrefixBytes(lines[i], number, numbers.width, numbers.separator)));
  }
  return bare;
}

}  // namespace headroom::text
