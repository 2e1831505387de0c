#include "text/asks_for_all.h"

#include <gtest/gtest.h>

#include <string>

namespace headroom::text {
namespace {

class AskingTest : public testing::TestWithParam<const char*> {};
class NotAskingTest : public testing::TestWithParam<const char*> {};

TEST_P(AskingTest, WantsAllThereIs) { EXPECT_TRUE(AsksForAll(GetParam())); }
TEST_P(NotAskingTest, WantsAPart) { EXPECT_FALSE(AsksForAll(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Quantifiers, AskingTest,
                         testing::Values("List all orders of March.", "Please show me every row.",
                                         "I need every line taken into account",
                                         "Find every place that would have to change.",
                                         "Update all callers of parse().", "Tell me everything.",
                                         "What are all the regions?", "Give the status of each pod.",
                                         "all hosts with their address", "Show the entire file.", "Print the full list",
                                         "Extract name and postal address for every user"));

INSTANTIATE_TEST_SUITE_P(Counting, AskingTest,
                         testing::Values("How many users are there?", "How many of them are admins?",
                                         "How many rows have no owner?", "Count the warehouses.",
                                         "What is the total number of files?", "Add up the amounts per account.",
                                         "What's the sum of the third column?", "Totals per region, please",
                                         "What is the average price?", "What percentage of requests was cached?",
                                         "Are there any duplicates?"));

INSTANTIATE_TEST_SUITE_P(Rewriting, AskingTest,
                         testing::Values("Turn this into a seating list: person and desk.",
                                         "Convert these rows to a markdown table", "Sort these by price.",
                                         "Compare the two lists.", "What changed between the two snapshots?",
                                         "What are the differences between these runs?",
                                         "List the products with price and link.", "Enumerate what it offers",
                                         "Go through it line by line."));

INSTANTIATE_TEST_SUITE_P(OtherLanguages, AskingTest,
                         testing::Values("Liste alle Kunden auf.", "Wie viele Zeilen hat die Datei?",
                                         "Donne tous les noms", "Lista todos los pedidos", "列出所有订单",
                                         "すべての行を見せて", "모든 주문을 보여줘", "Сколько строк?"));

INSTANTIATE_TEST_SUITE_P(
    Idioms, NotAskingTest,
    testing::Values("It restarts all the time, why?", "Is it working after all?", "It runs every 5 minutes.",
                    "Why does every request fail?", "What caused all this?", "First of all, where is it defined?",
                    "Give me all the details about order 7.", "They call each other.", "Does it happen every time?",
                    "Please find out from the code, then verify by experiment for every cut position.", ""));

INSTANTIATE_TEST_SUITE_P(Errors, NotAskingTest,
                         testing::Values("Which of all these failed?", "Give the reason for each failing test.",
                                         "Name each distinct error message.",
                                         "Which pods are unhealthy, and what is the reason for each?",
                                         "List all errors and warnings."));

INSTANTIATE_TEST_SUITE_P(
    SingleValues, NotAskingTest,
    testing::Values("How many seats are left?", "How many prompt tokens did it count?",
                    "How many free bags does each passenger get?",
                    "What are SKU, quantity and total of order SO-240497?", "What is the load average?",
                    "Compare the port of the probe with the port it listens on.", "What does this mean?",
                    "List the files that import axios.", "What is the difference between let and const?",
                    "Show me exactly how it works now, so that I can edit it.", "Convert this function to async.",
                    "Add a property that returns how many files are being written.",
                    "Add a property that returns the sum of the sizes of live files."));

TEST(AsksForAllTest, WhatStandsInAFenceIsNotAsked) {
  EXPECT_FALSE(AsksForAll("Why does this hang?\n```\n# list all rows\n```\n"));
  EXPECT_TRUE(AsksForAll("```\nx\n```\nList all rows."));
  EXPECT_FALSE(AsksForAll("Why?\n```\nlist all rows"));
}

TEST(AsksForAllTest, OfALongTextTheEndsCount) {
  const std::string filler(5000, '.');
  EXPECT_TRUE(AsksForAll("List all rows.\n" + filler));
  EXPECT_TRUE(AsksForAll(filler + "\nList all rows."));
  EXPECT_FALSE(AsksForAll(filler + "\nList all rows.\n" + filler));
}

TEST(AsksForAllTest, OneLineOfTenMegabytesIsNotReadThrough) {
  EXPECT_FALSE(AsksForAll(std::string(10 << 20, 'a')));
  EXPECT_TRUE(AsksForAll(std::string(10 << 20, 'a') + ". List all rows."));
}

TEST(AsksForEveryErrorTest, TellsAWishForAllErrorsFromOneForTheirKinds) {
  for (const char* question :
       {"List all errors", "fix every type error", "Show me all failing tests", "resolve all warnings"}) {
    EXPECT_TRUE(AsksForEveryError(question)) << question;
  }
  for (const char* question :
       {"Which of all these tests failed?", "What is the reason for each failing test?",
        "Name each distinct error message.", "why does it fail every time?", "List all orders"}) {
    EXPECT_FALSE(AsksForEveryError(question)) << question;
  }
}

}  // namespace
}  // namespace headroom::text
