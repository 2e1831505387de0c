#include "text/prose_excerpt_question.h"

#include <gtest/gtest.h>

#include "text/words.h"

namespace headroom::text {
namespace {

TEST(ProseQuestionTest, AQuestionIsToldFromATask) {
  EXPECT_TRUE(AsksSomething("Which option limits the rate?"));
  EXPECT_TRUE(AsksSomething("I read the manual. Does \"x?\" match (and why?) here"));
  EXPECT_TRUE(AsksSomething("where is the limit set"));
  EXPECT_TRUE(AsksSomething("根本原因是什么？请说明。"));
  EXPECT_FALSE(AsksSomething("Please continue with the task and fix the problem."));
  EXPECT_FALSE(AsksSomething("Whichever it is, fetch http://x.example/a?b=c and go on"));
  EXPECT_FALSE(AsksSomething(""));
}

TEST(ProseQuestionTest, WordsOfTasksAreKnownInTheirForms) {
  for (const char* word : {"fix", "fixes", "fixing", "continue", "continues", "problem", "problems", "task", "tests",
                           "failing", "failed", "refactoring", "able", "wrong"}) {
    EXPECT_TRUE(IsOfTasks(StemOf(word))) << word;
  }
  for (const char* pair : {"继续", "问题", "タス", "続け"}) EXPECT_TRUE(IsOfTasks(pair)) << pair;
  for (const char* word : {"redirect", "timeout", "certificate", "a", ""})
    EXPECT_FALSE(IsOfTasks(StemOf(word))) << word;
}

TEST(ProseQuestionTest, TellingWordsAreNeitherOfTheLanguageNorOfTasks) {
  EXPECT_EQ(CountTellingWords(" the problem "), 0U);
  EXPECT_EQ(CountTellingWords(" fix the connection pools "), 2U);
}

}  // namespace
}  // namespace headroom::text
