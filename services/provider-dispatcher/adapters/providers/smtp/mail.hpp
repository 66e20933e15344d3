// One mail as libcurl takes it: header lines, and MIME parts that are read in pieces while the mail is sent.
//
//   text alone or HTML alone            one part
//   both                                multipart/alternative
//   with attachments                    the above, then the attachments, in multipart/mixed
#pragma once
#include <curl/curl.h>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "provider-dispatcher/adapters/providers/smtp/settings.hpp"
#include "provider-dispatcher/core/provider.hpp"

namespace carillon::dispatcher::smtp {

// "<message_id>.<attempt>@<domain of the sender>", without angle brackets: the id that bounces and relays' logs show.
std::string mail_id(const SmtpSettings& settings, const OutboundMessage& message);

// Throws std::runtime_error naming the option when libcurl refuses one: a fault of this program.
void check(CURLcode code);

// Owns a list of lines; libcurl copies each.
class Lines {
 public:
  Lines() = default;
  ~Lines() { curl_slist_free_all(list_); }
  Lines(Lines&& other) noexcept : list_(std::exchange(other.list_, nullptr)) {}
  Lines& operator=(Lines&&) = delete;
  void add(const std::string& line);
  curl_slist* get() const { return list_; }
  void release() { list_ = nullptr; }  // somebody else frees it

 private:
  curl_slist* list_ = nullptr;
};

Lines mail_headers(const SmtpSettings& settings, const OutboundMessage& message, UtcTime now);

// Used by one transfer of `curl`, which must outlive it, as must the message.
class MailBody {
 public:
  MailBody(CURL* curl, const OutboundMessage& message);
  MailBody(const MailBody&) = delete;
  MailBody& operator=(const MailBody&) = delete;
  curl_mime* get() const { return mixed_.get(); }
  // Every part was read to its end: the mail is as good as handed over.
  bool all_read() const;

 private:
  struct Part {
    std::string_view bytes;
    std::size_t at = 0;
    bool end_read = false;
  };
  static std::size_t read(char* buffer, std::size_t size, std::size_t count, void* part);
  static int seek(void* part, curl_off_t offset, int origin);
  curl_mimepart* add(curl_mime* to, std::string_view bytes, const char* type, const char* encoder);
  void add_text(curl_mime* to, std::string_view text, const char* type);
  void add_texts(CURL* curl, const OutboundMessage& message);
  void add_attachment(const Attachment& attachment);

  std::deque<std::string> texts_;  // what parts of text read from
  std::deque<Part> parts_;         // libcurl keeps their addresses
  const std::unique_ptr<curl_mime, decltype(&curl_mime_free)> mixed_;
};

}  // namespace carillon::dispatcher::smtp
