#include <gtest/gtest.h>

#include <random>
#include <string>

#include "text/excerpt.h"
#include "text/table_excerpt_grid.h"
#include "text/terminal_excerpt_reader_test.h"

namespace headroom::text {
namespace {

std::string N(size_t i) { return std::to_string(i); }

bool Has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// The excerpt, checked to cover its source exactly; "" where all stays.
std::string Excerpted(std::string_view text, std::string_view question) {
  const ExcerptCall call(text, question);
  const std::optional<Excerpt> excerpt = ExcerptTable(call.in);
  if (!excerpt.has_value() || excerpt->text.empty()) return "";
  EXPECT_EQ(FillGaps(excerpt->text, text), "");
  EXPECT_EQ(excerpt->omitted.kept, CountSourceLines(excerpt->text));
  EXPECT_EQ(ExcerptTable(call.in)->text, excerpt->text);
  return excerpt->text;
}

std::string Readings(size_t rows) {
  std::string text = "time,station,flow,state\n";
  for (size_t i = 0; i < rows; ++i) {
    text += "2025-03-01 " + N(10 + i / 60 % 10) + ":" + N(10 + i % 50) + ",K" + N(1 + i % 3) + "," +
            (i == 70 ? "940.5" : "4" + N(i % 4) + "." + N(1 + i % 9)) + "," + (i == 90 ? "suspect" : "good") + "\n";
  }
  return text;
}

TEST(TableExcerptTest, KeepsOutliersRareValuesTheEndsAndTheHeader) {
  const std::string out = Excerpted(Readings(200), "Is there any unusual reading?");
  EXPECT_TRUE(out.starts_with("time,station,flow,state\n"));
  EXPECT_TRUE(Has(out, ",940.5,"));
  EXPECT_TRUE(Has(out, ",suspect\n"));
  EXPECT_LT(out.size() * 5, Readings(200).size() * 2);  // a share of 0.3, and marks
}

TEST(TableExcerptTest, SaysWhatTheRowsLeftOutHaveInCommon) {
  const std::string out = Excerpted(Readings(200), "Is there any unusual reading?");
  const size_t gone = 201 - CountSourceLines(out);
  EXPECT_TRUE(Has(out, "[of the " + N(gone) + " rows left out: ")) << out;
}

TEST(TableExcerptTest, LeavesAllToAQuestionForAll) {
  EXPECT_EQ(Excerpted(Readings(200), "List every reading with its station."), "");
}

TEST(TableExcerptTest, KeepsTheRowThatIsNamedOfAMarkdownTable) {
  std::string text = "order|region|qty\n---|---|---\n";
  for (size_t i = 0; i < 150; ++i)
    text += "SO-" + N(240000 + i) + "|" + (i % 2 ? "North" : "West") + "|" + N(1 + i % 7) + "\n";
  const std::string out = Excerpted(text, "What is the quantity of order SO-240097?");
  EXPECT_TRUE(Has(out, "SO-240097|North|7\n"));
  EXPECT_FALSE(Has(out, "SO-240050"));
}

TEST(TableExcerptTest, KeepsPodsInTroubleOfAnAlignedTable) {
  std::string text = "NAME READY STATUS RESTARTS AGE\n";
  for (size_t i = 0; i < 80; ++i) {
    text += "web-" + N(1000 + i) + (i == 41 ? " 0/1 CrashLoop 212 1d\n" : " 1/1 Running " + N(i % 2) + " 25d\n");
  }
  const std::string out = Excerpted(text, "Which pods are in trouble?");
  EXPECT_TRUE(Has(out, "web-1041 0/1 CrashLoop 212 1d"));
  EXPECT_FALSE(Has(out, "web-1060"));
}

TEST(TableExcerptTest, KeepsAQuotedRowOfSeveralLinesWholeOrNotAtAll) {
  std::string text = "id,state,note\n";
  for (size_t i = 0; i < 120; ++i) {
    text += N(5000 + i) + "," + (i == 60 ? "failed" : "done") + ",\"first line of a note\nsecond line of note " + N(i) +
            "\"\n";
  }
  const std::string out = Excerpted(text, "What failed?");
  ASSERT_FALSE(out.empty());
  EXPECT_TRUE(Has(out, "5060,failed,\"first line of a note\nsecond line of note 60\"\n")) << out;
  size_t opened = 0, closed = 0;
  for (size_t at = out.find("\"first"); at != std::string::npos; at = out.find("\"first", at + 1)) ++opened;
  for (size_t at = out.find("second line"); at != std::string::npos; at = out.find("second line", at + 1)) ++closed;
  EXPECT_EQ(opened, closed);
}

TEST(TableExcerptTest, ReadsARowWhoseLinesWereCleanedInPart) {
  std::string text = "id,state,note\n";
  for (size_t i = 0; i < 60; ++i) {
    text += N(5000 + i) + (i == 30 ? ",\x1b[31mfailed\x1b[0m,\"first\n" : ",done,\"first\n") +
            (i % 2 ? "\x1b[1msecond\x1b[0m\"\n" : "second\"\n");
  }
  const ExcerptCall call(text, "What failed?");
  const std::optional<Excerpt> excerpt = ExcerptTable(call.in);
  ASSERT_TRUE(excerpt.has_value());
  EXPECT_TRUE(Has(excerpt->text, "5030,failed,\"first\nsecond\"\n")) << excerpt->text;
}

TEST(TableExcerptTest, LeavesOtherTextToOthers) {
  for (const std::string& text : {std::string(), std::string("a,b\n1,2\n"), std::string(10'000, ','),
                                  std::string("Dear all, this is prose, with commas.\n")}) {
    const ExcerptCall call(text, "What is it?");
    EXPECT_FALSE(ExcerptTable(call.in).has_value());
  }
  std::string prose;
  for (size_t i = 0; i < 40; ++i)
    prose += "A sentence, of which this is number " + N(i) + ", says a thing or two about the weather today.\n";
  const ExcerptCall call(prose, "What failed?");
  EXPECT_FALSE(ExcerptTable(call.in).has_value());
}

TEST(TableExcerptTest, ReadsNoTableInStatementsAndNumberedSource) {
  std::string sql, source;
  for (size_t i = 0; i < 40; ++i) {
    sql += "(0.00" + N(i % 3) + ") INSERT INTO job VALUES (" + N(i) + "); args=None\n";
    source += N(260 + i) + "-   " + N(260 + i) + "\t    call(self, " + N(i) + ")  # note\n";
  }
  const ExcerptCall statements(sql, "What failed?");
  EXPECT_FALSE(ExcerptTable(statements.in).has_value());
  const ExcerptCall numbered(source, "What failed?", "Bash", "{\"command\":\"nl -ba a.py | grep -n call -A 50\"}");
  EXPECT_FALSE(ExcerptTable(numbered.in).has_value());
}

TEST(TableExcerptTest, StopsAtTheDeadline) {
  const std::string text = Readings(5000);
  const ExcerptCall call(text, "Anything unusual?");
  const Expired always = [] { return true; };
  const ExcerptInput late{.input = call.input, .text = text, .query = call.query, .expired = always};
  EXPECT_FALSE(ExcerptTable(late).has_value());
}

TEST(TableExcerptTest, CoversTheSourceWhateverTheCellsAre) {
  const std::vector<std::string> cells = {"ok", "yes",   "ok",  "failed", "12",   "13",   "99999",
                                          "",   "a b c", "x|y", "日本",   "\xff", "1.5G", "3d"};
  std::mt19937 random(11);
  for (size_t round = 0; round < 300; ++round) {
    const char delimiter = ",;\t|"[random() % 4];
    const size_t columns = 2 + random() % 6;
    std::string text;
    for (size_t row = 0; row < 60; ++row) {
      text += "row" + N(row);
      for (size_t column = 1; column < columns; ++column)
        text += delimiter + cells[random() % (round % 2 ? 3 : cells.size())];
      text += "\n";
    }
    Excerpted(text, round % 3 ? "What is wrong with row42?" : "");
  }
}

struct CellCase {
  std::string_view cell;
  ValueType type;
  std::string_view text;
};

TEST(ReadCellTest, ReadsNumbersWhateverTheirUnit) {
  constexpr CellCase kCases[] = {{"12", ValueType::kNumber, "12"},
                                 {" -40 ", ValueType::kNumber, "-40"},
                                 {"1,204", ValueType::kNumber, "1204"},
                                 {"45%", ValueType::kNumber, "45"},
                                 {"$12.50", ValueType::kNumber, "12.5"},
                                 {"1.5K", ValueType::kNumber, "1536"},
                                 {"2MiB", ValueType::kNumber, "2097152"},
                                 {"25d", ValueType::kNumber, "2160000"},
                                 {"5m30s", ValueType::kNumber, "330"},
                                 {"03:41:17", ValueType::kNumber, "13277"},
                                 {"3 (2d ago)", ValueType::kNumber, "3"},
                                 {"007", ValueType::kText, "007"},
                                 {"1.2.3", ValueType::kText, "1.2.3"},
                                 {"10/12", ValueType::kText, "10/12"},
                                 {"2025-03-01", ValueType::kText, "2025-03-01"},
                                 {"1,2", ValueType::kText, "1,2"},
                                 {"10.1.2.3", ValueType::kText, "10.1.2.3"},
                                 {"true", ValueType::kBool, "true"},
                                 {"<none>", ValueType::kNull, "<none>"},
                                 {"", ValueType::kNull, ""},
                                 {"-", ValueType::kNull, "-"}};
  for (const CellCase& one : kCases) {
    LineArena arena;
    bool converted = false;
    const RowValue value = ReadCell(one.cell, &arena, &converted);
    EXPECT_EQ(value.type, one.type) << one.cell;
    EXPECT_EQ(value.text, one.text) << one.cell;
  }
}

TEST(GridTest, ReadsAlignedColumnsWithBlanksInTheirCells) {
  const std::vector<std::string_view> lines = {
      "CONTAINER ID   IMAGE     STATUS        NAMES", "0123456789ab   web:1     Up 2 hours    shop",
      "1123456789ab   db:12     Exited (1)    store", "2123456789ab   web:1     Up 3 hours    cart",
      "3123456789ab   web:1     Up 3 hours    pay",   "4123456789ab   web:1     Up 3 hours    mail"};
  LineArena arena;
  const std::optional<Grid> grid = ReadAlignedGrid(lines, 0, lines.size(), &arena);
  ASSERT_TRUE(grid.has_value());
  ASSERT_EQ(grid->table.columns.size(), 4u);
  EXPECT_EQ(grid->table.columns[0].name, "CONTAINER ID");
  EXPECT_EQ(grid->table.columns[2].values[1].text, "Exited (1)");
  EXPECT_EQ(grid->rows.size(), 5u);
}

TEST(GridTest, CountsFieldsWhereRowsPushTheirColumnsAbout) {
  const std::vector<std::string_view> lines = {
      "USER PID %CPU COMMAND", "root 1 0.0 /sbin/init splash", "a-very-long-user 23456 99.5 python3 train.py --all",
      "app 77 0.1 sh",         "app 78 0.2 bash -l",           "app 79 0.1 vim a b c"};
  LineArena arena;
  const std::optional<Grid> grid = ReadAlignedGrid(lines, 0, lines.size(), &arena);
  ASSERT_TRUE(grid.has_value());
  ASSERT_EQ(grid->table.columns.size(), 4u);
  EXPECT_EQ(grid->table.columns[2].values[1].text, "99.5");
  EXPECT_EQ(grid->table.columns[3].values[1].text, "python3 train.py --all");
}

TEST(GridTest, ReadsRuledRowsOfSeveralLinesAsOneRow) {
  std::vector<std::string_view> lines = {"┌────┬──────┐", "│ id │ text │", "├────┼──────┤"};
  for (size_t i = 0; i < 4; ++i) lines.insert(lines.end(), {"│ 7  │ long │", "│    │ text │", "├────┼──────┤"});
  LineArena arena;
  const std::optional<Grid> grid = ReadDrawnGrid(lines, 0, lines.size(), &arena);
  ASSERT_TRUE(grid.has_value());
  EXPECT_EQ(grid->rows.size(), 4u);
  EXPECT_EQ(grid->rows[1].begin, 6u);
  EXPECT_EQ(grid->rows[1].end, 9u);
}

}  // namespace
}  // namespace headroom::text
