// Diffs against earlier results, over the real store (in memory), compressors
// and counters. Identical results are in content_router_test.cc.

#include "proxy/seen_before.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "json/strings.h"
#include "proxy/optimizer.h"

namespace headroom::proxy {
namespace {

using Messages = std::vector<std::string>;

std::string Call(std::string_view id, std::string_view tool, std::string_view input) {
  return R"({"role":"assistant","content":[{"type":"tool_use","id":")" + std::string(id) + R"(","name":")" +
         std::string(tool) + R"(","input":)" + std::string(input) + "}]}";
}
std::string Result(std::string_view id, std::string_view text) {
  return R"({"role":"user","content":[{"type":"tool_result","tool_use_id":")" + std::string(id) + R"(","content":)" +
         json::Quote(text) + "}]}";
}

// Source as Read prints it; `inserted` stands before line 10.
std::string File(std::string_view inserted = "") {
  std::string text;
  size_t number = 0;
  const auto add = [&](std::string_view line) {
    const std::string digits = std::to_string(++number);
    text += std::string(6 - digits.size(), ' ') + digits + "→" + std::string(line) + "\n";
  };
  for (int i = 1; i <= 60; ++i) {
    if (i == 10 && !inserted.empty()) add(inserted);
    add("  const auto value_" + std::to_string(i * 7919 % 1000) + " = Compute(" + std::to_string(i * 31 % 97) + ");");
  }
  return text;
}

// What a test program prints; no rule shortens it.
std::string TestRun(std::string_view of_case_40) {
  std::string text;
  for (int i = 1; i <= 60; ++i) {
    text += "case " + std::to_string(i * 7919 % 1000) + " of the suite: " +
            (i == 40 ? std::string(of_case_40) : "passed after " + std::to_string(i * 31 % 97) + " steps") + "\n";
  }
  return text;
}

constexpr std::string_view kRead = R"({"file_path":"/a.cc"})";
constexpr std::string_view kTest = R"({"command":"./run_tests"})";

class SeenBeforeTest : public testing::Test {
 protected:
  SeenBeforeTest() : store_(std::move(*store::Store::Open({}, Clock::System()))) {
    optimizer_ = std::make_unique<Optimizer>(ContentRouter::Options{}, *store_, Clock::System());
  }

  Optimized Run(const Messages& messages, std::string_view head = "") {
    body_ =
        R"({"model":"claude-sonnet-4-5",)" + std::string(head) + R"("messages":[{"role":"user","content":"Fix it."})";
    for (const std::string& message : messages) body_ += "," + message;
    body_ += "]}";
    net::HeaderList headers;
    headers.Add("x-api-key", "k");
    return optimizer_->Run({.credential = ReadCredential(headers, {}), .upstream = {}}, PaddedBytes(body_));
  }
  // The last tool result as it goes upstream.
  std::string Last(const Messages& messages, std::string_view head = "") {
    const Optimized out = Run(messages, head);
    const std::string& body = out.body.has_value() ? *out.body : body_;
    const size_t begin = body.rfind(R"("content":")") + 11;
    return json::Unescape(std::string_view(body).substr(begin, body.size() - begin - 6)).value_or("(unreadable)");
  }

  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Optimizer> optimizer_;
  std::string body_;
};

TEST_F(SeenBeforeTest, AFileReadAgainAfterAnEditIsADiffWithoutLineNumbers) {
  const std::string last = Last({Call("a", "Read", kRead), Result("a", File()), Call("b", "Edit", R"({"x":1})"),
                                 Result("b", "done"), Call("c", "Read", kRead), Result("c", File("  Check();"))});
  EXPECT_EQ(last,
            "[Changes since the result of the earlier call Read {\"file_path\":\"/a.cc\"}, 2 tool results before this "
            "one, as a unified diff of the lines without their numbers, which the hunk headers give; all other lines "
            "are identical:]\n"
            "@@ -8,4 +8,5 @@\n"
            "   const auto value_352 = Compute(54);\n"
            "   const auto value_271 = Compute(85);\n"
            "+  Check();\n"
            "   const auto value_190 = Compute(19);\n"
            "   const auto value_109 = Compute(50);");
}

