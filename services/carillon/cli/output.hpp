// What the command line prints: tables for people, one JSON object a line for programs, exit codes that mean something.
#pragma once
#include <string>
#include <vector>

namespace carillon::cli {

enum ExitCode { DONE = 0, REFUSED = 1, WRONG_USAGE = 2, NOT_REACHABLE = 3 };

// Ends the command: main prints `message` on standard error and exits with `code`.
struct CommandFailed {
  ExitCode code;
  std::string message;  // what is wrong and the setting or command that mends it
};

// Aligned columns under a head; the last column is never padded. Widths count code points.
std::string table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows);

// Without control characters, so that what a stranger wrote into a message can't drive the terminal.
std::string for_terminal(std::string_view text);

}  // namespace carillon::cli
