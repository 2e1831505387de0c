#include "text/prose_excerpt_sections.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom::text {
namespace {

Query Ask(std::string_view question) {
  return Query(Input{.text = "", .tool_name = "", .tool_arguments = "", .question = question});
}

SectionUnit Heading(std::string_view text, uint8_t level) { return {text, level, 5}; }
SectionUnit Passage(std::string_view text, size_t tokens = 300) { return {text, 0, tokens}; }

// A manual: what is kept of it is told by the index of the unit.
const std::vector<SectionUnit>& Manual() {
  static const std::vector<SectionUnit> units = {
      Heading("# Manual", 1),                                     // 0
      Passage("Read this before the first use."),                 // 1
      Heading("## 2. Timeouts", 2),                               // 2
      Passage("The client waits 30 seconds for a reply."),        // 3
      Heading("### 2.1 Retries", 3),                              // 4
      Passage("A request is sent 3 times."),                      // 5
      Heading("## 3. Proxies", 2),                                // 6
      Passage("Set HTTPS_PROXY to the address of the proxy."),    // 7
      Heading("## 4. Certificates", 2),                           // 8
      Passage("Bundles are read from /etc/ssl; see CA_BUNDLE."),  // 9
      Heading("## 5. Connection pools", 2),                       // 10
      Passage("Ten connections stay open for each host."),        // 11
  };
  return units;
}

std::string KeptOf(std::string_view question, size_t budget = 400) {
  const std::optional<SectionChoice> choice = ChooseSections(Manual(), Ask(question), question, budget);
  if (!choice.has_value()) return "nothing chosen";
  std::string kept;
  for (size_t i = 0; i < choice->kept.size(); ++i) {
    if (choice->kept[i] && Manual()[i].heading == 0) kept += std::to_string(i) + " ";
  }
  return kept;
}

TEST(ChooseSectionsTest, ANamedSectionStaysWithAllBelowIt) {
  EXPECT_EQ(KeptOf("What does the section \"Timeouts\" say?"), "3 5 ");
  EXPECT_EQ(KeptOf("What does '2. Timeouts' say?"), "3 5 ");
  EXPECT_EQ(KeptOf("What does \"Retries\" say?"), "5 ");
}

TEST(ChooseSectionsTest, AHeadingOfSeveralWordsNeedsNoQuotes) {
  EXPECT_EQ(KeptOf("Please explain the connection pools section"), "11 ");
}

TEST(ChooseSectionsTest, AllHeadingsStay) {
  const std::string_view question = "What does \"Proxies\" say?";
  const std::optional<SectionChoice> choice = ChooseSections(Manual(), Ask(question), question, 100);
  ASSERT_TRUE(choice.has_value());
  EXPECT_TRUE(choice->by_name);
  for (size_t i = 0; i < Manual().size(); ++i) {
    EXPECT_TRUE(choice->kept[i] || Manual()[i].heading == 0) << i;
  }
}

TEST(ChooseSectionsTest, AFurtherPartOfTheQuestionKeepsItsPassage) {
  EXPECT_EQ(KeptOf("What does \"Timeouts\" say, and what is CA_BUNDLE?"), "3 5 9 ");
  EXPECT_EQ(KeptOf("What does \"Timeouts\" say, and how do proxies work?"), "3 5 7 ");
}

TEST(ChooseSectionsTest, WithoutANameTheBestSectionsFillTheBudget) {
  EXPECT_EQ(KeptOf("How many seconds does the client wait for a reply?", 350), "3 ");
}

TEST(ChooseSectionsTest, AWordOfAHeadingLeadsToItsSection) {
  EXPECT_EQ(KeptOf("Why are bundles of certificates read from there?", 1), "9 ");
}

TEST(ChooseSectionsTest, NothingIsChosenWhereNothingSinglesAPartOut) {
  EXPECT_EQ(KeptOf("What is this about?"), "nothing chosen");
  EXPECT_EQ(KeptOf("Which zebra?"), "nothing chosen");
  EXPECT_EQ(KeptOf("List all connections and each host"), "nothing chosen");
  EXPECT_EQ(KeptOf(""), "nothing chosen");
}

TEST(ChooseSectionsTest, ATaskSinglesNothingOutByItsWords) {
  const std::vector<SectionUnit> units = {
      Heading("# Guide", 1),         Passage("Read this before the first use of the program."),
      Heading("## The problem", 2),  Passage("To continue with a task, fix the problem first."),
      Heading("## Proxies", 2),      Passage("Set HTTPS_PROXY to the address of the proxy."),
      Heading("## Certificates", 2), Passage("Bundles of certificates are found in /etc/ssl."),
  };
  const auto chooses = [&](std::string_view question) {
    return ChooseSections(units, Ask(question), question, 400).has_value();
  };
  EXPECT_FALSE(chooses("Please continue with the task and fix the problem."));
  EXPECT_FALSE(chooses("Can you continue the task? What is the problem, and how do we fix it?"));
  EXPECT_FALSE(chooses("Move the bundles of certificates to the new host."));
  EXPECT_TRUE(chooses("Where are the bundles of certificates?"));
}

TEST(ChooseSectionsTest, OneRareWordOfAQuestionIsNotEnough) {
  EXPECT_EQ(KeptOf("Why did the host go away after the party?"), "nothing chosen");
  EXPECT_EQ(KeptOf("Why did 30 of them go away?"), "nothing chosen");
}

TEST(ChooseSectionsTest, AQuestionAboutWhatTheTextHasNotSinglesNothingOut) {
  EXPECT_NE(KeptOf("Do ten connections stay with a zebra or giraffe?"), "nothing chosen");  // two of five
  EXPECT_EQ(KeptOf("Do ten connections stay with a zebra, giraffe or lion?"), "nothing chosen");
}

TEST(ChooseSectionsTest, ATaskNamesAPartByWhatItsHeadingOrEntryBeginsWith) {
  EXPECT_EQ(KeptOf("Replace CA_BUNDLE everywhere."), "nothing chosen");
  EXPECT_NE(KeptOf("Where is CA_BUNDLE read?").find("9 "), std::string::npos);
  const std::vector<SectionUnit> options = {
      Passage("--retry <n>      Try again", 130), Passage("--limit-rate <n> Slow down", 130),
      Passage("--proxy <host>   Go through a host", 130), Passage("--head           Only the head", 130),
      Passage("--silent         Say nothing", 130)};
  const std::string_view task = "Add support for the option --retry to the client.";
  const std::optional<SectionChoice> choice = ChooseSections(options, Ask(task), task, 140);
  ASSERT_TRUE(choice.has_value());
  EXPECT_TRUE(choice->kept[0]);
  EXPECT_FALSE(choice->kept[4]);
}

TEST(ChooseSectionsTest, AStatementOfMoreThanAHundredWordsIsNoQuestion) {
  std::string filler;
  for (int i = 0; i < 94; ++i) filler += "word ";
  EXPECT_EQ(KeptOf(filler + "What does the section \"Timeouts\" say?"), "3 5 ");                // 100
  EXPECT_EQ(KeptOf(filler + "And what does the section \"Timeouts\" say?"), "nothing chosen");  // 101
}

TEST(ChooseSectionsTest, ATextWithoutHeadingsIsChosenByPassage) {
  std::vector<std::string> lines;
  for (int i = 0; i < 100; ++i)
    lines.push_back("--option-" + std::to_string(i) + " sets the level of thing " + std::to_string(i));
  lines[40] = "--limit-rate <speed> Limit transfer speed to RATE";
  std::vector<SectionUnit> units;
  for (const std::string& line : lines) units.push_back({line, 0, 12});
  const std::string_view question = "Which options limit the transfer rate?";
  const std::optional<SectionChoice> choice = ChooseSections(units, Ask(question), question, 200);
  ASSERT_TRUE(choice.has_value());
  EXPECT_TRUE(choice->kept[40]);
  EXPECT_FALSE(choice->kept[80]);
}

TEST(ChooseSectionsTest, NoUnitsAreNoChoice) { EXPECT_FALSE(ChooseSections({}, Ask("x"), "x", 100).has_value()); }

}  // namespace
}  // namespace headroom::text
