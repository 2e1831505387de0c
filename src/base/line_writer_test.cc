#include "base/line_writer.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <string>

namespace headroom {
namespace {

class LineWriterTest : public testing::Test {
 protected:
  LineWriterTest() {
    std::string made = (std::filesystem::temp_directory_path() / "line_writer_XXXXXX").string();
    folder_ = mkdtemp(made.data());
  }
  ~LineWriterTest() override { std::filesystem::remove_all(folder_); }

  std::string Path() const { return folder_ + "/log.jsonl"; }
  static std::string Read(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  static void Write(LineWriter& writer, const std::string& line) {
    writer.Write(line.size(), [line] { return line; });
  }

  std::string folder_;
};

TEST_F(LineWriterTest, AppendsLinesInTheirOrderForItsOwnerAlone) {
  std::ofstream(Path()) << "before\n";
  std::filesystem::remove(Path());
  auto writer = *LineWriter::Open({.path = Path()});
  for (const char* line : {"one", "two", "three"}) Write(*writer, line);
  writer->Flush();
  EXPECT_EQ(Read(Path()), "one\ntwo\nthree\n");
  EXPECT_EQ(writer->counts().written, 3u);
  struct stat about {};
  ASSERT_EQ(stat(Path().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(LineWriterTest, WritesWhatIsQueuedBeforeItEnds) {
  { Write(**LineWriter::Open({.path = Path()}), "last"); }
  EXPECT_EQ(Read(Path()), "last\n");
}

TEST_F(LineWriterTest, SaysWhyAPathCannotBeWritten) {
  const auto writer = LineWriter::Open({.path = folder_ + "/none/log"});
  ASSERT_FALSE(writer.ok());
  EXPECT_NE(writer.status().detail().find(folder_ + "/none/log: No such file or directory"), std::string::npos);
}

TEST_F(LineWriterTest, AFullQueueDropsAndCounts) {
  auto writer = *LineWriter::Open({.path = Path(), .max_queued_bytes = 10});
  std::promise<void> go;
  std::promise<void> begun;
  writer->Write(6, [&] {
    begun.set_value();
    go.get_future().wait();
    return std::string("first");
  });
  begun.get_future().wait();
  Write(*writer, "four");  // ten bytes are held
  Write(*writer, "x");     // one more than fits
  go.set_value();
  writer->Flush();
  EXPECT_EQ(Read(Path()), "first\nfour\n");
  EXPECT_EQ(writer->counts().dropped, 1u);
}

TEST_F(LineWriterTest, GoesOnInANewFileOnceTheOldOneWasMoved) {
  auto writer = *LineWriter::Open({.path = Path()});
  Write(*writer, "old");
  writer->Flush();
  std::filesystem::rename(Path(), Path() + ".moved");
  writer->Reopen();
  writer->Flush();
  Write(*writer, "new");
  writer->Flush();
  EXPECT_EQ(Read(Path() + ".moved"), "old\n");
  EXPECT_EQ(Read(Path()), "new\n");
}

TEST_F(LineWriterTest, PutsAFileAsideBeforeItIsLargerThanTheLimit) {
  auto writer = *LineWriter::Open({.path = Path(), .rotate_bytes = 8});
  for (const char* line : {"aaa", "bbb", "ccc", "ddd", "eee"}) Write(*writer, line);  // four bytes each
  writer->Flush();
  EXPECT_EQ(Read(Path()), "eee\n");
  EXPECT_EQ(Read(Path() + ".1"), "ccc\nddd\n");
  EXPECT_EQ(Read(Path() + ".2"), "aaa\nbbb\n");
  for (int i = 0; i < 20; ++i) Write(*writer, "fffffff");
  writer->Flush();
  EXPECT_TRUE(std::filesystem::exists(Path() + ".5"));
  EXPECT_FALSE(std::filesystem::exists(Path() + ".6"));
}

TEST_F(LineWriterTest, ADiskThatTakesNoMoreIsCounted) {
  auto writer = *LineWriter::Open({.path = "/dev/full"});
  Write(*writer, "lost");
  writer->Flush();
  EXPECT_EQ(writer->counts().failed, 1u);
}

}  // namespace
}  // namespace headroom
