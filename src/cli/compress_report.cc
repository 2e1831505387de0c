#include "cli/compress_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "json/strings.h"
#include "text/delta.h"
#include "tokens/counter.h"

namespace headroom::cli {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// Bytes of the character that begins `text`, 0 if it is no UTF-8.
size_t CharacterBytes(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return follows(1) ? 2 : 0;
  if (lead >= 0xe0 && lead < 0xf0) {
    const bool shortest = lead != 0xe0 || byte(1) >= 0xa0;
    const bool surrogate = lead == 0xed && byte(1) >= 0xa0;
    return shortest && !surrogate && follows(1) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead < 0xf5) {
    const bool in_range = (lead != 0xf0 || byte(1) >= 0x90) && (lead != 0xf4 || byte(1) < 0x90);
    return in_range && follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

std::string ValidUtf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const size_t bytes = CharacterBytes(text);
    valid.append(bytes == 0 ? kReplacement : text.substr(0, bytes));
    text.remove_prefix(std::max<size_t>(bytes, 1));
  }
  return valid;
}

// "1,234,567".
std::string Grouped(size_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::optional<double> ShareOf(const Budget& budget, size_t tokens) {
  if (!budget.tokens.has_value()) return budget.share;
  return std::min(1.0, static_cast<double>(*budget.tokens) / static_cast<double>(std::max<size_t>(tokens, 1)));
}

std::string_view ColourOf(std::string_view line) {
  if (line.starts_with('-')) return "\x1b[31m";
  if (line.starts_with('+')) return "\x1b[32m";
  if (line.starts_with('@')) return "\x1b[36m";
  return {};
}

}  // namespace

CompressReport Shorten(const std::string& source, const CompressSettings& settings) {
  const auto begun = std::chrono::steady_clock::now();
  const tokens::Counter& counter = tokens::CounterFor(settings.model);
  const text::Input input{.text = source,
                          .tool_name = settings.tool,
                          .tool_arguments = settings.args,
                          .group_hits = settings.group_hits,
                          .question = settings.query,
                          .gaps = settings.gaps,
                          .fold_reads = settings.fold_reads,
                          .level = settings.level,
                          .kind = settings.kind};
  CompressReport report;
  report.bytes_before = source.size();
  report.tokens_before = counter.Count(source);
  report.tokens_after = report.tokens_before;
  report.counter = counter.name();
  report.exact = counter.exactness() == tokens::Exactness::kExact;
  report.kind = text::KindName(settings.kind.value_or(text::DetectKind(input)));
  report.rule = "none";
  text::Input aimed = input;
  aimed.share = ShareOf(settings.budget, report.tokens_before);
  std::optional<text::Rendition> rendition = text::Compress(aimed);
  const size_t after = rendition.has_value() ? counter.Count(rendition->text) : report.tokens_before;
  if (after < report.tokens_before) {
    report.changed = true;
    report.text = std::move(rendition->text);
    report.rule = rendition->rule;
    report.kind = text::KindName(rendition->kind);
    report.tokens_after = after;
    report.id = ContentId(source);
    if (const auto& omitted = rendition->omitted; omitted.has_value()) {
      report.left_out = {std::string(omitted->unit), omitted->kept, omitted->total};
    }
  } else {
    report.text = source;
  }
  report.time = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
  return report;
}

std::string StatsText(const CompressReport& report) {
  const double before = static_cast<double>(std::max<size_t>(report.tokens_before, 1));
  const double saved = 100 * (before - static_cast<double>(report.tokens_after)) / before;
  std::string out = fmt::format("kind      {}, rule {}\n", report.kind, report.rule);
  out += fmt::format("tokens    {} to {}, {:.1f} % less ({})\n", Grouped(report.tokens_before),
                     Grouped(report.tokens_after), report.tokens_before == 0 ? 0.0 : saved, report.counter);
  if (report.left_out.has_value()) {
    const CompressReport::LeftOut& left_out = *report.left_out;
    out += fmt::format("left out  {} of {} {}\n", Grouped(left_out.total - left_out.kept), Grouped(left_out.total),
                       left_out.unit);
  } else {
    out += "left out  nothing\n";
  }
  if (!report.id.empty()) out += fmt::format("original  headroom retrieve {}\n", report.id);
  const double seconds = static_cast<double>(std::max<int64_t>(report.time.count(), 1)) / 1e6;
  out += fmt::format("time      {:.1f} ms, {:.1f} MB/s\n", seconds * 1e3,
                     static_cast<double>(report.bytes_before) / 1e6 / seconds);
  return out;
}

std::string JsonText(const CompressReport& report) {
  std::string left_out = "null";
  if (report.left_out.has_value()) {
    left_out = fmt::format(R"({{"unit":{},"kept":{},"total":{}}})", json::Quote(report.left_out->unit),
                           report.left_out->kept, report.left_out->total);
  }
  return fmt::format(
      R"({{"text":{},"kind":{},"rule":{},"changed":{},"tokens_before":{},"tokens_after":{},"counter":{},"exact":{},)"
      R"("left_out":{},"hash":{}}})"
      "\n",
      json::Quote(ValidUtf8(report.text)), json::Quote(report.kind), json::Quote(report.rule), report.changed,
      report.tokens_before, report.tokens_after, json::Quote(report.counter), report.exact, left_out,
      report.id.empty() ? "null" : json::Quote(report.id));
}

std::string DiffText(std::string_view source, const CompressReport& report, bool colour) {
  const std::optional<text::Delta> delta = text::MakeDelta(source, report.text, SIZE_MAX, {});
  if (!delta.has_value()) return {};
  std::string out;
  std::string_view rest = delta->hunks;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    const std::string_view paint = colour ? ColourOf(line) : std::string_view();
    out.append(paint).append(line).append(paint.empty() ? "\n" : "\x1b[0m\n");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

}  // namespace headroom::cli
