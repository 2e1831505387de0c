// Points a client at the proxy and back. What its file was is kept in the data
// directory, so that undoing gives the same bytes again, or no file where there
// was none. Thread-compatible.

#pragma once

#include <optional>
#include <string>

#include "base/status.h"
#include "cli/client_config.h"
#include "cli/load.h"

namespace headroom::cli {

class ClientSetup {
 public:
  // `path` is the client's file.
  ClientSetup(const Client& client, std::string path, std::string data_dir);

  struct Change {
    std::string before;
    std::string after;
    bool exists = true;   // the file is there before
    bool remains = true;  // and afterwards
    bool none() const { return before == after && exists == remains; }
  };

  // Errors: kInvalidArgument, kUnavailable with a sentence that names the file.
  Result<Change> Plan(const std::string& url) const;
  // Keeps what was there, then writes. Errors: kUnavailable; the file is as it was.
  Status Apply(const Change& change) const;

  // Errors: kNotFound (nothing to undo), kFailedPrecondition (the file was changed since).
  Result<Change> PlanUndo() const;
  // Writes, then forgets what was there. Errors: kUnavailable.
  Status ApplyUndo(const Change& change) const;

  const std::string& path() const { return path_; }

 private:
  Result<std::optional<std::string>> ReadClientFile() const;
  // Writes through a link, keeps the file's mode; a new one is 0600.
  Status WriteClientFile(const std::string& text) const;
  std::string Kept(std::string_view what) const;

  const Client& client_;
  const std::string path_;
  const std::string folder_;  // of what is kept
};

// The lines that differ, with "-" and "+" before them and two equal ones around.
std::string ChangeText(const std::string& path, const ClientSetup::Change& change);

}  // namespace headroom::cli
