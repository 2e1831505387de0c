#include "text/protected_read.h"

#include <gtest/gtest.h>

#include <string>

#include "json/strings.h"

namespace headroom::text {
namespace {

std::string Text() {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "some words of a file\n";
  return text;
}

bool Protected(std::string_view tool, std::string_view arguments, const std::string& text = Text()) {
  return IsProtectedRead({text, tool, arguments});
}

bool ProtectedCommand(std::string_view command, const std::string& text = Text()) {
  return Protected("Bash", "{\"command\":" + json::Quote(command) + "}", text);
}

TEST(ProtectedReadTest, KnowsTheReadToolsOfAgents) {
  EXPECT_TRUE(Protected("Read", R"({"file_path":"src/a.py"})"));
  EXPECT_TRUE(Protected("read", R"({"filePath":"src/a.ts"})"));
  EXPECT_TRUE(Protected("View", R"({"file_path":"a.go"})"));
  EXPECT_TRUE(Protected("read_file", R"({"target_file":"a.rs"})"));
  EXPECT_TRUE(Protected("read_many_files", R"({"paths":["a.md","b.txt"]})"));
  EXPECT_TRUE(Protected("mcp__fs__read_file", R"({"path":"a.yaml"})"));
  EXPECT_TRUE(Protected("filesystem.Read_Text_File", R"({"path":"conf/nginx.conf"})"));
  EXPECT_TRUE(Protected("str_replace_editor", R"({"command":"view","path":"a.py"})"));
  EXPECT_TRUE(Protected("Read", ""));
}

TEST(ProtectedReadTest, OtherToolsReadNothing) {
  EXPECT_FALSE(Protected("query_sheet", R"({"sheet":"sales"})"));
  EXPECT_FALSE(Protected("WebFetch", R"({"url":"https://x.test/a.py"})"));
  EXPECT_FALSE(Protected("Grep", R"({"path":"a.py"})"));
  EXPECT_FALSE(Protected("", ""));
}

TEST(ProtectedReadTest, KnowsTheWindowsOfEditors) {
  EXPECT_TRUE(Protected("open", R"({"path":"src/a.py","line_number":40})"));
  EXPECT_TRUE(Protected("open", R"({"path":"src/a.py"})"));
  EXPECT_TRUE(Protected("edit_window", R"({"spec":"3:4\nx = 1"})"));
  EXPECT_FALSE(Protected("open", R"({"url":"https://x.test/a.py"})")) << "a browser's";
  EXPECT_FALSE(Protected("open", R"({"path":"https://x.test/a.py"})"));
  EXPECT_FALSE(Protected("open", R"({"id":3})"));
  const std::string window = "Text replaced.\n[File: /r/a.py (80 lines total)]\n(20 more lines above)\n" + Text();
  EXPECT_TRUE(Protected("insert", R"({"text":"x = 1"})", window)) << "known by what it prints";
  EXPECT_TRUE(Protected("scroll_down", "{}", window));
  EXPECT_FALSE(Protected("insert", R"({"text":"x = 1"})"));
  EXPECT_FALSE(Protected("insert", "{}", "see [File: /r/a.py (80 lines total)]\n" + Text())) << "not at a line's start";
}

TEST(ProtectedReadTest, KnowsReadingCommands) {
  for (const std::string_view command : {"cat src/a.py",
                                         "cat -n a.c",
                                         "sed -n '1,80p' a.py",
                                         "sed -n 10,20p a.py",
                                         "nl -ba a.py",
                                         "head -n 50 a.py",
                                         "head -50 a.py",
                                         "tail -n +20 a.rs",
                                         "bat --style=plain a.rs",
                                         "less a.md",
                                         "git show HEAD~1:src/a.c",
                                         "git -C /x show abc123:./a.py | head -40",
                                         "awk 'NR>=10 && NR<=20' a.py",
                                         "awk '/start/,/end/' a.py",
                                         "cd /repo && sed -n '1,80p' f.py",
                                         "nl -ba f.py | sed -n '10,60p'",
                                         "cat f.py | head -100",
                                         "cat < f.py",
                                         "FOO=1 sudo cat /etc/hosts",
                                         "for f in a.py b.py; do echo $f; cat $f; done",
                                         "find . -name '*.py' | xargs cat",
                                         "find . -name x.py -exec cat {} \\;",
                                         "ls; cat a.py",
                                         "cat a.py 2>/dev/null",
                                         "cat a.py || true",
                                         "bash -lc 'sed -n 1,5p a.py'",
                                         "powershell -Command \"Get-Content a.ps1\"",
                                         "type a.cs",
                                         "grep -n '' a.py",
                                         "rg -n ^ a.py",
                                         "/bin/cat a.py",
                                         "cat \"my file.py\"",
                                         "cat $(git ls-files '*.py')"}) {
    EXPECT_TRUE(ProtectedCommand(command)) << command;
  }
}

TEST(ProtectedReadTest, OtherCommandsReadNothing) {
  for (const std::string_view command :
       {"make", "python a.py", "cat a.py | wc -l", "cat a.py | grep def", "git show HEAD", "git diff", "ls -la",
        "echo cat a.py", "cat > a.py <<'EOF'\ncat b.py\nEOF", "sed -i s/a/b/ a.py", "awk '{print $2}' a.txt", "tail -f",
        "cat a b > c", ""}) {
    EXPECT_FALSE(ProtectedCommand(command)) << command;
  }
}

TEST(ProtectedReadTest, ReadsListsOfCommands) {
  EXPECT_TRUE(Protected("shell", R"({"commands":["cd /repo","cat a.py"]})"));
  EXPECT_FALSE(Protected("shell", R"({"commands":["cat a.py | wc -l","make"]})"));
}

TEST(ProtectedReadTest, ReadsArgumentLists) {
  EXPECT_TRUE(Protected("shell", R"({"command":["bash","-lc","cd x && cat a.py"],"workdir":"/r"})"));
  EXPECT_TRUE(Protected("local_shell", R"({"cmd":["sed","-n","1,5p","a.py"]})"));
  EXPECT_TRUE(Protected("exec_command", R"({"cmd":"nl -ba a.py","yield_time_ms":1000})"));
  EXPECT_FALSE(Protected("shell", R"({"command":["bash","-lc","make"]})"));
  EXPECT_FALSE(Protected("shell", R"({"command":[]})"));
}

TEST(ProtectedReadTest, DataIsNotProtectedAboveTheFloor) {
  const std::string below(Text().substr(0, 2047));
  const std::string at(Text().substr(0, 2048));
  for (const std::string_view file : {"server.log", "app.log.1", "a.csv", "b.tsv", "c.json", "d.jsonl", "e.ndjson",
                                      "x.min.js", "package-lock.json", "Cargo.lock", "yarn.lock", "go.sum"}) {
    EXPECT_FALSE(ProtectedCommand("cat " + std::string(file), at)) << file;
    EXPECT_TRUE(ProtectedCommand("cat " + std::string(file), below)) << file;
    EXPECT_FALSE(Protected("Read", "{\"file_path\":\"/r/" + std::string(file) + "\"}", at)) << file;
  }
}

TEST(ProtectedReadTest, SourceProseAndConfigurationAreNoData) {
  for (const std::string_view file :
       {"a.py", "README.md", "notes.txt", "index.rst", "ci.yaml", "pyproject.toml", "a.ini"}) {
    EXPECT_TRUE(ProtectedCommand("cat " + std::string(file))) << file;
  }
  EXPECT_TRUE(ProtectedCommand("cat a.log a.py")) << "one of the files is source";
}

TEST(ProtectedReadTest, ContentDecidesWhereTheNameDoesNot) {
  std::string log;
  for (int i = 0; i < 100; ++i) log += "2026-01-02 10:00:00 INFO request served\n";
  EXPECT_FALSE(ProtectedCommand("cat /var/log/syslog", log));
  EXPECT_TRUE(ProtectedCommand("cat Makefile"));
  EXPECT_FALSE(ProtectedCommand("cat bundle.js", std::string(5000, 'x'))) << "one line of 5,000 bytes is minified";
  EXPECT_FALSE(ProtectedCommand("cat a.go", "// Code generated by protoc-gen-go. DO NOT EDIT.\n" + Text()));
}

TEST(ProtectedReadTest, SurvivesBrokenArguments) {
  for (const std::string_view arguments :
       {"{", "{\"command\"", "{\"command\":\"cat a.py", "{\"command\":[\"cat\"", "[]", "null",
        "{\"a\":{\"command\":\"cat a.py\"}}", "{\"command\":\"'\\\"$(\"}", "\\", "{\"\\"}) {
    IsProtectedRead({Text(), "Bash", arguments});
  }
  EXPECT_TRUE(Protected("Bash", "cat a.py")) << "a bare command";
  EXPECT_TRUE(Protected("Bash", R"({"command":"cat a.py)")) << "cut off";
}

TEST(ProtectedReadTest, TellsQuotesFromReads) {
  EXPECT_EQ(FindFileAccess({"", "Bash", R"({"command":"grep -A 50 foo a.py"})"}).how, FileAccess::How::kQuote);
  EXPECT_EQ(FindFileAccess({"", "Edit", R"({"file_path":"a.py"})"}).how, FileAccess::How::kQuote);
  EXPECT_EQ(FindFileAccess({"", "Bash", R"({"command":"git diff | head"})"}).how, FileAccess::How::kQuote);
  EXPECT_EQ(FindFileAccess({"", "Bash", R"({"command":"cargo test 2>&1 | tail -50"})"}).how, FileAccess::How::kNone);
  EXPECT_EQ(FindFileAccess({"", "Bash", R"({"command":"head -5 b.c"})"}).files, std::vector<std::string>{"b.c"});
}

}  // namespace
}  // namespace headroom::text
