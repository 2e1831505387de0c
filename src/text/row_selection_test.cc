#include "text/row_selection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

namespace headroom::text {
namespace {

// A table of dense columns, and what SelectRows keeps of it.
class Rows {
 public:
  explicit Rows(std::vector<std::string> names) {
    for (std::string& name : names) table_.columns.push_back({std::move(name), {}});
  }

  // Cells as text; a number where it reads as one, missing where "-".
  void Add(const std::vector<std::string>& cells) {
    const auto row = static_cast<uint32_t>(table_.rows.size());
    std::string whole;
    for (size_t c = 0; c < cells.size(); ++c) {
      whole += (c > 0 ? "," : "") + cells[c];
      if (cells[c] == "-") continue;
      const std::string& kept = texts_.emplace_back(cells[c]);
      const bool number = kept.find_first_not_of("0123456789.") == std::string::npos;
      table_.columns[c].values.push_back({row, number ? ValueType::kNumber : ValueType::kText, kept});
    }
    table_.rows.push_back(texts_.emplace_back(whole));
  }

  // Kept rows from 0; {-1} where nothing is left out. A share of 0 leaves what must stay.
  std::vector<int> Kept(std::string_view question = "", double share = 0, std::string_view tool = "") const {
    const Input input{.text = "", .tool_name = tool, .tool_arguments = "", .question = question};
    const Query query(input);
    const Expired never;
    const ExcerptInput in{.input = input, .text = "", .query = query, .share = share, .expired = never};
    const std::optional<RowSelection> selection = SelectRows(table_, in);
    if (!selection.has_value()) return {-1};
    std::vector<int> kept;
    for (size_t i = 0; i < selection->kept.size(); ++i) {
      if (selection->kept[i]) kept.push_back(static_cast<int>(i));
    }
    return kept;
  }

  const RowTable& table() const { return table_; }

