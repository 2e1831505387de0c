// Agents as people write them: each client library's own tool loop, with one tool, Bash, and the library's own way of
// keeping the conversation.
//
//   const agent = new AGENTS['ai, Messages']({ url: proxy.url, key, bash: (command) => output, stream: true });
//   await agent.ask('Why?');      -> the text of each assistant message of this turn
//   await agent.seen();           -> all that the client was given: bytes of replies, events, its history
//
// Further options: thinking (Messages: the model thinks; the library keeps the thought).
// AGENTS[...].api is 'anthropic' or 'openai', .streamsOnly says that the client knows no plain replies.

import Anthropic from '@anthropic-ai/sdk';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { ChatAnthropic } from '@langchain/anthropic';
import {
  HumanMessage,
  SystemMessage,
  mapChatMessagesToStoredMessages,
  mapStoredMessagesToChatMessages,
} from '@langchain/core/messages';
import { tool as langChainTool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import {
  convertToModelMessages,
  generateText,
  readUIMessageStream,
  stepCountIs,
  streamText,
  tool as vercelTool,
} from 'ai';
import OpenAI from 'openai';
import { z } from 'zod';

const SYSTEM = 'You are a careful engineer.';
const MAX_STEPS = 8;
const THINKING = 1024; // tokens
const MODELS = { anthropic: 'claude-sonnet-4-5', thinking: 'claude-sonnet-5-5', openai: 'gpt-5.1' };
const BASH = { name: 'Bash', description: 'Runs a command' };
const INPUT = z.object({ command: z.string() });
const SCHEMA = { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] };

class Agent {
  constructor({ url, key, bash, stream, thinking = false }) {
    Object.assign(this, { url, key, bash, stream, thinking });
    this.messages = [];
    this.events = [];
    this.bodies = [];
    // Keeps a copy of each reply's bytes.
    this.fetch = async (target, init) => {
      const response = await fetch(target, init);
      this.bodies.push(response.clone().text());
      return response;
    };
  }

  async seen() {
    return [...(await Promise.all(this.bodies)), JSON.stringify([this.events, this.messages])].join('\n');
  }
}

// Beta tool runner.
class AnthropicAgent extends Agent {
  static api = 'anthropic';

  async ask(text) {
    const client = new Anthropic({ apiKey: this.key, baseURL: this.url, maxRetries: 0, fetch: this.fetch });
    this.messages.push({ role: 'user', content: text });
    const runner = client.beta.messages.toolRunner({
      model: this.thinking ? MODELS.thinking : MODELS.anthropic,
      max_tokens: 4096,
      max_iterations: MAX_STEPS,
      system: SYSTEM,
      ...(this.thinking ? { thinking: { type: 'enabled', budget_tokens: THINKING } } : {}),
      messages: this.messages,
      tools: [{ ...BASH, input_schema: SCHEMA, run: ({ command }) => this.bash(command), parse: (input) => input }],
      stream: this.stream,
    });
    const texts = [];
    for await (const step of runner) {
      if (this.stream) step.on('streamEvent', (event) => this.events.push(event));
      const { content } = this.stream ? await step.finalMessage() : step;
      texts.push(content.map((block) => block.text ?? '').join(''));
    }
    this.messages = runner.params.messages;
    return texts;
  }
}

class OpenAiAgent extends Agent {
  static api = 'openai';

  async ask(text) {
    const client = new OpenAI({ apiKey: this.key, baseURL: `${this.url}/v1`, maxRetries: 0, fetch: this.fetch });
    if (this.messages.length === 0) this.messages.push({ role: 'system', content: SYSTEM });
    this.messages.push({ role: 'user', content: text });
    const runner = client.chat.completions.runTools(
      {
        model: MODELS.openai,
        messages: this.messages,
        stream: this.stream,
        tools: [
          {
            type: 'function',
            function: { ...BASH, parameters: SCHEMA, parse: JSON.parse, function: ({ command }) => this.bash(command) },
          },
        ],
      },
      { maxChatCompletions: MAX_STEPS },
    );
    const before = this.messages.length;
    if (this.stream) runner.on('chunk', (chunk) => this.events.push(chunk));
    await runner.done();
    this.messages = runner.messages;
    return this.messages
      .slice(before)
      .filter(({ role }) => role === 'assistant')
      .map(({ content }) => content ?? '');
  }
}

