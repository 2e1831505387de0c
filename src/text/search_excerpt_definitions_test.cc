#include "text/search_excerpt_definitions.h"

#include <gtest/gtest.h>

namespace headroom::text {
namespace {

TEST(SearchDefinitionsTest, FindsWhatALineDefinesInManyLanguages) {
  const auto name = [](std::string_view code) { return DefinitionIn(code).name; };
  EXPECT_EQ(name("def prompt("), "prompt");
  EXPECT_EQ(name("    async def prompt_for_value(self, ctx: Context) -> t.Any:"), "prompt_for_value");
  EXPECT_EQ(name("class CommanderError extends Error {"), "CommanderError");
  EXPECT_EQ(name("export default class A {"), "A");
  EXPECT_EQ(name("export async function* walk(root) {"), "walk");
  EXPECT_EQ(name("func (group *RouterGroup) combineHandlers(h HandlersChain) HandlersChain {"), "combineHandlers");
  EXPECT_EQ(name("type HandlersChain []HandlerFunc"), "HandlersChain");
  EXPECT_EQ(name("    pub fn disable_recursion_limit(&mut self) {"), "disable_recursion_limit");
  EXPECT_EQ(name("pub(crate) struct Pool<T> {"), "Pool");
  EXPECT_EQ(name("macro_rules! check {"), "check");
  EXPECT_EQ(name("#define MAX_POOL 12"), "MAX_POOL");
  EXPECT_EQ(name("impl Display for Error {"), "Display for Error");
  EXPECT_EQ(name("int PoolSize(struct pool *p)"), "PoolSize");
  EXPECT_EQ(name("  public static int size(List<String> of) {"), "size");
  EXPECT_EQ(name("  constructor(options, isServer, maxPayload) {"), "constructor");
  EXPECT_EQ(name("const composeSignals = (signals, timeout) => {"), "composeSignals");
  EXPECT_EQ(name("app.use = function use(fn) {"), "use");
  EXPECT_EQ(name("Pool.prototype.release = function (c) {"), "release");
}

TEST(SearchDefinitionsTest, TellsValuesFromNames) {
  EXPECT_TRUE(DefinitionIn("      maxPayload: 100 * 1024 * 1024,").by_number);
  EXPECT_EQ(DefinitionIn("      maxPayload: 100 * 1024 * 1024,").name, "maxPayload");
  EXPECT_TRUE(DefinitionIn("  timeout = 300").by_number);
  EXPECT_TRUE(DefinitionIn("  name: 'pool',").by_value);
  EXPECT_FALSE(DefinitionIn("  name: 'pool',").by_number);
  EXPECT_TRUE(DefinitionIn("var limit int = 5").by_number);
  EXPECT_TRUE(DefinitionIn("#define EAGAIN 11").by_number);
  EXPECT_FALSE(DefinitionIn("func limit() int {").by_value);
}

TEST(SearchDefinitionsTest, TakesNoUseForADefinition) {
  for (const std::string_view use : {"return prompt(x)", "if (prompt) {", "  x = prompt(y);", "for (const a of b(c)) {",
                                     "  timeout: config.timeout,", "import { prompt } from './a';", "// def prompt(",
                                     "* class A", "throw new Error(x) {", "prompt(a, b);",
                                     "items.forEach(function (x) {", "items.map((x) => {", "", "   ", "12"}) {
    EXPECT_EQ(DefinitionIn(use).name, "") << use;
  }
}

TEST(SearchDefinitionsTest, TellsImportsAndCommentsFromCode) {
  EXPECT_EQ(CodeLineKind("from .termui import prompt"), CodeLine::kImport);
  EXPECT_EQ(CodeLineKind("const ws = require('ws');"), CodeLine::kImport);
  EXPECT_EQ(CodeLineKind("#include <a.h>"), CodeLine::kImport);
  EXPECT_EQ(CodeLineKind("  # echo and prompt."), CodeLine::kComment);
  EXPECT_EQ(CodeLineKind("   * @param x"), CodeLine::kComment);
  EXPECT_EQ(CodeLineKind("*p = 1;"), CodeLine::kCode);
  EXPECT_EQ(CodeLineKind("#define X"), CodeLine::kCode);
}

}  // namespace
}  // namespace headroom::text
