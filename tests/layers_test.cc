// A room includes only the rooms that its CMakeLists.txt names as DEPS, and
// rooms depend on one another without cycles. Reads the sources as text.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace headroom {
namespace {

namespace fs = std::filesystem;

using Rooms = std::map<std::string, std::set<std::string>>;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Every folder of src/ that has a CMakeLists.txt, with its DEPS.
Rooms DeclaredRooms() {
  static const std::regex call(R"(headroom_room\(\s*(\w+)([^)]*)\))");
  Rooms rooms;
  for (const fs::directory_entry& entry : fs::directory_iterator(HEADROOM_SOURCE_DIR "/src")) {
    if (!entry.is_directory() || !fs::exists(entry.path() / "CMakeLists.txt")) continue;
    const std::string text = ReadFile(entry.path() / "CMakeLists.txt");
    std::smatch match;
    if (!std::regex_search(text, match, call)) continue;
    std::set<std::string>& deps = rooms[match[1]];
    std::istringstream words(match[2]);
    bool in_deps = false;
    for (std::string word; words >> word;) {
      if (word == "DEPS" || word == "LIBS") {
        in_deps = word == "DEPS";
      } else if (in_deps) {
        deps.insert(word);
      }
    }
  }
  return rooms;
}

// The rooms that one file includes.
std::set<std::string> IncludedRooms(const fs::path& path, const Rooms& rooms) {
  static const std::regex include(R"re(^\s*#\s*include\s*["<]([^/">]+)/)re");
  std::set<std::string> included;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (std::regex_search(line, match, include) && rooms.contains(match[1])) included.insert(match[1]);
  }
  return included;
}

bool IsSource(const fs::path& path) {
  return path.extension() == ".h" || path.extension() == ".cc" || path.extension() == ".c";
}

TEST(LayersTest, ARoomIncludesOnlyTheRoomsOfItsDeps) {
  const Rooms rooms = DeclaredRooms();
  ASSERT_TRUE(rooms.contains("base"));
  size_t files = 0;
  for (const auto& [room, deps] : rooms) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(HEADROOM_SOURCE_DIR "/src/" + room)) {
      if (!entry.is_regular_file() || !IsSource(entry.path())) continue;
      ++files;
      for (const std::string& other : IncludedRooms(entry.path(), rooms)) {
        EXPECT_TRUE(other == room || deps.contains(other))
            << entry.path() << " includes " << other << ", which is not among the DEPS of " << room;
      }
    }
  }
  EXPECT_GT(files, rooms.size());
}

TEST(LayersTest, EveryFolderWithSourcesIsARoom) {
  const Rooms rooms = DeclaredRooms();
  for (const fs::directory_entry& entry : fs::directory_iterator(HEADROOM_SOURCE_DIR "/src")) {
    if (!entry.is_directory() || fs::is_empty(entry.path())) continue;
    EXPECT_TRUE(rooms.contains(entry.path().filename().string())) << entry.path();
  }
}

TEST(LayersTest, RoomsFormNoCycle) {
  Rooms left = DeclaredRooms();
  while (!left.empty()) {
    std::vector<std::string> free;  // rooms whose DEPS have all been taken away
    for (const auto& [room, deps] : left) {
      bool waits = false;
      for (const std::string& dep : deps) waits = waits || left.contains(dep);
      if (!waits) free.push_back(room);
    }
    ASSERT_FALSE(free.empty()) << "a cycle goes through " << left.begin()->first;
    for (const std::string& room : free) left.erase(room);
  }
}

TEST(LayersTest, NoRoomIsNamedForWhatHasNoName) {
  const Rooms rooms = DeclaredRooms();
  for (const char* name : {"utils", "util", "common", "helpers", "misc"}) EXPECT_FALSE(rooms.contains(name)) << name;
}

}  // namespace
}  // namespace headroom