 private:
  std::deque<std::string> texts_;
  RowTable table_;
};

Rows Uniform(int count) {
  Rows rows({"id", "status", "value"});
  for (int i = 0; i < count; ++i) rows.Add({std::to_string(i), "ok", std::to_string(40 + i % 7)});
  return rows;
}

TEST(RowSelectionTest, KeepsTheFirstThreeAndTheLastTwoOfUniformRows) {
  EXPECT_EQ(Uniform(100).Kept(), (std::vector<int>{0, 1, 2, 98, 99}));
}

TEST(RowSelectionTest, KeepsEveryErrorValue) {
  Rows rows({"id", "message"});
  for (int i = 0; i < 300; ++i) {
    rows.Add({std::to_string(i), i % 97 == 5 ? "Connection refused by db-" + std::to_string(i) : "request served"});
  }
  EXPECT_EQ(rows.Kept(), (std::vector<int>{0, 1, 2, 5, 102, 199, 296, 298, 299}));
}

TEST(RowSelectionTest, AnEmptyErrorColumnMarksNoRow) {
  Rows rows({"error", "status"});
  for (int i = 0; i < 100; ++i) rows.Add({"none", "ok"});
  EXPECT_EQ(rows.Kept(), (std::vector<int>{0, 1, 2, 98, 99}));
}

TEST(RowSelectionTest, KeepsRareValuesOutliersAndRareFields) {
  Rows rows({"id", "status", "value", "note"});
  for (int i = 0; i < 200; ++i) {
    rows.Add({std::to_string(i),
              i == 50      ? "on_hold"
              : i % 3 == 0 ? "done"
                           : "open",
              i == 120 ? "9000" : std::to_string(40 + i % 7), i == 150 ? "see ticket" : "-"});
  }
  EXPECT_EQ(rows.Kept(), (std::vector<int>{0, 1, 2, 50, 120, 150, 198, 199}));
}

TEST(RowSelectionTest, KeepsBothSidesOfAStep) {
  Rows rows({"t", "load"});
  for (int i = 0; i < 100; ++i) rows.Add({std::to_string(1000 + i), std::to_string((i < 50 ? 10 : 90) + i % 3)});
  EXPECT_EQ(rows.Kept(), (std::vector<int>{0, 1, 2, 49, 50, 98, 99}));
}

const char* const kNames[] = {"Ada", "Bela", "Cato", "Dora", "Egon", "Fina", "Gero", "Hila", "Ivo", "Jana"};
const char* const kTowns[] = {"Oslo", "Porto", "Split", "Brno", "Leeds"};

Rows People() {
  Rows rows({"id", "name", "town"});
  for (int i = 0; i < 50; ++i) {
    rows.Add(
        {std::to_string(i), std::string(kNames[i % 10]) + " " + kNames[(i * 7 + i / 10) % 10] + "son", kTowns[i % 5]});
  }
  return rows;
}

TEST(RowSelectionTest, LeavesDistinctEntitiesWhole) {
  EXPECT_EQ(People().Kept(), (std::vector<int>{-1}));
  EXPECT_EQ(People().Kept("What are these people called?"), (std::vector<int>{-1}));
}

TEST(RowSelectionTest, KeepsAllRowsThatAQuestionFiltersOn) {
  const std::vector<int> kept = People().Kept("Who of them lives in Split?");
  for (int i = 2; i < 50; i += 5) EXPECT_NE(std::find(kept.begin(), kept.end(), i), kept.end()) << i;
  EXPECT_LT(kept.size(), 30u);
}

TEST(RowSelectionTest, ReturnsNothingForAnExhaustiveQuestion) {
  EXPECT_EQ(Uniform(100).Kept("List all of the values."), (std::vector<int>{-1}));
}

TEST(RowSelectionTest, KeepsRowsInTheRangeThatIsAskedFor) {
  Rows rows({"order", "price"});
  for (int i = 0; i < 60; ++i) rows.Add({"W" + std::to_string(1000 + i), std::to_string(100 + (i * 37) % 60)});
  const std::vector<int> kept = rows.Kept("Which orders are priced above 155?");
  for (int i = 0; i < 60; ++i) {
    if (100 + (i * 37) % 60 > 155) {
      EXPECT_NE(std::find(kept.begin(), kept.end(), i), kept.end()) << i;
    }
  }
}

TEST(RowSelectionTest, KeepsTheLowestOfTheColumnThatIsNamed) {
  Rows rows({"flight", "economy_price", "business_price"});
  for (int i = 0; i < 60; ++i) {
    rows.Add({"F" + std::to_string(i), std::to_string(100 + (i * 37 + 11) % 60), std::to_string(400 + (i * 13) % 60)});
  }
  // (i * 37 + 11) % 60 is 0 for i = 37.
  const std::vector<int> kept = rows.Kept("Which is the cheapest economy seat?");
  EXPECT_NE(std::find(kept.begin(), kept.end(), 37), kept.end());
  EXPECT_LT(kept.size(), 20u);
}

TEST(RowSelectionTest, KeepsAsManyExtremesAsAreAskedFor) {
  Rows rows({"repo", "stars"});
  for (int i = 0; i < 60; ++i) rows.Add({"r" + std::to_string(i), std::to_string((i * 37) % 60)});
  const std::vector<int> kept = rows.Kept("Show the top 9 by stars");
  for (int i = 0; i < 60; ++i) {
    if ((i * 37) % 60 > 50) {
      EXPECT_NE(std::find(kept.begin(), kept.end(), i), kept.end()) << i;
    }
  }
}

TEST(RowSelectionTest, IsWholeWhereTheConditionCannotBeFoundInAColumn) {
  const std::vector<int> whole = {-1};
  EXPECT_EQ(Uniform(100).Kept("What is the average value?"), whole);
  EXPECT_EQ(Uniform(100).Kept("What happened between 10:00 and 10:05?"), whole);
  EXPECT_EQ(Uniform(100).Kept("Which took longer than 5 minutes?"), whole);
  EXPECT_EQ(Uniform(100).Kept("Which is the heaviest?"), whole);
  EXPECT_EQ(People().Kept("Who does not live in Split?"), whole);
}

TEST(RowSelectionTest, KeepsTheFirstOfRankedResults) {
  Rows rows({"doc", "score"});
  for (int i = 0; i < 60; ++i) rows.Add({"d" + std::to_string(i), "0." + std::to_string(99 - i)});
  EXPECT_EQ(rows.Kept(), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 58, 59}));
}

TEST(RowSelectionTest, KeepsATextOfAKindThatNoOtherRowHas) {
  Rows rows({"message"});
  for (int i = 0; i < 100; ++i) {
    rows.Add({i == 44 ? "settings reloaded by hand" : "processed order " + std::to_string(1000 + i)});
  }
  EXPECT_EQ(rows.Kept(), (std::vector<int>{0, 1, 2, 44, 98, 99}));
}

TEST(RowSelectionTest, KeepsRowsWithTwoRareWordsOfTheQuestionBesideWhatItNames) {
  Rows rows = People();
  rows.Add({"50", "Postgres migration notes", "Oslo"});
  rows.Add({"51", "Zoe Zetason", "Oslo"});
  rows.Add({"52", "Zoe Yetason", "Oslo"});
  rows.Add({"53", "Zoe Xetason", "Oslo"});
  const std::vector<int> kept = rows.Kept("When is the postgres migration?");
  EXPECT_EQ(kept, (std::vector<int>{-1}));  // words alone single nothing out
  EXPECT_EQ(rows.Kept("When is the \"postgres migration\" with Zoe Yetason?"), (std::vector<int>{0, 1, 2, 50, 52, 53}));
}

Rows Messages(int count) {
  Rows rows({"id", "message"});
  for (int i = 0; i < count; ++i) {
    rows.Add({std::to_string(i), "Took " + std::to_string(20 + i * 7 % 10) + "." + std::to_string(i * 37 % 90 + 10) +
                                     " seconds to build " + "vm-" + std::to_string(4000 + i)});
  }
  return rows;
}

