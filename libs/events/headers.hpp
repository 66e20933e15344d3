// Headers of a record: names and values in the order added, any bytes, names may repeat. They lie in one piece of
// memory, as they also lie in a stored batch, for a record has seven of them and there are many records.
#pragma once
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace carillon::events {

class Headers {
 public:
  using value_type = std::pair<std::string_view, std::string_view>;  // views live until the headers change

  Headers() = default;
  Headers(std::initializer_list<value_type> pairs) {
    for (const auto& [name, value] : pairs) emplace_back(name, value);
  }
  void emplace_back(std::string_view name, std::string_view value);
  void reserve_bytes(std::size_t bytes) { packed_.reserve(bytes); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Headers::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;
    Iterator() = default;
    explicit Iterator(std::string_view rest) : rest_(rest) { read(); }
    reference operator*() const { return current_; }
    pointer operator->() const { return &current_; }
    Iterator& operator++() {
      rest_ = after_;
      read();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(const Iterator& other) const { return rest_.size() == other.rest_.size(); }

   private:
    void read();
    std::string_view rest_, after_;
    value_type current_;
  };
  Iterator begin() const { return Iterator(packed_); }
  Iterator end() const { return Iterator(); }
  bool operator==(const Headers&) const = default;

  // Each name and value behind its length (unsigned LEB128).
  const std::string& packed() const { return packed_; }
  // Takes `count` packed headers off the front of `bytes`. False when they are not there; `bytes` is undefined then.
  static bool unpack(std::string_view& bytes, std::size_t count, Headers& out);

 private:
  std::string packed_;
  std::size_t size_ = 0;
};

// Unsigned LEB128, at most five bytes.
void append_length(std::string& out, std::size_t value);
bool take_length(std::string_view& bytes, std::size_t& value);

}  // namespace carillon::events
