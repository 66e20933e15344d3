// What a person may write as a new version of a template: everything that can be known before it is used. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/core/template_meta.hpp"

namespace carillon::orchestrator {

inline constexpr std::size_t draft_locales_max = 40;
inline constexpr std::size_t subject_source_bytes_max = 500;
inline constexpr std::size_t text_source_bytes_max = 32 * 1024;
inline constexpr std::size_t html_source_bytes_max = 96 * 1024;
inline constexpr std::size_t sms_source_bytes_max = 4 * 1024;

// What is wrong with one part of one locale's words. `part`: locale, subject, text or html.
struct DraftProblem {
  std::string locale, part, detail;
};

// A language tag with - alone: no message asks for one with _ (choose_locale).
bool is_template_locale(std::string_view locale);

// Of all locales of a version; none: it may be stored. Each locale is there once, the template's default one among
// them. Parts have their lengths, hold no control characters but line breaks (a subject not even these), use allowed
// tags (template_tags.hpp) and declared variables only, and render with the template's sample variables. SMS have a
// text only, chat messages no HTML. Where recipients may unsubscribe, text and HTML hold {{unsubscribe_url}}.
std::vector<DraftProblem> find_draft_problems(const TemplateMeta& meta, const std::vector<TemplateBody>& bodies);

// As the editor's forms send it: CR LF becomes LF, line breaks at the end go.
std::string with_plain_line_breaks(std::string_view text);

// Top-level names of meta's variables, required ones first, with {{client.…}} and {{unsubscribe_url}} left out.
std::vector<std::string> declared_variables(const TemplateMeta& meta);

}  // namespace carillon::orchestrator
