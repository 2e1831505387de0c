// Says on a terminal that something takes long: nothing for the first second, then one
// line that is rewritten in place and erased at the end.
//
//   headroom: compressing 48.2 MB [   ====             ] 3 s
//
// How far a compressor is, nobody knows: the bar moves, it does not fill. Thread-safe.

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>

namespace headroom::cli {

class Progress {
 public:
  // Does nothing unless `shown`. `stream` outlives it.
  Progress(std::FILE* stream, bool shown, std::chrono::milliseconds after = std::chrono::seconds(1));
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // What is being done: "compressing 48.2 MB".
  void Say(std::string what);

 private:
  void Draw();

  std::FILE* const stream_;
  const std::chrono::milliseconds after_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string what_;
  bool done_ = false;
  std::thread thread_;
};

// The line after `seconds`, `step` steps after the bar began to move.
std::string ProgressLine(const std::string& what, int step, int seconds);

}  // namespace headroom::cli
