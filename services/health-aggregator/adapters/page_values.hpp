// What the dashboard's templates are filled with: messages, states, times. Pure but for the embedded templates.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "health-aggregator/core/status_words.hpp"
#include "pages/page.hpp"

namespace carillon::health {

// A file of web/; throws std::logic_error when there is none.
std::string_view page_file(std::string_view path);
// A template without the frame, for parts of pages.
std::string fragment(std::string_view path, pages::Values values);

pages::Values list_values();
pages::Values object_values();
// CSS class of a state: good, warn, bad.
const char* class_of(Tone tone);

// Rows of web/message_rows.mustache; `full` ones have client and id too.
std::string message_rows(const std::vector<MessageView>& messages, bool full, UtcTime now);
// How long it took from acceptance to a provider, or to the end of trying; "" while it lasts.
std::string took_text(const MessageView& message);

// Whether the text is a recipient's reference; the tag of an erasure, which stands in its place, is none.
bool is_reference(std::string_view text);

// Path and query, percent-encoded; empty values are left out.
std::string link_to(std::string_view path, const std::vector<std::pair<std::string, std::string>>& query);

}  // namespace carillon::health