class VercelAgent extends Agent {
  // Each step marks its last message for the cache, as the library's documentation has it.
  options(messages) {
    const mark = { anthropic: { cacheControl: { type: 'ephemeral' } } };
    return {
      model: this.model(),
      system: SYSTEM,
      messages,
      prepareStep: ({ messages: all }) => ({
        messages: all.map((message, i) => (i === all.length - 1 ? { ...message, providerOptions: mark } : message)),
      }),
      tools: {
        Bash: vercelTool({
          description: BASH.description,
          inputSchema: INPUT,
          execute: ({ command }) => this.bash(command),
        }),
      },
      stopWhen: stepCountIs(MAX_STEPS),
      maxRetries: 0,
      ...(this.thinking ? { providerOptions: { anthropic: { thinking: { type: 'adaptive' } } } } : {}),
    };
  }

  async ask(prompt) {
    this.messages.push({ role: 'user', content: prompt });
    const options = this.options(this.messages);
    const result = this.stream ? await this.streamed(options) : await generateText(options);
    this.messages.push(...(await result.response).messages);
    return (await result.steps).map(({ text }) => text);
  }

  async streamed(options) {
    const result = streamText({ ...options, onError: () => {} });
    for await (const part of result.fullStream) {
      if (part.type === 'error') throw part.error;
      this.events.push(part);
    }
    return result;
  }
}

class VercelMessagesAgent extends VercelAgent {
  static api = 'anthropic';

  model() {
    const provider = createAnthropic({ apiKey: this.key, baseURL: `${this.url}/v1`, fetch: this.fetch });
    return provider(this.thinking ? MODELS.thinking : MODELS.anthropic);
  }
}

class VercelChatAgent extends VercelAgent {
  static api = 'openai';

  model() {
    return createOpenAI({ apiKey: this.key, baseURL: `${this.url}/v1`, fetch: this.fetch }).chat(MODELS.openai);
  }
}

// A chat in a browser keeps the library's UI messages as JSON and sends them with each question.
const inABrowser = (Base) =>
  class extends Base {
    static streamsOnly = true;

    async ask(text) {
      this.messages.push({ id: `user-${this.messages.length}`, role: 'user', parts: [{ type: 'text', text }] });
      const result = streamText({ ...this.options(await convertToModelMessages(this.messages)), onError: () => {} });
      let last;
      for await (const message of readUIMessageStream({
        stream: result.toUIMessageStream(),
        terminateOnError: true,
      })) {
        this.events.push((last = message));
      }
      this.messages.push(JSON.parse(JSON.stringify(last)));
      return (await result.steps).map((step) => step.text);
    }
  };

// Messages are kept as JSON between questions, as the library's chat histories keep them.
class LangChainAgent extends Agent {
  async ask(text) {
    const stored = JSON.stringify(mapChatMessagesToStoredMessages(this.messages));
    this.messages = mapStoredMessagesToChatMessages(JSON.parse(stored));
    if (this.messages.length === 0) this.messages.push(new SystemMessage(SYSTEM));
    this.messages.push(new HumanMessage(text));
    const bash = langChainTool(({ command }) => this.bash(command), { ...BASH, schema: INPUT });
    const model = this.model().bindTools([bash]);
    const texts = [];
    for (let step = 0; step < MAX_STEPS; ++step) {
      const message = this.stream ? await this.streamed(model) : await model.invoke(this.messages);
      this.messages.push(message);
      texts.push(message.text);
      if (!message.tool_calls?.length) break;
      for (const call of message.tool_calls) this.messages.push(await bash.invoke(call));
    }
    return texts;
  }

  async streamed(model) {
    let message;
    for await (const chunk of await model.stream(this.messages)) {
      this.events.push(chunk);
      message = message === undefined ? chunk : message.concat(chunk);
    }
    return message;
  }
}

class LangChainMessagesAgent extends LangChainAgent {
  static api = 'anthropic';

  model() {
    return new ChatAnthropic({
      model: this.thinking ? MODELS.thinking : MODELS.anthropic,
      apiKey: this.key,
      anthropicApiUrl: this.url,
      maxTokens: 4096,
      maxRetries: 0,
      clientOptions: { fetch: this.fetch },
      ...(this.thinking ? { thinking: { type: 'enabled', budget_tokens: THINKING } } : {}),
    });
  }
}

class LangChainChatAgent extends LangChainAgent {
  static api = 'openai';

  model() {
    return new ChatOpenAI({
      model: MODELS.openai,
      apiKey: this.key,
      maxRetries: 0,
      configuration: { baseURL: `${this.url}/v1`, fetch: this.fetch },
    });
  }
}

export const AGENTS = {
  '@anthropic-ai/sdk': AnthropicAgent,
  openai: OpenAiAgent,
  'ai, Messages': VercelMessagesAgent,
  'ai, Chat Completions': VercelChatAgent,
  'ai in a browser, Messages': inABrowser(VercelMessagesAgent),
  'ai in a browser, Chat Completions': inABrowser(VercelChatAgent),
  'LangChain, Messages': LangChainMessagesAgent,
  'LangChain, Chat Completions': LangChainChatAgent,
};
