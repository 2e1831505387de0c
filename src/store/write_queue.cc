#include "store/write_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace headroom::store {

WriteQueue::WriteQueue(Options options) : options_(options) {}

WriteQueue::Batch WriteQueue::Push(WriteOperation operation) {
  Batch dropped;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) {
      oldest_ = std::chrono::steady_clock::now();
      wake = true;
    }
    const size_t before = queued_bytes_;
    queued_bytes_ += operation.bytes;
    wake = wake || (before < options_.wake_bytes && queued_bytes_ >= options_.wake_bytes);
    queue_.push_back(std::move(operation));
    ++pushed_;
    dropped = Trim();
  }
  if (wake) work_.notify_one();
  if (!dropped.empty()) progress_.notify_all();
  return dropped;
}

WriteQueue::Batch WriteQueue::Trim() {
  Batch dropped;
  while (queue_.size() > 1 && (queued_bytes_ > options_.max_bytes || queue_.size() > options_.max_operations)) {
    queued_bytes_ -= queue_.front().bytes;
    dropped.push_back(std::move(queue_.front()));
    queue_.pop_front();
    ++settled_;
  }
  return dropped;
}

WriteQueue::Batch WriteQueue::Take(std::chrono::milliseconds idle) {
  std::unique_lock lock(mutex_);
  const TimePoint idle_until = std::chrono::steady_clock::now() + idle;
  for (;;) {
    const TimePoint now = std::chrono::steady_clock::now();
    if (Due(now)) return Cut();
    if (std::exchange(woken_, false) || stopping_ || now >= idle_until) return {};
    work_.wait_until(lock, NextLook(now, idle_until));
  }
}

bool WriteQueue::Due(TimePoint now) const {
  if (queue_.empty()) return false;
  if (stopping_ || flushing_ > 0) return true;
  if (now < retry_) return false;
  return queued_bytes_ >= options_.wake_bytes || queue_.size() >= options_.batch_operations ||
         now >= oldest_ + options_.flush_interval;
}

WriteQueue::TimePoint WriteQueue::NextLook(TimePoint now, TimePoint idle_until) const {
  if (queue_.empty()) return idle_until;
  const TimePoint due = std::max(retry_, oldest_ + options_.flush_interval);
  return std::min(idle_until, std::max(due, now));
}

WriteQueue::Batch WriteQueue::Cut() {
  Batch batch;
  size_t bytes = 0;
  while (!queue_.empty() && batch.size() < options_.batch_operations &&
         (batch.empty() || bytes + queue_.front().bytes <= options_.batch_bytes)) {
    bytes += queue_.front().bytes;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_bytes_ -= bytes;
  taken_ = batch.size();
  ++attempts_;
  return batch;
}

void WriteQueue::Written(const Batch& batch) {
  {
    const std::lock_guard lock(mutex_);
    settled_ += batch.size();
    taken_ = 0;
    retry_ = {};
  }
  progress_.notify_all();
}

WriteQueue::Batch WriteQueue::Failed(Batch batch) {
  Batch dropped;
  {
    const std::lock_guard lock(mutex_);
    for (const WriteOperation& operation : batch) queued_bytes_ += operation.bytes;
    queue_.insert(queue_.begin(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
    taken_ = 0;
    last_failed_ = attempts_;
    retry_ = std::chrono::steady_clock::now() + options_.retry_interval;
    dropped = Trim();
  }
  progress_.notify_all();
  return dropped;
}

void WriteQueue::Flush() {
  std::unique_lock lock(mutex_);
  const uint64_t target = pushed_;
  const uint64_t attempt = attempts_;
  ++flushing_;
  work_.notify_one();
  progress_.wait(lock, [&] { return settled_ >= target || last_failed_ > attempt; });
  --flushing_;
}

void WriteQueue::Wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  work_.notify_one();
}

void WriteQueue::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
}

bool WriteQueue::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

uint64_t WriteQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size() + taken_;
}

}  // namespace headroom::store
