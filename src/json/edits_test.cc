#include "json/edits.h"

#include <gtest/gtest.h>

namespace headroom::json {
namespace {

TEST(EditListTest, WithoutEditsGivesTheSameBytes) { EXPECT_EQ(EditList(7).Splice("{\"a\":1}"), "{\"a\":1}"); }

TEST(EditListTest, AppliesEditsInBodyOrderHoweverTheyWereAdded) {
  EditList edits(10);
  ASSERT_TRUE(edits.Replace({6, 8}, "YY!").ok());
  ASSERT_TRUE(edits.Replace({0, 1}, "").ok());
  ASSERT_TRUE(edits.Replace({10, 10}, "end").ok());
  ASSERT_TRUE(edits.Replace({1, 1}, "<").ok());
  EXPECT_EQ(edits.Splice("0123456789"), "<12345YY!89end");
}

TEST(EditListTest, RejectsOverlappingEditAndStaysAsItWas) {
  EditList edits(10);
  ASSERT_TRUE(edits.Replace({2, 5}, "x").ok());
  EXPECT_EQ(edits.Replace({4, 6}, "y").code(), Code::kFailedPrecondition);
  EXPECT_EQ(edits.Replace({0, 3}, "y").code(), Code::kFailedPrecondition);
  EXPECT_EQ(edits.Replace({3, 4}, "y").code(), Code::kFailedPrecondition);
  EXPECT_TRUE(edits.Replace({5, 6}, "z").ok());
  EXPECT_EQ(edits.Splice("0123456789"), "01xz6789");
}

TEST(EditListTest, AcceptsTheLastByteAndRejectsOnePast) {
  EditList edits(3);
  EXPECT_EQ(edits.Replace({2, 4}, "x").code(), Code::kOutOfRange);
  EXPECT_EQ(edits.Replace({2, 1}, "x").code(), Code::kOutOfRange);
  EXPECT_TRUE(edits.Replace({2, 3}, "x").ok());
}

TEST(EditListTest, SaysWhereAByteStandsInTheSplice) {
  const std::string body = "abcdefgh";
  EditList edits(8);
  ASSERT_TRUE(edits.Replace({2, 4}, "XYZ").ok());
  ASSERT_TRUE(edits.Replace({6, 6}, "--").ok());
  const std::string spliced = edits.Splice(body);
  ASSERT_EQ(spliced, "abXYZef--gh");
  EXPECT_EQ(edits.PositionOf(0), 0u);
  EXPECT_EQ(edits.PositionOf(2), 2u);
  EXPECT_EQ(spliced[edits.PositionOf(4)], 'e');
  EXPECT_EQ(spliced.substr(edits.PositionOf(6)), "--gh");
  EXPECT_EQ(spliced[edits.PositionOf(7)], 'h');
  EXPECT_EQ(edits.PositionOf(8), spliced.size());
}

}  // namespace
}  // namespace headroom::json
