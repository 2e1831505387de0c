// Units as the clients of the three APIs form them. A conversation is written as
// one letter a message: what the units must be can be read beside it.

#include "proxy/context_units.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/bytes.h"

namespace headroom::proxy {
namespace {

class ContextUnitsTest : public testing::Test {
 protected:
  // "0-1 2-4!": units as messages [begin, end), protected ones with a '!'.
  std::string Units(const std::string& body, Api api = Api::kMessages) {
    const PaddedBytes bytes(body);
    json::Document document;
    EXPECT_TRUE(document.Parse(bytes).ok()) << body;
    const Result<RequestView> view = ReadRequest(api, document);
    EXPECT_TRUE(view.ok());
    units_ = UnitsOf(document, MessagesOf(document, api), *view);
    std::string out;
    for (const ContextUnit& unit : units_.units) {
      out += (out.empty() ? "" : " ") + std::to_string(unit.begin) + "-" + std::to_string(unit.end) +
             (unit.is_protected ? "!" : "");
    }
    return out;
  }

  static std::string Body(const std::vector<std::string>& messages, std::string_view list = "messages") {
    std::string body = "{\"" + std::string(list) + "\":[";
    for (size_t i = 0; i < messages.size(); ++i) body += (i == 0 ? "" : ",") + messages[i];
    return body + "]}";
  }

  static std::string Say(std::string_view role, std::string_view text = "x") {
    return R"({"role":")" + std::string(role) + R"(","content":")" + std::string(text) + R"("})";
  }
  static std::string Calls(const std::vector<std::string>& ids) {
    std::string blocks;
    for (const std::string& id : ids) {
      blocks += (blocks.empty() ? "" : ",") + (R"({"type":"tool_use","id":")" + id + R"(","name":"f","input":{}})");
    }
    return R"({"role":"assistant","content":[)" + blocks + "]}";
  }
  static std::string Results(const std::vector<std::string>& ids, std::string_view more = "") {
    std::string blocks;
    for (const std::string& id : ids) {
      blocks += (blocks.empty() ? "" : ",") +
                (R"({"type":"tool_result","tool_use_id":")" + id + R"(","content":"r")" + std::string(more) + "}");
    }
    return R"({"role":"user","content":[)" + blocks + "]}";
  }
  // `turns` questions with an answer each.
  static std::vector<std::string> Turns(size_t turns) {
    std::vector<std::string> messages;
    for (size_t i = 0; i < turns; ++i) {
      messages.push_back(Say("user"));
      messages.push_back(Say("assistant"));
    }
    return messages;
  }
  static std::vector<std::string> Join(std::vector<std::string> head, const std::vector<std::string>& more) {
    head.insert(head.end(), more.begin(), more.end());
    return head;
  }

