#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "cli/banner.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/running_proxy.h"
#include "cli/setting_options.h"

namespace headroom::cli {
namespace {

constexpr int kNotFound = 127;  // as a shell says it
constexpr int kSignalled = 128;
constexpr int kStartSteps = 300;  // of 50 ms
constexpr useconds_t kStepMicros = 50'000;

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Replaces this process. Returns what a shell would where it cannot.
int Exec(std::vector<std::string> words) {
  execvp(words.front().c_str(), Pointers(words).data());
  const int why = errno;
  return Fail(why == ENOENT ? kNotFound : kNotFound - 1, words.front() + ": " + std::strerror(why));
}

void SetClientVariables(const Config& config) {
  const std::string url = LocalUrl(config);
  setenv("ANTHROPIC_BASE_URL", url.c_str(), 1);
  setenv("OPENAI_BASE_URL", (url + "/v1").c_str(), 1);
  setenv("OPENAI_API_BASE", (url + "/v1").c_str(), 1);
  if (config.proxy_token.empty()) return;
  const char* const given = std::getenv("ANTHROPIC_CUSTOM_HEADERS");
  const std::string own = given == nullptr || *given == '\0' ? "" : std::string(given) + "\n";
  setenv("ANTHROPIC_CUSTOM_HEADERS", (own + "x-headroom-token: " + config.proxy_token).c_str(), 1);
}

// The options of this command that a proxy has, too, as they were written.
std::vector<std::string> ProxyWords(const Given& given) {
  std::vector<std::string> words = {"/proc/self/exe", "proxy"};
  for (const Assignment& assignment : SettingAssignments(given)) {
    words.push_back(assignment.where);
    if (assignment.option->kind != Kind::kSwitch) words.push_back(assignment.text);
  }
  return words;
}

// Of the proxy that runs as long as the program. It writes to a file of its own.
pid_t StartProxy(const Given& given, const std::string& log_file) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  setpgid(0, 0);  // Ctrl+C is for the program
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int log = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (null < 0 || log < 0) _exit(1);
  dup2(null, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  std::vector<std::string> words = ProxyWords(given);
  execv(words.front().c_str(), Pointers(words).data());
  _exit(1);
}

// False where it ended, or took too long.
bool WaitForProxy(const Config& config, pid_t proxy) {
  for (int step = 0; step < kStartSteps; ++step) {
    if (waitpid(proxy, nullptr, WNOHANG) == proxy) return false;
    if (LookAtAddress(config).what == AtAddress::What::kHeadroom) return true;
    usleep(kStepMicros);
  }
  return false;
}

int ExitStatusOf(int wait_status) {
  return WIFSIGNALED(wait_status) ? kSignalled + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

int WaitFor(pid_t child) {
  int wait_status = 0;
  while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR) continue;
  return ExitStatusOf(wait_status);
}

// Runs the program, and ends the proxy after it.
int RunBeside(pid_t proxy, std::vector<std::string> words) {
  // A terminal's signals go to the program, which is in this process group; this process outlives it.
  signal(SIGINT, SIG_IGN);
  signal(SIGQUIT, SIG_IGN);
  const pid_t program = fork();
  if (program == 0) {
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // without the proxy it could not go on
    _exit(Exec(std::move(words)));
  }
  const int exit_status = program < 0 ? Fail(kFailed, std::string("fork: ") + std::strerror(errno)) : WaitFor(program);
  kill(proxy, SIGTERM);
  WaitFor(proxy);
  return exit_status;
}

int Run(const Given& given, const Environment& environment) {
  const Result<Config> config = Load(SettingAssignments(given), environment);
  if (!config.ok()) return Fail(kUsageError, config.status().detail());
  const AtAddress found = LookAtAddress(*config);
  if (found.what == AtAddress::What::kSomethingElse) {
    return Fail(kFailed, "what answers at " + LocalUrl(*config) + " is no headroom (" + found.detail +
                             "): --port names another port");
  }
  SetClientVariables(*config);
  if (found.what == AtAddress::What::kHeadroom) return Exec(given.arguments());
  if (given.On("--no-start")) return Fail(kFailed, "no proxy answers at " + LocalUrl(*config) + ": headroom proxy");

  std::error_code ignored;
  if (std::filesystem::create_directories(config->data_dir, ignored)) chmod(config->data_dir.c_str(), 0700);
  const std::string log_file = config->data_dir + "/run.log";
  const pid_t proxy = StartProxy(given, log_file);
  if (proxy < 0) return Fail(kFailed, std::string("fork: ") + std::strerror(errno));
  if (WaitForProxy(*config, proxy)) return RunBeside(proxy, given.arguments());
  kill(proxy, SIGKILL);
  waitpid(proxy, nullptr, 0);
  return Fail(kFailed, "the proxy did not start: " + log_file + " says why");
}

}  // namespace

Command RunCommand() {
  return {
      .name = "run",
      .summary = "Run one program with its requests through the proxy",
      .usage = {"[OPTIONS] PROGRAM [ARGUMENT...]", "[OPTIONS] -- PROGRAM [ARGUMENT...]"},
      .about =
          "Runs PROGRAM with ANTHROPIC_BASE_URL, OPENAI_BASE_URL and OPENAI_API_BASE set to the proxy, and with the "
          "proxy token among ANTHROPIC_CUSTOM_HEADERS where there is one: headroom run claude. Where no proxy "
          "answers yet, one is started with the same settings for as long as PROGRAM runs; what it says is in "
          "run.log in the data directory. The options of headroom proxy hold here, too (--port, --config); "
          "behind PROGRAM everything is its own.",
      .options = {{.flag = "--no-start", .help = "Start no proxy where none answers"}},
      .arguments = {{.name = "PROGRAM", .noun = "program", .required = true, .repeated = true}},
      .exit_status =
          "that of PROGRAM, 128 and the number of a signal that ended it; 1 no proxy; 2 an option cannot "
          "be read; 127 there is no such program.",
      .hidden_options = SettingOptions(),
      .passes_on = true,
      .run = Run};
}

}  // namespace headroom::cli
