// Bytes on their way to a socket. Small pieces share a string, large ones keep their own; one sendmsg for all.
#pragma once
#include <string>
#include <vector>

namespace carillon::http::detail {

class WriteQueue {
 public:
  enum class Outcome { ALL_WRITTEN, BLOCKED, FAILED };

  std::string& tail();             // to append small pieces to
  void push(std::string&& bytes);  // a large piece
  bool empty() const {
    return first_ == pieces_.size() || (pieces_.size() == first_ + 1 && pieces_[first_].size() == offset_);
  }
  std::size_t bytes() const;                                    // still to be written
  std::size_t bytes_written() const { return bytes_written_; }  // in all
  Outcome write_to(int socket);                                 // as much as the socket takes without blocking
  void clear();

 private:
  void drop_written(std::size_t bytes);

  std::vector<std::string> pieces_;
  std::size_t first_ = 0;   // pieces before are written
  std::size_t offset_ = 0;  // written bytes of pieces_[first_]
  std::size_t bytes_written_ = 0;
};

}  // namespace carillon::http::detail