  ContextUnits units_;
};

TEST_F(ContextUnitsTest, AReplyWithCallsAndAllItsResultsIsOneUnit) {
  const auto messages =
      Join({Say("user"), Calls({"a", "b"}), Results({"a", "b"}), Calls({"c"}), Results({"c"})}, Turns(5));
  EXPECT_EQ(Units(Body(messages)), "0-1! 1-3 3-5 5-7 7-9! 9-11! 11-13! 13-15!");
}

TEST_F(ContextUnitsTest, ResultsSpreadOverSeveralMessagesStayWithTheirCalls) {
  const auto messages =
      Join({Say("user"), Calls({"a", "b"}), Results({"a"}), Say("user", "wait"), Results({"b"}), Say("assistant")},
           Turns(5));
  EXPECT_EQ(Units(Body(messages)).substr(0, 12), "0-1! 1-5 5-6");
}

TEST_F(ContextUnitsTest, AQuestionAndItsAnswerAreOneUnitButTheFirstQuestionStandsAlone) {
  EXPECT_EQ(Units(Body(Turns(6))), "0-1! 1-2 2-4 4-6! 6-8! 8-10! 10-12!");
}

TEST_F(ContextUnitsTest, ResultsOfCallsCountAsTurns) {
  std::vector<std::string> messages = {Say("user")};
  for (const char* id : {"a", "b", "c", "d", "e", "f"}) messages = Join(messages, {Calls({id}), Results({id})});
  // Turns from the end: f, e, d, c; their calls stay with them.
  EXPECT_EQ(Units(Body(messages)), "0-1! 1-3 3-5 5-7! 7-9! 9-11! 11-13!");
}

TEST_F(ContextUnitsTest, TheUsersNewestMessageIsProtectedHoweverFarBack) {
  std::vector<std::string> messages = {Say("user"), Say("assistant"), Say("user", "now this")};
  for (const char* id : {"a", "b", "c", "d", "e", "f"}) messages = Join(messages, {Calls({id}), Results({id})});
  EXPECT_EQ(Units(Body(messages)).substr(0, 17), "0-1! 1-2 2-3! 3-5");
  EXPECT_EQ(units_.newest_user, 2u);
  EXPECT_EQ(units_.head_end, 1u);
}

TEST_F(ContextUnitsTest, AShortConversationIsProtectedAsAWhole) {
  EXPECT_EQ(Units(Body(Turns(4))), "0-1! 1-2! 2-4! 4-6! 6-8!");
  EXPECT_EQ(Units(R"({"messages":[]})"), "");
}

TEST_F(ContextUnitsTest, ACacheMarkPinsItsUnit) {
  const auto messages = Join({Say("user"), Calls({"a"}), Results({"a"}, R"(,"cache_control":{"type":"ephemeral"})"),
                              Calls({"b"}), Results({"b"})},
                             Turns(5));
  EXPECT_EQ(Units(Body(messages)).substr(0, 13), "0-1! 1-3! 3-5");
}

TEST_F(ContextUnitsTest, ACompactionOfTheProviderIsNeverDropped) {
  const auto messages =
      Join({Say("user"), R"({"role":"assistant","content":[{"type":"compaction","content":"so far"}]})"}, Turns(6));
  EXPECT_EQ(Units(Body(messages)).substr(0, 13), "0-1! 1-2! 2-4");
}

TEST_F(ContextUnitsTest, InChatInstructionsAreProtectedAndToolMessagesFollowTheirCalls) {
  const std::string calls =
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]})";
  const auto messages = Join({Say("system"), Say("user"), calls, R"({"role":"tool","tool_call_id":"b","content":"r"})",
                              R"({"role":"tool","tool_call_id":"a","content":"r"})"},
                             Turns(5));
  EXPECT_EQ(Units(Body(messages), Api::kChat), "0-1! 1-2! 2-5 5-7 7-9! 9-11! 11-13! 13-15!");
}

TEST_F(ContextUnitsTest, InResponsesReasoningCallsAndOutputsOfOneReplyAreOneUnit) {
  const auto call = [](std::string_view id) {
    return R"({"type":"function_call","call_id":")" + std::string(id) + R"(","name":"f","arguments":"{}"})";
  };
  const auto output = [](std::string_view id) {
    return R"({"type":"function_call_output","call_id":")" + std::string(id) + R"(","output":"r"})";
  };
  const std::string reasoning = R"({"type":"reasoning","encrypted_content":"e","summary":[]})";
  const auto messages = Join({Say("developer"), Say("user"), reasoning, call("a"), call("b"), output("a"), output("b"),
                              reasoning, call("c"), output("c")},
                             Turns(5));
  EXPECT_EQ(Units(Body(messages, "input"), Api::kResponses), "0-1! 1-2! 2-7 7-10 10-12 12-14! 14-16! 16-18! 18-20!");
}

TEST_F(ContextUnitsTest, UnitsCoverEveryMessageOnce) {
  for (size_t turns = 0; turns < 12; ++turns) {
    const auto messages = Join({Results({"lost"}), Say("assistant"), Say("user"), Calls({"a", "a"}), Say("assistant"),
                                Results({"a"}), R"({"role":"assistant","content":""})"},
                               Turns(turns));
    Units(Body(messages));
    uint32_t at = 0;
    for (const ContextUnit& unit : units_.units) {
      EXPECT_EQ(unit.begin, at);
      EXPECT_GT(unit.end, unit.begin);
      at = unit.end;
    }
    EXPECT_EQ(at, messages.size());
  }
}

}  // namespace
}  // namespace headroom::proxy
