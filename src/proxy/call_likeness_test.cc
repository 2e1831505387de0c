#include "proxy/call_likeness.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "json/strings.h"

namespace headroom::proxy {
namespace {

// A document of two calls' arguments.
class Calls {
 public:
  Calls(std::string_view one, std::string_view other)
      : bytes_("[" + std::string(one) + "," + std::string(other) + "]"), parsed_(document_.Parse(bytes_).ok()) {}

  Likeness Compare(std::string_view tool = "Bash", std::string_view other_tool = "Bash") {
    EXPECT_TRUE(parsed_);
    const std::vector<json::Token> arguments = document_.Elements(document_.root());
    return Meaning(arguments[0], tool).With(Meaning(arguments[1], other_tool));
  }

 private:
  CallMeaning Meaning(const json::Token& arguments, std::string_view tool) const {
    Block call;
    call.tool_name = tool;
    call.arguments = arguments;
    return CallMeaning(document_, call);
  }

  PaddedBytes bytes_;
  json::Document document_;
  bool parsed_;
};

TEST(CallLikenessTest, DescriptionsAndTimeoutsSayNothing) {
  EXPECT_EQ(Calls(R"({"command":"make","description":"Build"})", R"({"timeout":5, "command" : "make"})").Compare(),
            Likeness::kSame);
}

TEST(CallLikenessTest, ArgumentsInAStringCountAlike) {
  const std::string one = json::Quote(R"({"command":"make","timeout_ms":1})");
  const std::string other = json::Quote(R"({"command":"make","timeout_ms":2})");
  EXPECT_EQ(Calls(one, other).Compare(), Likeness::kSame);
  EXPECT_EQ(Calls(R"("make all")", R"("make all")").Compare(), Likeness::kSame);
}

TEST(CallLikenessTest, MostWordsInCommonAreSimilar) {
  EXPECT_EQ(Calls(R"({"command":"make test"})", R"({"command":"make test | tail -50"})").Compare(), Likeness::kSimilar);
  EXPECT_EQ(Calls(R"({"command":"make test"})", R"({"command":"ls -la src/net"})").Compare(), Likeness::kOther);
}

TEST(CallLikenessTest, AnotherRangeOfAFileIsNotTheSameCall) {
  EXPECT_EQ(
      Calls(R"({"file_path":"/a.py","offset":1})", R"({"file_path":"/a.py","offset":90})").Compare("Read", "Read"),
      Likeness::kSimilar);
}

TEST(CallLikenessTest, OtherToolsAndHugeArgumentsAreLikeNothing) {
  EXPECT_EQ(Calls(R"({"a":1})", R"({"a":1})").Compare("one", "two"), Likeness::kOther);
  const auto quoted = [](size_t bytes) { return "\"" + std::string(bytes, 'x') + "\""; };
  EXPECT_EQ(Calls(quoted(CallMeaning::kMaxBytes), quoted(CallMeaning::kMaxBytes)).Compare(), Likeness::kSame);
  EXPECT_EQ(Calls(quoted(CallMeaning::kMaxBytes + 1), quoted(CallMeaning::kMaxBytes + 1)).Compare(), Likeness::kOther);
}

}  // namespace
}  // namespace headroom::proxy
