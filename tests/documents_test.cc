// What the documents name exists: the tests of docs/invariants.md, and the
// files that README.md and the pages of docs/ link to.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace headroom {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = HEADROOM_SOURCE_DIR;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> AllMatches(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> found;
  for (auto match = std::sregex_iterator(text.begin(), text.end(), pattern); match != std::sregex_iterator(); ++match) {
    found.push_back((*match)[1]);
  }
  return found;
}

// "Suite.Name" of every test in src/ and tests/.
std::set<std::string> UnitTests() {
  static const std::regex definition(R"(\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\))");
  std::set<std::string> tests;
  for (const fs::path& folder : {kRoot / "src", kRoot / "tests"}) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.path().filename().string().ends_with("_test.cc")) continue;
      const std::string text = ReadFile(entry.path());
      for (auto match = std::sregex_iterator(text.begin(), text.end(), definition); match != std::sregex_iterator();
           ++match) {
        tests.insert((*match)[1].str() + "." + (*match)[2].str());
      }
    }
  }
  return tests;
}

TEST(DocumentsTest, EveryTestThatAPageNamesExists) {
  const std::set<std::string> tests = UnitTests();
  for (const char* page : {"docs/invariants.md", "docs/reliability.md"}) {
    const std::string text = ReadFile(kRoot / page);
    const std::vector<std::string> named = AllMatches(text, std::regex(R"(`(\w+Test\.\w+)`)"));
    EXPECT_FALSE(named.empty()) << page;
    for (const std::string& name : named) EXPECT_TRUE(tests.contains(name)) << page << " " << name;
    for (const std::string& file : AllMatches(text, std::regex(R"(`(tests/[\w/]+\.\w+)`)"))) {
      EXPECT_TRUE(fs::exists(kRoot / file)) << page << " " << file;
    }
  }
}

TEST(DocumentsTest, EveryInvariantNamesATest) {
  std::istringstream lines(ReadFile(kRoot / "docs/invariants.md"));
  int rows = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| I")) continue;
    ++rows;
    EXPECT_NE(line.substr(line.rfind('|', line.size() - 2)).find('`'), std::string::npos) << line;
  }
  EXPECT_EQ(rows, 10);
}

TEST(DocumentsTest, LinksLeadToFiles) {
  static const std::regex link(R"(\]\(([^):#]+)\))");
  std::vector<fs::path> pages = {kRoot / "README.md", kRoot / "CONTRIBUTING.md", kRoot / "CHANGELOG.md"};
  for (const fs::directory_entry& entry : fs::directory_iterator(kRoot / "docs")) {
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  }
  for (const fs::path& page : pages) {
    for (const std::string& target : AllMatches(ReadFile(page), link)) {
      EXPECT_TRUE(fs::exists(page.parent_path() / target)) << page << " links to " << target;
    }
  }
}

}  // namespace
}  // namespace headroom
