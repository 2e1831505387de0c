// Appends lines to a file from one thread of its own, so that nobody who has a
// line waits for the disk.
//
//   Write ─► queue, bounded by bytes ─► thread: make the line, append ─► file
//                 │ full: dropped, counted                            └► past rotate_bytes: file.1, file.2, ...
//
// The file is for its owner alone (0600). Thread-safe.

#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/status.h"

namespace headroom {

class LineWriter {
 public:
  // Earlier files kept by rotation.
  static constexpr int kKept = 5;

  struct Options {
    std::string path;
    size_t max_queued_bytes = 32u << 20;
    uint64_t rotate_bytes = 0;  // a file this large is put aside; 0: never
  };
  struct Counts {
    uint64_t written = 0;
    uint64_t dropped = 0;  // the queue was full
    uint64_t failed = 0;   // the file took no more
  };

  // Errors: kUnavailable, with the path and the system's reason.
  static Result<std::unique_ptr<LineWriter>> Open(Options options);
  // Writes what is queued.
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  // `make` gives a line without its end, on the writer's thread; it must not throw. `bytes`:
  // about what it holds until then. Never waits.
  void Write(size_t bytes, std::function<std::string()> make);

  // The file of that name from the next line on: for programs that move log files.
  void Reopen();

  // Waits until everything written so far is in the file or has failed.
  void Flush();

  Counts counts() const;

 private:
  struct Line {
    size_t bytes;
    std::function<std::string()> make;
  };

  LineWriter(Options options, int file);

  void Run();
  void Append(const std::string& line);
  void Rotate();
  Status OpenFile();

  const Options options_;
  int file_ = -1;            // of the thread
  uint64_t file_bytes_ = 0;  // likewise
  bool failing_ = false;     // likewise: said once

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Line> queue_;   // guarded by mutex_
  size_t queued_bytes_ = 0;  // likewise
  bool busy_ = false;        // likewise: a line is being written
  bool reopen_ = false;      // likewise
  bool stopping_ = false;    // likewise
  Counts counts_;            // likewise
  std::thread thread_;
};

}  // namespace headroom