TEST_F(SeenBeforeTest, ATestRunAgainNamesWhatCameOutOtherwise) {
  const std::string again = R"({"command":"./run_tests","description":"Run again"})";
  const std::string last = Last({Call("a", "Bash", kTest), Result("a", TestRun("FAILED, 3 is not 4")),
                                 Call("b", "Bash", again), Result("b", TestRun("passed after 9 steps"))});
  EXPECT_TRUE(
      last.starts_with("[Changes since the result of the earlier call Bash {\"command\":\"./run_tests\"}, the "
                       "tool result before this one, as a unified diff; all other lines are identical:]\n@@ "))
      << last;
  EXPECT_NE(last.find("\n-case 760 of the suite: FAILED, 3 is not 4\n+case 760 of the suite: passed after 9 steps\n"),
            std::string::npos)
      << last;
}

TEST_F(SeenBeforeTest, AnotherCallWithNearlyTheSameResultIsNamedAsAnother) {
  const std::string other = R"({"command":"./run_tests --verbose"})";
  const std::string last = Last({Call("a", "Bash", kTest), Result("a", TestRun("FAILED")), Call("b", "Bash", other),
                                 Result("b", TestRun("passed"))});
  EXPECT_TRUE(last.starts_with("[Differences from the result of the earlier call Bash ")) << last;
}

TEST_F(SeenBeforeTest, NothingReadsAsADiffWhereTheCallsOrTheTextsAreNotAlike) {
  const std::string elsewhere = R"({"file_path":"/b.cc"})";
  const std::string range = R"({"file_path":"/a.cc","limit":60})";
  for (const std::string_view input : {std::string_view(elsewhere), std::string_view(range)}) {
    const std::string last = Last(
        {Call("a", "Read", kRead), Result("a", File()), Call("b", "Read", input), Result("b", File("  Check();"))});
    EXPECT_EQ(last.find("diff"), std::string::npos) << last;
  }
  const std::string last =
      Last({Call("a", "Read", kRead), Result("a", File()), Call("b", "View", kRead), Result("b", File("  Check();"))});
  EXPECT_EQ(last.find("diff"), std::string::npos) << last;
}

TEST_F(SeenBeforeTest, LinesThatAnotherCallShowedAreNotRepeated) {
  const std::string last = Last({Call("a", "Read", kRead), Result("a", File()), Call("b", "Edit", R"({"line":10})"),
                                 Result("b", "Edited; the file is now:\n" + File("  Check();"))});
  EXPECT_EQ(last,
            "[Lines that also stand in the result of the earlier call Read {\"file_path\":\"/a.cc\"}, the tool result "
            "before this one, are not repeated; marks name them by its line numbers:]\n"
            "Edited; the file is now:\n"
            "... lines 1-9 of it ...\n"
            "    10→  Check();\n"
            "... lines 10-60 of it, here 11-61 ...\n");
}

TEST_F(SeenBeforeTest, ARangeThatOverlapsAnEarlierOneHasTheRest) {
  const auto part = [](size_t first, size_t last) {
    std::string text = TestRun("passed");
    std::string out;
    for (size_t number = 1, at = 0; at < text.size(); ++number) {
      const size_t end = text.find('\n', at) + 1;
      if (number >= first && number <= last) out += text.substr(at, end - at);
      at = end;
    }
    return out;
  };
  const std::string last = Last({Call("a", "Bash", R"({"command":"sed -n 1,40p a.c"})"), Result("a", part(1, 40)),
                                 Call("b", "Bash", R"({"command":"sed -n 21,50p a.c"})"), Result("b", part(21, 50))});
  EXPECT_NE(last.find(":]\n... lines 21-40 of it ...\n" + part(41, 50)), std::string::npos) << last;
}

