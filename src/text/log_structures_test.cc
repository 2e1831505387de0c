// Traces, reports and diagnostics: what of them stays.

#include <gtest/gtest.h>

#include <string>

#include "text/log_diagnostics.h"
#include "text/log_failures.h"
#include "text/log_lines.h"
#include "text/log_traces.h"

namespace headroom::text {
namespace {

// The lines of `text` that `settle` lets go.
template <typename Settle>
std::string Gone(const std::string& text, Settle&& settle) {
  const LogLines lines(text, {});
  LogPlan plan(lines.size());
  settle(lines, &plan);
  std::string gone;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!plan.stays(i)) gone.append(lines[i].text).append("\n");
  }
  return gone;
}

std::string GoneOfTraces(const std::string& text) { return Gone(text, SettleTraces); }

TEST(LogTracesTest, LibraryFramesInTheMiddleGo) {
  EXPECT_EQ(GoneOfTraces("Traceback (most recent call last):\n"
                         "  File \"/srv/app.py\", line 3, in main\n    run()\n"
                         "  File \"/v/lib/python3.11/site-packages/x/a.py\", line 9, in call\n    b()\n"
                         "  File \"/v/lib/python3.11/site-packages/x/b.py\", line 7, in b\n    raise ValueError\n"
                         "ValueError: bad port 70000\n"),
            "  File \"/v/lib/python3.11/site-packages/x/a.py\", line 9, in call\n    b()\n");
}

TEST(LogTracesTest, CausesAndOwnFramesOfJavaStay) {
  const std::string gone = GoneOfTraces(
      "java.lang.IllegalStateException: ledger is closed\n\tat com.example.Ledger.add(Ledger.java:17)\n"
      "\tat java.base/java.lang.reflect.Method.invoke(Method.java:568)\n"
      "\tat org.junit.Runner.run(Runner.java:5)\nCaused by: java.io.IOException: read-only\n"
      "\tat com.example.Ledger.flush(Ledger.java:31)\n\t... 71 more\n");
  EXPECT_EQ(
      gone,
      "\tat java.base/java.lang.reflect.Method.invoke(Method.java:568)\n\tat org.junit.Runner.run(Runner.java:5)\n");
}

TEST(LogTracesTest, WithoutOwnFramesTheEndsStay) {
  std::string text = "panic in the runtime\n";
  for (int i = 0; i < 10; ++i) text += "\tat java.util.Stream" + std::to_string(i) + ".run(S.java:1)\n";
  const std::string gone = GoneOfTraces(text);
  EXPECT_EQ(gone.find("Stream2."), std::string::npos);
  EXPECT_NE(gone.find("Stream3."), std::string::npos);
  EXPECT_NE(gone.find("Stream6."), std::string::npos);
  EXPECT_EQ(gone.find("Stream7."), std::string::npos);
}

TEST(LogTracesTest, ATraceThatCameBeforeGoesWhole) {
  const std::string trace =
      "Traceback (most recent call last):\n  File \"/srv/app.py\", line 3, in main\n    run()\nValueError: bad\n";
  EXPECT_EQ(GoneOfTraces(trace + "\nretrying\n\n" + trace), trace);
}

TEST(LogTracesTest, ADeepRecursionKeepsBothEnds) {
  std::string text = "Traceback (most recent call last):\n";
  for (int i = 0; i < 900; ++i) text += "  File \"/srv/app.py\", line 3, in f\n    f(n - 1)\n";
  text += "RecursionError: maximum recursion depth exceeded\n";
  const LogLines lines(text, {});
  LogPlan plan(lines.size());
  SettleTraces(lines, &plan);
  EXPECT_TRUE(plan.stays(1));
  EXPECT_TRUE(plan.stays(lines.size() - 2));
  EXPECT_TRUE(plan.stays(lines.size() - 1));
  EXPECT_FALSE(plan.stays(900));
}

std::string Report(const std::string& name, const std::string& message) {
  return "____________ " + name + " ____________\n\n    def " + name + "():\n        \"\"\"Says what it does.\n\n" +
         "        At length.\n        \"\"\"\n        a = 1\n        b = 2\n>       assert f(3) == 4\nE       " +
         message + "\n\ntests/a.py:12: AssertionError\n";
}

