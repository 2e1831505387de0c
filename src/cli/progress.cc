#include "cli/progress.h"

#include <algorithm>
#include <utility>

namespace headroom::cli {
namespace {

constexpr std::chrono::milliseconds kBetweenDraws{100};
constexpr int kBarWidth = 20;
constexpr int kBlockWidth = 4;
constexpr char kEraseLine[] = "\r\x1b[K";

}  // namespace

std::string ProgressLine(const std::string& what, int step, int seconds) {
  constexpr int kTravel = kBarWidth - kBlockWidth;
  const int phase = step % (2 * kTravel);
  const int at = std::min(phase, 2 * kTravel - phase);
  std::string bar(kBarWidth, ' ');
  bar.replace(static_cast<size_t>(at), kBlockWidth, kBlockWidth, '=');
  return "headroom: " + what + " [" + bar + "] " + std::to_string(seconds) + " s";
}

Progress::Progress(std::FILE* stream, bool shown, std::chrono::milliseconds after) : stream_(stream), after_(after) {
  if (shown) thread_ = std::thread([this] { Draw(); });
}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Progress::Say(std::string what) {
  const std::lock_guard lock(mutex_);
  what_ = std::move(what);
}

void Progress::Draw() {
  const auto begun = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, after_, [this] { return done_; });
  bool drawn = false;
  for (int step = 0; !done_; ++step) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begun);
    std::fprintf(stream_, "%s%s", kEraseLine, ProgressLine(what_, step, static_cast<int>(seconds.count())).c_str());
    std::fflush(stream_);
    drawn = true;
    changed_.wait_for(lock, kBetweenDraws, [this] { return done_; });
  }
  if (drawn) std::fputs(kEraseLine, stream_);
  std::fflush(stream_);
}

}  // namespace headroom::cli
