// The pages a person sees who follows a link to unsubscribe: plain HTML with its own style, no script, nothing from
// elsewhere. Thread-safe.
#pragma once
#include <string>

#include "http/message.hpp"

namespace carillon::orchestrator {

enum class UnsubscribePage {
  ASK,        // 200: what will happen, and the button
  DONE,       // 200
  UNKNOWN,    // 404: the link is none of ours
  NOT_ASKED,  // 400: a POST without the form
  LATER       // 503: the database is away
};

// `category` is shown by ASK and DONE. Never says whether an address is known.
http::Response unsubscribe_page(UnsubscribePage page, const std::string& category = {});

}  // namespace carillon::orchestrator
