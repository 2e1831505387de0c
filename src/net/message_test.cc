#include "net/message.h"

#include <gtest/gtest.h>

#include <string>

namespace headroom::net {
namespace {

std::string Names(const HeaderList& list) {
  std::string out;
  for (size_t i = 0; i < list.size(); ++i) out.append(list[i].name).append("=").append(list[i].value).append(";");
  return out;
}

TEST(HeaderListTest, KeepsOrderAndDuplicates) {
  HeaderList list;
  list.Add("B", "1");
  list.Add("a", "");
  list.Add("b", "2");
  EXPECT_EQ(Names(list), "B=1;a=;b=2;");
  EXPECT_EQ(list.Find("b"), "1");
  EXPECT_EQ(list.Find("c"), std::nullopt);
}

TEST(HeaderListTest, RemoveTakesEverySpelling) {
  HeaderList list;
  list.Add("X-A", "1");
  list.Add("x", "2");
  list.Add("x-a", "3");
  EXPECT_EQ(list.Remove("X-a"), 2u);
  EXPECT_EQ(list.Remove("X-a"), 0u);
  EXPECT_EQ(Names(list), "x=2;");
}

TEST(HeaderListTest, SetReplacesAllAtTheEnd) {
  HeaderList list;
  list.Add("a", "1");
  list.Add("b", "2");
  list.Add("A", "3");
  list.Set("a", "4");
  EXPECT_EQ(Names(list), "b=2;a=4;");
}

TEST(HeaderListTest, ClearedListStartsAnew) {
  HeaderList list;
  list.Add("a", "1");
  list.Clear();
  EXPECT_EQ(list.size(), 0u);
  list.Add("b", "2");
  EXPECT_EQ(Names(list), "b=2;");
}

TEST(HeaderListTest, RemovesConnectionLevelFieldsAndThoseThatConnectionLists) {
  HeaderList list;
  for (const char* name : {"Keep-Alive", "Proxy-Authorization", "proxy-connection", "TE", "Trailer",
                           "Transfer-Encoding", "Upgrade", "X-Listed", "x-also", "Proxy", "Close", "X-Stays"}) {
    list.Add(name, "v");
  }
  list.Add("Connection", "close , x-listed");
  list.Add("CONNECTION", ",X-Also,");
  list.RemoveHopByHop();
  EXPECT_EQ(Names(list), "Proxy=v;Close=v;X-Stays=v;");
}

TEST(RequestHeadTest, SplitsTheTargetAtTheFirstQuestionMark) {
  RequestHead head;
  head.target = "/a?b=c?d";
  EXPECT_EQ(head.path(), "/a");
  EXPECT_EQ(head.query(), "?b=c?d");
  head.target = "/a";
  EXPECT_EQ(head.path(), "/a");
  EXPECT_EQ(head.query(), "");
}

TEST(EqualsIgnoreCaseTest, FoldsLettersOnly) {
  EXPECT_TRUE(EqualsIgnoreCase("aZ-9", "Az-9"));
  EXPECT_FALSE(EqualsIgnoreCase("a[", "a{"));
  EXPECT_FALSE(EqualsIgnoreCase("a", "ab"));
}

}  // namespace
}  // namespace headroom::net