TEST(RowSelectionTest, KeepsTheExtremesOfNumbersInMessagesOfAKind) {
  Rows rows = Messages(100);
  rows.Add({"100", "Took 3.25 seconds to build vm-5000"});
  rows.Add({"101", "Took 31.5 seconds to build vm-5001"});
  for (int i = 102; i < 110; ++i) rows.Add({std::to_string(i), "Took 25.5 seconds to build vm-" + std::to_string(i)});
  EXPECT_EQ(rows.Kept(), (std::vector<int>{0, 1, 2, 100, 101, 108, 109}));
}

TEST(RowSelectionTest, NumbersThatOnlyRiseInMessagesAreCounters) {
  Rows rows({"id", "message"});
  for (int i = 0; i < 100; ++i) rows.Add({std::to_string(i), "lease not renewed for " + std::to_string(30 + i) + " s"});
  EXPECT_EQ(rows.Kept(), (std::vector<int>{0, 1, 2, 98, 99}));
}

size_t Bytes(const Rows& rows, const std::vector<int>& kept) {
  size_t bytes = 0;
  for (const int row : kept) bytes += rows.table().rows[static_cast<size_t>(row)].size() + 1;
  return bytes;
}

TEST(RowSelectionTest, FillsUpToTheShareAndNotBeyond) {
  const Rows rows = Messages(200);
  std::vector<int> all(200);
  for (int i = 0; i < 200; ++i) all[static_cast<size_t>(i)] = i;
  for (const double share : {0.3, 0.5}) {
    const auto part = static_cast<double>(Bytes(rows, rows.Kept("", share))) / static_cast<double>(Bytes(rows, all));
    EXPECT_LE(part, share);
    EXPECT_GT(part, share - 0.03);
  }
  const auto searched = static_cast<double>(Bytes(rows, rows.Kept("", 0.3, "search_logs")));
  EXPECT_GT(searched / static_cast<double>(Bytes(rows, all)), 0.47);
}

TEST(RowSelectionTest, FillsASeriesToATenthOnly) {
  const size_t kept = Uniform(400).Kept("", 0.5).size();
  EXPECT_GE(kept, 35u);
  EXPECT_LE(kept, 45u);
}

TEST(RowSelectionTest, FillsWithOneRowOfEachIdThatSeveralRowsHave) {
  Rows rows({"id", "message"});
  for (int i = 0; i < 200; ++i) {
    // Each request has two rows, a hundred rows apart.
    rows.Add({std::to_string(i), "handled request req-7f3a" + std::to_string(10000 + i % 100) + " at once"});
  }
  const std::vector<int> kept = rows.Kept("", 0.55);
  std::vector<bool> seen(100);
  for (const int row : kept) seen[static_cast<size_t>(row) % 100] = true;
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 100);
  EXPECT_LT(kept.size(), 115u);
}

TEST(RowSelectionTest, RecordsOfMoneyAreNoSeries) {
  Rows ledger({"time", "amount"}), load({"time", "load"}), grades({"number", "grade"});
  for (int i = 0; i < 100; ++i) {
    const std::vector<std::string> cells = {std::to_string(i), std::to_string(20 + (i * 37) % 60)};
    ledger.Add(cells);
    load.Add(cells);
    grades.Add(cells);
  }
  EXPECT_EQ(ledger.Kept(), (std::vector<int>{-1}));
  EXPECT_EQ(grades.Kept(), (std::vector<int>{-1}));  // numbered things that are measured
  EXPECT_EQ(load.Kept(), (std::vector<int>{0, 1, 2, 98, 99}));
}

TEST(RowSelectionTest, AVagueTaskSinglesOutNoEntity) {
  EXPECT_EQ(People().Kept("Please continue with the task and fix the problem."), (std::vector<int>{-1}));
  std::string task = "Please fix the sign-up form. ";
  for (int i = 0; i < 80; ++i) task += "Mind the style guide. ";
  EXPECT_EQ(People().Kept(task + "Most people live in Split."), (std::vector<int>{-1}));
}

TEST(RowSelectionTest, WhatTheToolWasCalledWithSinglesOutNothing) {
  Rows rows = People();
  rows.Add({"50", "svc-gateway", "Oslo"});
  const Input input{
      .text = "", .tool_name = "changes", .tool_arguments = "{\"service\":\"svc-gateway\"}", .question = "Go on."};
  const Query query(input);
  const Expired never;
  const ExcerptInput in{.input = input, .text = "", .query = query, .share = 0.3, .expired = never};
  EXPECT_FALSE(SelectRows(rows.table(), in).has_value());
}

TEST(RowSelectionTest, TablesBelowTheFloorAreWhole) {
  EXPECT_EQ(Uniform(kMinTableRows - 1).Kept(), (std::vector<int>{-1}));
  EXPECT_EQ(Uniform(kMinTableRows).Kept().size(), kFirstRows + kLastRows);
}

TEST(RowSelectionTest, DescribesExactlyTheRowsLeftOut) {
  const Rows rows = Uniform(30);
  std::vector<bool> kept(30);
  kept[0] = kept[1] = kept[29] = true;
  EXPECT_EQ(DescribeOmittedRows(rows.table(), kept), "value: 40 to 46");
}

}  // namespace
}  // namespace headroom::text
