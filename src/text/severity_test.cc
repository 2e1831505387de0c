#include "text/severity.h"

#include <gtest/gtest.h>

#include <string>

namespace headroom::text {
namespace {

TEST(SeverityTest, ReadsTheLevelsThatLoggersWrite) {
  EXPECT_EQ(SeverityOf("2026-01-02T10:00:01Z INFO request served"), Severity::kInfo);
  EXPECT_EQ(SeverityOf("2026-01-02 10:00:01,123 [WARN] pool is small"), Severity::kWarning);
  EXPECT_EQ(SeverityOf("10:00:01 DEBUG cache state"), Severity::kDebug);
  EXPECT_EQ(SeverityOf("time=\"2026-01-02\" level=error msg=\"no quorum\""), Severity::kError);
  EXPECT_EQ(SeverityOf(R"({"ts":1,"level":"warn","msg":"pool is small"})"), Severity::kWarning);
  EXPECT_EQ(SeverityOf(R"({"level":50,"time":1700000000000,"msg":"no quorum"})"), Severity::kError);
  EXPECT_EQ(SeverityOf(R"({"level":30,"time":1700000000000,"msg":"ready"})"), Severity::kInfo);
  EXPECT_EQ(SeverityOf("E1124 10:00:01.123456 17 store.cc:12] no quorum"), Severity::kError);
  EXPECT_EQ(SeverityOf("W1124 10:00:01.123456 17 store.cc:12] pool is small"), Severity::kWarning);
  EXPECT_EQ(SeverityOf("<3>disk0: medium gone"), Severity::kError);
  EXPECT_EQ(SeverityOf("<30>systemd[1]: Started it"), Severity::kInfo);
  EXPECT_EQ(SeverityOf("[E] no quorum"), Severity::kError);
  EXPECT_EQ(SeverityOf("main.c:3:5: warning: unused variable 'x'"), Severity::kWarning);
  EXPECT_EQ(SeverityOf("2026/01/02 10:00:01 [error] 7#7: *1 upstream closed"), Severity::kError);
  EXPECT_EQ(SeverityOf("INFO[0042] ready"), Severity::kInfo);
  EXPECT_EQ(SeverityOf("npm ERR! code 1"), Severity::kError);
}

TEST(SeverityTest, KnowsErrorsByTheirWords) {
  for (const std::string_view line : {"Traceback (most recent call last):",
                                      "ValueError: bad port 70000",
                                      "java.lang.NullPointerException: x is null",
                                      "connect: Connection refused",
                                      "12 errors generated.",
                                      "failed: 3",
                                      "panic: runtime error: index out of range",
                                      "Segmentation fault (core dumped)",
                                      "request timed out after 30 s",
                                      "make: *** [Makefile:3: all] Error 2",
                                      "process exited with code 137",
                                      "open a.txt: no such file or directory",
                                      "Could not find package absl",
                                      "3 passed, 1 failed in 0.2s",
                                      "test result: FAILED. 141 passed; 3 failed",
                                      "FAIL: test_x (a.b.C)",
                                      "\"GET / HTTP/1.1\" 503 0",
                                      "worker[3]: batch 88140 rejected: checksum differs",
                                      "terminate called after throwing an instance of 'std::runtime_error'",
                                      R"({"type":"invalid_request_error"})",
                                      "Tests run: 9, Failures: 1, Errors: 0",
                                      "error_count: 3"}) {
    EXPECT_EQ(SeverityOf(line), Severity::kError) << line;
  }
}

TEST(SeverityTest, SaysNothingWhereNothingHappened) {
  for (const std::string_view line : {"0 errors",
                                      "no errors found",
                                      "errors=0",
                                      "error: null",
                                      R"({"error": null, "id": 3})",
                                      "error_count: 0",
                                      "141 passed; 0 failed",
                                      "Tests run: 9, Failures: 0, Errors: 0, Skipped: 0",
                                      R"({"errors":[]})",
                                      "0 tests failed",
                                      "compiling test_error.py",
                                      "src/errors/mod.rs",
                                      "open errors.go",
                                      "error handler installed",
                                      "on-error=continue",
                                      "failures: 0",
                                      R"({"failed":false})",
                                      "100% tests passed, 0 tests failed out of 12",
                                      "timeout=30",
                                      "request_timeout: 30",
                                      "found 0 vulnerabilities",
                                      "exited with code 0",
                                      R"({"error":""})",
                                      "Errors: none",
                                      "without errors",
                                      "fail-fast: true",
                                      R"("GET / HTTP/1.1" 200 5)"}) {
    EXPECT_LT(SeverityOf(line), Severity::kWarning) << line;
  }
}

TEST(SeverityTest, PassedTestsAreNotJudgedByTheirNames) {
  for (const std::string_view line :
       {"test fares::rejects_invalid_zone ... ok", "PASSED tests/a.py::test_error", "test_fails (a.B) ... ok",
        "ok 3 - fails on timeout", "\xe2\x9c\x93 throws an error", "tests/a.py::test_failure PASSED      [ 12%]",
        "--- PASS: TestError (0.00s)", " 3/9 Test  #3: error_paths .......   Passed    0.01 sec"}) {
    EXPECT_TRUE(SaysPassed(line)) << line;
    EXPECT_EQ(SeverityOf(line), Severity::kInfo) << line;
  }
  EXPECT_FALSE(SaysPassed("test fares::cap ... FAILED"));
  EXPECT_FALSE(SaysPassed("okay then"));
}

TEST(SeverityTest, MoreInfoAboutAFailureIsAFailure) {
  EXPECT_EQ(SeverityOf("for more info about this error run with -v: build failed"), Severity::kError);
}

TEST(SaysErrorTest, LooksAtValues) {
  EXPECT_TRUE(SaysError("Connection refused"));
  EXPECT_TRUE(SaysError("FAILED"));
  EXPECT_TRUE(SaysError("timeout after 30s"));
  EXPECT_TRUE(SaysError("rate_limit_exceeded: ERR_TOO_MANY"));
  EXPECT_FALSE(SaysError(""));
  EXPECT_FALSE(SaysError("none"));
  EXPECT_FALSE(SaysError("0 failed"));
  EXPECT_FALSE(SaysError("no errors"));
  EXPECT_FALSE(SaysError("completed"));
}

TEST(SaysErrorTest, BytesThatAreNoTextAreBorne) {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes.push_back(static_cast<char>(i * 37 % 256));
  EXPECT_FALSE(SaysError(std::string(100, '\xff')));
  SeverityOf(bytes);
  for (size_t cut = 0; cut < 40; ++cut)
    SeverityOf(std::string_view("{\"level\":\"error\",\"errors\":[\"").substr(0, cut));
}

}  // namespace
}  // namespace headroom::text