TEST_F(SeenBeforeTest, LinesStandAsTheConversationGrowsAndGoWithTheirAnchor) {
  const std::string shown = "Edited:\n" + File("  Check();");
  Messages messages = {Call("a", "Read", kRead), Result("a", File()), Call("b", "Edit", R"({"line":10})"),
                       Result("b", shown)};
  const std::string marked = Last(messages);
  ASSERT_NE(marked, shown);
  Messages grown = messages;
  grown.push_back(R"({"role":"assistant","content":"Done."})");
  EXPECT_EQ(Run(grown).replayed, 1u);
  messages[1] = Result("a", "[cleared]");
  EXPECT_EQ(Last(messages), shown);
  messages[1] = Result("a", File());
  EXPECT_EQ(Last(messages, R"("context_management":{"edits":[]},)"), shown);
  EXPECT_EQ(Last(messages), marked);
}

TEST_F(SeenBeforeTest, LinesAreSoughtInTheLatestResultsAndInThoseAboutTheSameFiles) {
  const auto last = [&](size_t between, std::string_view input) {
    Messages messages = {Call("a", "Read", kRead), Result("a", File())};
    for (size_t i = 0; i < between; ++i) {
      messages.push_back(Call("x" + std::to_string(i), "Bash", R"({"command":"make"})"));
      messages.push_back(Result("x" + std::to_string(i), std::string(500, static_cast<char>('a' + i))));
    }
    messages.push_back(Call("b", "Edit", input));
    messages.push_back(Result("b", "Edited:\n" + File("  Check();")));
    return Last(messages);
  };
  EXPECT_TRUE(last(SeenBefore::kMaxLineAnchors - 1, R"({"line":10})").starts_with("[Lines that also stand in "));
  EXPECT_TRUE(last(SeenBefore::kMaxLineAnchors, R"({"line":10})").starts_with("Edited:"));
  EXPECT_TRUE(last(SeenBefore::kMaxLineAnchors, R"({"file_path":"/a.cc"})").starts_with("[Lines that also stand in "));
}

TEST_F(SeenBeforeTest, ADiffThatIsNotClearlyShorterIsNotUsed) {
  std::string changed = TestRun("passed");
  for (size_t at = 0; (at = changed.find("after", at)) != std::string::npos; ++at) changed.replace(at, 5, "in");
  const std::string last =
      Last({Call("a", "Bash", kTest), Result("a", TestRun("passed")), Call("b", "Bash", kTest), Result("b", changed)});
  EXPECT_EQ(last.find("unified diff"), std::string::npos);
}

TEST_F(SeenBeforeTest, ADiffIsNeverAnAnchor) {
  const Messages messages = {Call("a", "Read", kRead),      Result("a", File()),      Call("b", "Read", kRead),
                             Result("b", File("  One();")), Call("c", "Read", kRead), Result("c", File("  Two();"))};
  const std::string last = Last(messages);
  EXPECT_NE(last.find("2 tool results before this one"), std::string::npos) << last;
  EXPECT_EQ(last.find("One"), std::string::npos) << last;
}

// The columns of the listing go through the table rule first, in both runs.
TEST_F(SeenBeforeTest, WhatWasRewrittenWithoutLossIsComparedAsItStandsThere) {
  const auto listing = [](std::string_view state) {
    std::string text = "NAME              READY     STATUS      RESTARTS\n";
    for (int i = 0; i < 40; ++i) {
      text += "service-" + std::to_string(100 + i * 17) + "       1/1       " +
              std::string(i == 20 ? state : "Running") + "     " + std::to_string(i % 7) + "\n";
    }
    return text;
  };
  const std::string_view pods = R"({"command":"kubectl get pods"})";
  const Messages messages = {Call("a", "Bash", pods), Result("a", listing("Running"))};
  const std::string first = Last(messages);
  ASSERT_NE(first, listing("Running"));
  Messages grown = messages;
  grown.push_back(Call("b", "Bash", pods));
  grown.push_back(Result("b", listing("Pending")));
  const std::string last = Last(grown);
  EXPECT_NE(last.find("as a unified diff of its text there; all other lines are identical:]\n"), std::string::npos)
      << last;
  EXPECT_NE(last.find("\n-service-440 1/1 Running 6\n+service-440 1/1 Pending 6\n"), std::string::npos) << last;
}

