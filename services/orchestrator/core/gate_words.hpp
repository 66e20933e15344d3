// What has to be true for a template's messages to go out, in sentences for people. Pure.
#pragma once
#include <string>
#include <vector>

#include "orchestrator/core/template_meta.hpp"

namespace carillon::orchestrator {

std::string channel_words(events::Channel channel);     // "E-mail"
std::string audience_words(events::Audience audience);  // "Clients"
std::vector<std::string> gate_words(const TemplateMeta& meta);

}  // namespace carillon::orchestrator
