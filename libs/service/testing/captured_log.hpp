// What the process logs while a test looks: standard error goes here until give_back(), or until this is destroyed.
#pragma once
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

namespace carillon::testing {

class CapturedLog {
 public:
  CapturedLog() : file_(std::tmpfile()), saved_(::dup(STDERR_FILENO)) { ::dup2(::fileno(file_), STDERR_FILENO); }
  ~CapturedLog() {
    give_back();
    std::fclose(file_);
  }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  // All of it; standard error is what it was from now on.
  std::string text() {
    give_back();
    return so_far();
  }
  // How many lines of that event there are so far.
  int lines_of(std::string_view event) const {
    const std::string wanted = "\"event\":\"" + std::string(event) + "\"", text = so_far();
    int found = 0;
    for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) ++found;
    return found;
  }

 private:
  std::string so_far() const {
    std::string text;
    std::array<char, 4'096> part{};
    while (true) {  // without moving to where the next line is written
      const ssize_t read = ::pread(::fileno(file_), part.data(), part.size(), static_cast<off_t>(text.size()));
      if (read <= 0) return text;
      text.append(part.data(), static_cast<std::size_t>(read));
    }
  }
  void give_back() {
    if (saved_ < 0) return;
    std::fflush(stderr);
    ::dup2(saved_, STDERR_FILENO);
    ::close(std::exchange(saved_, -1));
  }
  std::FILE* file_;
  int saved_;
};

}  // namespace carillon::testing
