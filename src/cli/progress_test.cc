#include "cli/progress.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace headroom::cli {
namespace {

// What is written to the stream while `body` runs.
template <typename Body>
std::string Written(bool shown, std::chrono::milliseconds after, Body body) {
  char* text = nullptr;
  size_t size = 0;
  std::FILE* stream = open_memstream(&text, &size);
  {
    Progress progress(stream, shown, after);
    progress.Say("compressing 48.2 MB");
    body();
  }
  std::fclose(stream);
  std::string written(text, size);
  std::free(text);
  return written;
}

void Wait() { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }

TEST(ProgressTest, TheBarMovesToAndFro) {
  EXPECT_EQ(ProgressLine("reading", 0, 1), "headroom: reading [====                ] 1 s");
  EXPECT_EQ(ProgressLine("reading", 16, 2), "headroom: reading [                ====] 2 s");
  EXPECT_EQ(ProgressLine("reading", 17, 3), "headroom: reading [               ==== ] 3 s");
  EXPECT_EQ(ProgressLine("reading", 32, 4), "headroom: reading [====                ] 4 s");
}

TEST(ProgressTest, SaysNothingOfWhatIsQuick) {
  EXPECT_EQ(Written(true, std::chrono::hours(1), [] {}), "");
}

TEST(ProgressTest, SaysNothingWhereNobodyLooks) { EXPECT_EQ(Written(false, std::chrono::milliseconds(0), Wait), ""); }

TEST(ProgressTest, ShowsWhatTakesLongAndErasesItInTheEnd) {
  const std::string written = Written(true, std::chrono::milliseconds(1), Wait);
  EXPECT_NE(written.find("headroom: compressing 48.2 MB [===="), std::string::npos) << written;
  EXPECT_TRUE(written.ends_with("\r\x1b[K"));
}

}  // namespace
}  // namespace headroom::cli