TEST_F(SeenBeforeTest, ADiffStandsAsTheConversationGrowsAndGoesWithItsAnchor) {
  const std::string edited = File("  Check();");
  Messages messages = {Call("a", "Read", kRead), Result("a", File()), Call("c", "Read", kRead), Result("c", edited)};
  const std::string diff = Last(messages);
  ASSERT_NE(diff, edited);
  Messages grown = messages;
  grown.push_back(R"({"role":"assistant","content":"Done."})");
  EXPECT_EQ(Run(grown).replayed, 1u);
  // The client clears the first read: another block stands there now.
  messages[1] = Result("a", "[cleared]");
  EXPECT_EQ(Last(messages), edited);
  // A provider that clears results itself may clear the anchor.
  messages[1] = Result("a", File());
  EXPECT_EQ(Last(messages, R"("context_management":{"edits":[]},)"), edited);
  EXPECT_EQ(Last(messages), diff);
}

// A server's log: steady traffic, and one line that says what went wrong.
std::string Log() {
  std::string out;
  for (int i = 0; i < 600; ++i) {
    out += "10:" + std::to_string(10 + i / 60) + ":" + std::to_string(10 + i % 50) + " INFO served request " +
           std::to_string(7000 + 7 * i) + " in " + std::to_string(3 + i % 5) + " ms\n";
    if (i == 300) out += "10:15:00 ERROR disk sda3 is failing: no space left on device\n";
  }
  return out;
}

TEST_F(SeenBeforeTest, TheSameExcerptIsNotRepeatedAndAnotherOneStands) {
  ContentRouter::Options gaps;
  gaps.policy.gaps = Gaps::kOn;
  optimizer_ = std::make_unique<Optimizer>(gaps, *store_, Clock::System());
  const std::string_view tail = R"({"command":"tail -n 600 /var/log/server"})";
  Messages messages = {Call("a", "Bash", tail), Result("a", Log())};
  ASSERT_NE(Last(messages).find("omitted"), std::string::npos);
  messages.push_back(Call("b", "Bash", tail));
  messages.push_back(Result("b", Log()));
  EXPECT_EQ(Last(messages),
            "[Identical to the result of the earlier call Bash {\"command\":\"tail -n 600 /var/log/server\"}, the tool "
            "result before this one; its 601 lines are not repeated here.]");
  messages.push_back(R"({"role":"user","content":"What became of request 8337?"})");
  messages.push_back(Call("c", "Bash", tail));
  messages.push_back(Result("c", Log()));
  const std::string asked = Last(messages);
  EXPECT_NE(asked.find("served request 8337 in"), std::string::npos) << asked;
  EXPECT_NE(asked.find("omitted"), std::string::npos) << asked;
}

TEST_F(SeenBeforeTest, AConversationOfAnEarlierGenerationGetsNoDiffsAndNoLines) {
  for (const uint32_t compressors : {1u, 3u}) {
    ContentRouter::Options before;
    before.policy.compressors = compressors;
    optimizer_ = std::make_unique<Optimizer>(before, *store_, Clock::System());
    Messages messages = {Call("a" + std::to_string(compressors), "Read", kRead),
                         Result("a" + std::to_string(compressors), File())};
    Run(messages);
    optimizer_ = std::make_unique<Optimizer>(ContentRouter::Options{}, *store_, Clock::System());
    const std::string edited = File("  Check();");
    messages.push_back(Call("c", compressors == 1 ? "Read" : "View", kRead));
    messages.push_back(Result("c", edited));
    EXPECT_EQ(Last(messages), edited);
  }
}

}  // namespace
}  // namespace headroom::proxy
