#include <gtest/gtest.h>

#include <random>
#include <string>

#include "text/excerpt.h"
#include "text/gaps.h"
#include "text/terminal_excerpt_reader_test.h"

namespace headroom::text {
namespace {

std::string N(size_t i) { return std::to_string(i); }

// The excerpt, checked to cover its source exactly; "" where all stays.
std::string Excerpted(std::string_view text, std::string_view question) {
  const ExcerptCall call(text, question);
  const std::optional<Excerpt> excerpt = ExcerptTerminal(call.in);
  if (!excerpt.has_value() || excerpt->text.empty()) return "";
  EXPECT_EQ(FillGaps(excerpt->text, text), "");
  EXPECT_EQ(excerpt->omitted.kept, CountSourceLines(excerpt->text));
  EXPECT_EQ(excerpt->omitted.total, static_cast<size_t>(std::count(text.begin(), text.end(), '\n')));
  EXPECT_EQ(ExcerptTerminal(call.in)->text, excerpt->text);
  return excerpt->text;
}

bool Has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string Trace(size_t calls, std::string_view failed) {
  std::string text = "execve(\"/bin/app\", [\"app\"], 0x7ffe /* 30 vars */) = 0\n";
  for (size_t i = 0; i < calls; ++i) {
    text += i % 3 == 0
                ? "read(3, \"abcdefgh\"..., 4096) = " + N(i + 1) + "\n"
                : "openat(AT_FDCWD, \"/lib/dir" + N(i) + "/x.so\", O_RDONLY) = -1 ENOENT (No such file or directory)\n";
    if (i == calls / 2) text.append(failed).append("\n");
  }
  return text + "exit_group(1) = ?\n+++ exited with 1 +++\n";
}

TEST(TerminalExcerptTest, KeepsTheCallThatFailsAsNoOtherDoes) {
  const std::string failed = "openat(AT_FDCWD, \"/etc/app.conf\", O_RDONLY) = -1 EACCES (Permission denied)";
  const std::string out = Excerpted(Trace(300, failed), "Why does it stop?");
  EXPECT_TRUE(Has(out, failed));
  EXPECT_TRUE(Has(out, "+++ exited with 1 +++"));
  EXPECT_LT(out.size(), Trace(300, failed).size() / 4);
}

TEST(TerminalExcerptTest, KeepsTheLastFailedCallsBeforeTheEnd) {
  const std::string out = Excerpted(Trace(300, "close(3) = 0"), "Why does it stop?");
  EXPECT_TRUE(Has(out, "/lib/dir299/x.so") || Has(out, "/lib/dir298/x.so"));
}

TEST(TerminalExcerptTest, KeepsEveryCallOfTheFileThatIsNamed) {
  std::string text = Trace(300, "openat(AT_FDCWD, \"/srv/data/orders.db\", O_RDWR) = 7");
  const std::string out = Excerpted(text, "With which flags is orders.db opened?");
  EXPECT_TRUE(Has(out, "\"/srv/data/orders.db\", O_RDWR) = 7"));
}

TEST(TerminalExcerptTest, KeepsWhatATracedProgramPrints) {
  const std::string out = Excerpted(Trace(300, "my own words on the screen"), "Why does it stop?");
  EXPECT_TRUE(Has(out, "my own words on the screen"));
}

TEST(TerminalExcerptTest, LeavesAllToAQuestionForAll) {
  const std::string text = Trace(300, "close(3) = 0");
  EXPECT_EQ(Excerpted(text, "List every file that is opened."), "");
}

std::string Backtrace() {
  std::string text = "Program received signal SIGSEGV, Segmentation fault.\n#0 0x5155 in length (c=0x0) at crash.c:4\n";
  for (size_t i = 1; i < 40; ++i) text += "#" + N(i) + " 0x5190 in walk (c=0x7ff, total=" + N(i) + ") at crash.c:5\n";
  text += "#40 0x5223 in main () at crash.c:6\n";
  for (size_t i = 8; i < 16; ++i) text += "r" + N(i) + " 0x0 0\n";
  text += "rax 0x7ffff7fce6d0 140737353934544\n=> 0x5159 <length+16>:\tmov (%rax),%rax\n";
  for (size_t i = 0; i < 9; ++i)
    text += "   0x51" + N(60 + i) + " <length+" + N(20 + i) + ">:\tcall 0x5030 <strlen@plt>\n";
  return text;
}

TEST(TerminalExcerptTest, KeepsTheEndsOfADeepRecursionAndTheCrash) {
  const std::string out = Excerpted(Backtrace(), "Where does it crash?");
  EXPECT_TRUE(Has(out, "#0 0x5155 in length (c=0x0) at crash.c:4"));
  EXPECT_TRUE(Has(out, "#1 0x5190"));
  EXPECT_TRUE(Has(out, "#39 0x5190"));
  EXPECT_TRUE(Has(out, "#40 0x5223 in main ()"));
  EXPECT_FALSE(Has(out, "#20 0x"));
  EXPECT_TRUE(Has(out, "=> 0x5159"));
  EXPECT_FALSE(Has(out, "rax 0x"));
}

TEST(TerminalExcerptTest, KeepsRegistersThatAreAskedFor) {
  EXPECT_TRUE(Has(Excerpted(Backtrace(), "What do the registers hold?"), "rax 0x7ffff7fce6d0"));
}

TEST(TerminalExcerptTest, KeepsWhatAPlanDestroysAndTheChangeThatDiffers) {
  std::string text = "Terraform will perform the following actions:\n\n";
  const auto change = [](const std::string& name, const std::string& value) {
    return "  # aws_instance." + name + " will be updated in-place\n  ~ resource \"aws_instance\" \"" + name +
           "\" {\n      ~ release = \"1\" -> \"" + value + "\"\n        # (31 unchanged attributes hidden)\n    }\n\n";
  };
  for (size_t i = 0; i < 30; ++i) text += change("node" + N(i), i == 17 ? "9" : "2");
  text +=
      "  # aws_db.orders will be destroyed\n  - resource \"aws_db\" \"orders\" {\n      - name = \"orders\" -> null\n  "
      "  }\n\n";
  text += "Plan: 0 to add, 30 to change, 1 to destroy.\n";
  const std::string out = Excerpted(text, "Is this safe?");
  EXPECT_TRUE(Has(out, "aws_db.orders will be destroyed"));
  EXPECT_TRUE(Has(out, "- name = \"orders\" -> null"));
  EXPECT_TRUE(Has(out, "aws_instance.node17 will"));
  EXPECT_TRUE(Has(out, "~ release = \"1\" -> \"9\""));
  EXPECT_TRUE(Has(out, "aws_instance.node0 will"));
  EXPECT_TRUE(Has(out, "Plan: 0 to add, 30 to change, 1 to destroy."));
  EXPECT_FALSE(Has(out, "node11"));
  EXPECT_TRUE(Has(out, "16 resources"));  // node1 to node16
}

TEST(TerminalExcerptTest, KeepsCommitsThatAreNamedAndTheNewest) {
  std::string text;
  for (size_t i = 0; i < 200; ++i)
    text += N(10000000 + i * 77) + "a build(deps): bump library " + N(i) + " to its next version\n";
  text += "deadbeef1 fix(parser): keep the last comma (#4383)\n";
  for (size_t i = 0; i < 100; ++i)
    text += N(20000000 + i * 77) + "a build(deps): bump tool " + N(i) + " to its next version\n";
  const std::string out = Excerpted(text, "What is the id of #4383?");
  EXPECT_TRUE(Has(out, "deadbeef1 fix(parser)"));
  EXPECT_TRUE(Has(out, "10000000a build"));
}

TEST(TerminalExcerptTest, KeepsTheMessageOfACommitThatIsAskedFor) {
  std::string text;
  for (size_t i = 0; i < 40; ++i) {
    text += "commit " + N(1000000 + i) +
            "abcdef0123456789abcdef01234567891\nAuthor: A B <a@b.example>\nDate:   Mon\n\n    Subject " + N(i) +
            "\n\n    Body says " + (i == 23 ? "why the quux cache was dropped" : "nothing of note at all here") +
            "\n\n";
  }
  const std::string out = Excerpted(text, "Why was the quux cache dropped?");
  EXPECT_TRUE(Has(out, "    Subject 23"));
  EXPECT_TRUE(Has(out, "commit 1000023abcdef"));
  EXPECT_TRUE(Has(out, "why the quux cache was dropped"));
  EXPECT_TRUE(Has(out, "commit 1000000abcdef"));
}

std::string Listing() {
  std::string text = ".:\ntotal 400\n";
  for (size_t i = 0; i < 90; ++i)
    text += "-rw-r--r-- 1 app app " + N(1000 + i * 13) + " Nov 23 08:39 file" + N(i) + ".js\n";
  text += "-rwsr-xr-x 1 app app 1310 Nov 23 08:39 helper\n-rw-r--r-- 1 root app 1200 Nov 23 08:39 keys\n";
  text += "-rw-r--r-- 1 app app 0 Nov 23 08:39 nothing.txt\nlrwxrwxrwx 1 app app 17 Nov 23 08:39 env -> ../gone\n";
  return text + "-rw-r--r-- 1 app app 1500 Nov 23 08:39 last.js\n";
}

TEST(TerminalExcerptTest, KeepsFilesThatDifferWhereThatIsAskedFor) {
  const std::string out = Excerpted(Listing(), "Is any file empty, setuid or owned by somebody else?");
  for (const std::string_view part : {"-rwsr-xr-x", "root app", "nothing.txt", "env -> ../gone"})
    EXPECT_TRUE(Has(out, part)) << part;
  EXPECT_FALSE(Has(out, "file30.js"));
}

TEST(TerminalExcerptTest, KeepsAllFilesWhereOneOfThemMayBeMeant) {
  EXPECT_EQ(Excerpted(Listing(), "Where is the configuration?"), "");
}

TEST(TerminalExcerptTest, KeepsAllFilesWhereALongReportHasSuchWordsByChance) {
  std::string report = "The link to the group page has the wrong size and is empty.";
  for (size_t i = 0; i < 40; ++i) report += " Observation" + N(i) + " follows.";
  EXPECT_EQ(Excerpted(Listing(), report), "");
}

TEST(TerminalExcerptTest, LeavesOutWhatToolsFillBelowTheirFolder) {
  std::string text = ".\n├── src\n│   ├── main.js\n│   └── own.js\n├── node_modules\n";
  for (size_t i = 0; i < 60; ++i) text += "│   ├── package" + N(i) + "\n";
  text += "└── README.md\n\n3 directories, 64 files\n";
  const std::string out = Excerpted(text, "Where does it start?");
  for (const std::string_view part : {"own.js", "node_modules", "README.md", "3 directories, 64 files"})
    EXPECT_TRUE(Has(out, part)) << part;
  EXPECT_FALSE(Has(out, "package30"));
  EXPECT_TRUE(Has(out, "60 files") || Has(out, "lines 6-65 omitted")) << out;
  EXPECT_EQ(Excerpted(text, "Which packages are in node_modules?"), "");
}

TEST(TerminalExcerptTest, KeepsReasonsAndWarningsOfADescription) {
  std::string text = "Name: ledger\nNamespace: shop\nState: Waiting\n  Reason: CrashLoopBackOff\nEnvironment:\n";
  for (size_t i = 0; i < 60; ++i) text += "  FEATURE_" + N(1000 + i) + ": off and nothing else\n";
  text += "Events:\n  Warning Unhealthy 11m kubelet Liveness probe failed\n";
  const std::string out = Excerpted(text, "Why does it restart?");
  EXPECT_TRUE(Has(out, "Reason: CrashLoopBackOff"));
  EXPECT_TRUE(Has(out, "Liveness probe failed"));
  EXPECT_FALSE(Has(out, "FEATURE_1030"));
  EXPECT_TRUE(Has(Excerpted(text, "Is FEATURE_1030 on?"), "FEATURE_1030"));
}

TEST(TerminalExcerptTest, KeepsErrorsAndWarningsOfACheckerAndOneRemarkOfEachCode) {
  std::string text;
  for (size_t i = 1; i <= 30; ++i) {
    text += "\nIn deploy.sh line " + N(i) + ":\nrm $target" + N(i) + "\n   ^-- " +
            (i == 17 ? "SC2115 (warning): Ensure this never expands to /."
                     : "SC2086 (info): Double quote to prevent globbing.") +
            "\n";
  }
  text += "\nFor more information:\n  https://www.shellcheck.net/wiki/SC2115\n";
  const std::string out = Excerpted(text, "Which findings are not just info?");
  EXPECT_TRUE(Has(out, "In deploy.sh line 17:\nrm $target17\n   ^-- SC2115 (warning)"));
  EXPECT_TRUE(Has(out, "In deploy.sh line 1:"));
  EXPECT_TRUE(Has(out, "For more information:"));
  EXPECT_FALSE(Has(out, "In deploy.sh line 9:"));
  EXPECT_TRUE(Has(out, "(15 findings)"));  // lines 2 to 16
}

TEST(TerminalExcerptTest, LeavesTextOfNoKnownFormToOthers) {
  const std::string text(4000, 'x');
  for (const std::string& other : {text, std::string("a\nb\nc\n"), std::string(), text + "\n" + text + "\n"}) {
    const ExcerptCall call(other, "What is it?");
    EXPECT_FALSE(ExcerptTerminal(call.in).has_value());
  }
}

TEST(TerminalExcerptTest, ReadsLinesAsATerminalShowsThemUnderTheirOwnNumber) {
  std::string text, shown;
  for (size_t i = 0; i < 60; ++i) {
    const std::string line = N(1000000 + i) + "a chore: step " + N(i) + " is long enough to be left out";
    text += "\x1b[33m" + N(1000000 + i) + "a\x1b[m chore: step " + N(i) + " is long enough to be left out\n";
    shown += line + "\n";
  }
  const ExcerptCall call(text, "What is chore 1000044a?");
  const std::optional<Excerpt> excerpt = ExcerptTerminal(call.in);
  ASSERT_TRUE(excerpt.has_value());
  EXPECT_TRUE(Has(excerpt->text, "1000044a chore: step 44 is"));
  EXPECT_EQ(FillGaps(excerpt->text, shown), "");
}

TEST(TerminalExcerptTest, StopsAtTheDeadline) {
  const std::string text = Trace(3000, "close(3) = 0");
  const ExcerptCall call(text, "Why?");
  const Expired always = [] { return true; };
  const ExcerptInput late{.input = call.input, .text = text, .query = call.query, .expired = always};
  EXPECT_FALSE(ExcerptTerminal(late).has_value());
}

// Random lines of every form, mixed: whatever is chosen, gaps and lines cover the source.
TEST(TerminalExcerptTest, CoversTheSourceWhateverTheLinesAre) {
  const std::vector<std::string> forms = {"openat(AT_FDCWD, \"/a/b\", O_RDONLY) = -1 ENOENT (No such file)",
                                          "read(3, \"x\", 10) = 10",
                                          "#3 0x12 in walk (c=0x0) at c.c:5",
                                          "Thread 2 (LWP 7):",
                                          "rax 0x0 0",
                                          "  # a.b will be destroyed",
                                          "    }",
                                          "Plan: 1 to add, 0 to change, 0 to destroy.",
                                          "commit 0123456789abcdef0123456789abcdef01234567",
                                          "Author: x",
                                          "1234567a build: bump",
                                          "-rw-r--r-- 1 a b 12 Nov 23 08:39 f",
                                          "./dir:",
                                          "├── f.js",
                                          "Name: x",
                                          "  Key: value",
                                          "A=b",
                                          "",
                                          "\xff\xfe not utf-8",
                                          "... lines 3-9 omitted ..x",
                                          "日本語の行"};
  std::mt19937 random(7);
  for (size_t round = 0; round < 300; ++round) {
    std::string text;
    const size_t first = random() % forms.size();
    for (size_t i = 0; i < 80; ++i)
      text += forms[random() % 4 == 0 ? random() % forms.size() : (first + random() % 2) % forms.size()] +
              (random() % 3 ? "" : " " + N(random() % 100)) + "\n";
    Excerpted(text, round % 2 ? "Why does it fail with 42?" : "");
  }
}

}  // namespace
}  // namespace headroom::text