std::string GoneOfReports(const std::string& text, bool each) {
  return Gone(text, [each](const LogLines& lines, LogPlan* plan) { SettleFailures(lines, each, plan); });
}

TEST(LogFailuresTest, DocstringsGoAndTheFailedLineStaysWithItsSurroundings) {
  const std::string gone = GoneOfReports(Report("test_a", "assert 3 == 4"), false);
  EXPECT_NE(gone.find("At length."), std::string::npos);
  for (const std::string part : {"test_a", "a = 1", "b = 2", "assert f(3)", "assert 3 == 4", "tests/a.py:12"}) {
    EXPECT_EQ(gone.find(part), std::string::npos) << part;
  }
}

TEST(LogFailuresTest, AReportWithTheSameMessageGoesWhenTheSummaryNamesItsTest) {
  const std::string second = Report("test_b", "assert 3 == 4");
  const std::string summary = "=== short test summary info ===\nFAILED tests/a.py::test_a\nFAILED tests/a.py::test_b\n";
  EXPECT_NE(GoneOfReports(Report("test_a", "assert 3 == 4") + second + summary, false).find(second), std::string::npos);
}

TEST(LogFailuresTest, WithoutASummaryOrWithEachItsTitleAndMessageStay) {
  const std::string first = Report("test_a", "assert 3 == 4");
  const std::string second = Report("test_b", "assert 3 == 4");
  for (const std::string& summary : {std::string(), std::string("FAILED tests/a.py::test_a\n")}) {
    const std::string gone = GoneOfReports(first + second + summary, !summary.empty());
    EXPECT_EQ(gone.find("____ test_b"), std::string::npos);
    EXPECT_EQ(gone.find("E       assert"), std::string::npos);
    EXPECT_NE(gone.find("def test_b"), std::string::npos);
  }
}

std::string GoneOfDiagnostics(const std::string& text, bool each = false) {
  return Gone(text, [each](const LogLines& lines, LogPlan* plan) { SettleDiagnostics(lines, each, plan); });
}

TEST(LogDiagnosticsTest, SourceAndCaretStayWithTheirError) {
  EXPECT_EQ(GoneOfDiagnostics("a.cc:12:7: error: no member named 'adc'\n   12 |     l.adc(3);\n      |       ^~~\n"
                              "b.cc:3:5: error: expected ';'\n  return 3\n          ^\n"),
            "");
}

TEST(LogDiagnosticsTest, FiveOfOneMessageAreToldByTwoAndFourStay) {
  std::string text;
  for (int i = 0; i < 4; ++i) text += "a.ts(" + std::to_string(i) + ",5): error TS2322: not assignable\n";
  EXPECT_EQ(GoneOfDiagnostics(text), "");
  text += "a.ts(9,5): error TS2322: not assignable\n";
  EXPECT_EQ(GoneOfDiagnostics(text),
            "a.ts(2,5): error TS2322: not assignable\na.ts(3,5): error TS2322: not assignable\n"
            "a.ts(9,5): error TS2322: not assignable\n");
  EXPECT_EQ(GoneOfDiagnostics(text, true), "");
}

TEST(LogDiagnosticsTest, NotesOfForeignHeadersGoButForOne) {
  EXPECT_EQ(GoneOfDiagnostics("a.cc:3:5: error: no matching function\n/usr/include/x.h:1:1: note: candidate one\n"
                              "/usr/include/x.h:2:1: note: candidate two\nb.cc:9:1: note: requested here\n"),
            "/usr/include/x.h:2:1: note: candidate two\n");
}

TEST(LogDiagnosticsTest, ReadsThePlacesOfManyTools) {
  for (const std::string_view line :
       {"a.cc:3:5: error: x", "a.ts(3,5): error TS1: x", "a.py:3: error: x [misc]", "a.cpp(12): error C2065: x",
        "error[E0308]: mismatched types", "warning: unused variable", "  12:5  error  Missing semicolon  semi"}) {
    EXPECT_NE(DiagnosticMessage(line), std::string_view::npos) << line;
  }
  for (const std::string_view line : {"2026-01-02 10:00:01 error", "no error here: fine", "errors were found"}) {
    EXPECT_EQ(DiagnosticMessage(line), std::string_view::npos) << line;
  }
}

}  // namespace
}  // namespace headroom::text
